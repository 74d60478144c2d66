import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Upstream } from "../exchange.ts";
import { ask } from "./ask.contract.ts";
import { type FaultyOrigin, faultyOrigin, well, wellAnswer } from "./faulty-origin.contract.ts";
import { openHttpUpstream } from "./open-http-upstream.ts";

let origin: FaultyOrigin;
let upstream: Upstream;

beforeAll(async () => {
  origin = await faultyOrigin();
  upstream = openHttpUpstream({ address: { url: origin.url }, connectionsMax: 1 });
});

afterAll(async () => {
  upstream.close();
  await origin.close();
});

const good = [
  wellAnswer("hello"),
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-a: 1\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.0 200 OK\r\n\r\nuntil the end",
];

/** An answer of which a part is overwritten by any bytes, so that most of them are nearly right. */
const damaged = fc
  .tuple(fc.constantFrom(...good), fc.nat(), fc.nat(12), fc.uint8Array({ maxLength: 12 }))
  .map(([text, at, length, bytes]) => {
    const from = at % text.length;
    return Buffer.concat([Buffer.from(text.slice(0, from)), bytes, Buffer.from(text.slice(from + length))]);
  });

test("whatever bytes an origin answers, each request ends once, and the next one has its own answer", async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(damaged, fc.nat(200), async (bytes, split) => {
      runs += 1;
      origin.behave((socket) => {
        socket.write(bytes.subarray(0, split), () => socket.end(bytes.subarray(split)));
      });
      const { status, failure } = await ask(upstream);
      expect(failure !== undefined || (status >= 200 && status <= 999)).toBe(true);
      origin.behave(well);
      expect(await ask(upstream, { target: `/${runs}` })).toMatchObject({ status: 200, body: `well /${runs}` });
    }),
    { numRuns: 300, seed: 5 },
  );
}, 30_000);
