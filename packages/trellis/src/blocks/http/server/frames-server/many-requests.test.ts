import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import { afterEach, expect, it } from "vitest";
import { testRandom } from "../../../../testing/test-random.ts";
import { endAll, openFrames } from "./listener.contract.ts";

afterEach(endAll);

const requests = 120;
const bytesMax = 600_000;
const random = testRandom(5);

/** What the instance answers: the digest of what it was sent, then as many bytes as it was asked for. */
const listener: RequestListener = (request, response) => {
  const hash = createHash("sha256");
  request.on("data", (chunk) => hash.update(chunk));
  request.on("end", () => {
    const bytes = Number(request.headers["x-bytes"]);
    response.writeHead(200, { "x-digest": hash.digest("hex") });
    const send = (left: number): void => {
      if (left <= 0) response.end();
      else if (response.write(pattern(Math.min(left, 50_000)))) send(left - 50_000);
      else response.once("drain", () => send(left - 50_000));
    };
    send(bytes);
  });
};

interface Outcome {
  readonly digest: string | undefined;
  readonly bytes: number;
}

it("many requests at once, some given up at any moment, never get one another's bytes, and leave nothing", {
  timeout: 30_000,
}, async () => {
  const { server, port } = await openFrames(listener);
  const outcomes = { whole: 0, givenUp: 0 };
  const one = async (): Promise<void> => {
    const sent = pattern(Math.floor(random() * bytesMax * (random() < 0.5 ? 0.01 : 1)));
    const wanted = Math.floor(random() * bytesMax);
    const giveUpAfter = random() < 0.3 ? random() * wanted : Number.POSITIVE_INFINITY;
    const outcome = await ask(port, sent, wanted, giveUpAfter);
    if (outcome === "given up") outcomes.givenUp += 1;
    else {
      expect(outcome).toEqual({ digest: createHash("sha256").update(sent).digest("hex"), bytes: wanted });
      outcomes.whole += 1;
    }
  };
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker));
  expect(outcomes.whole + outcomes.givenUp).toBe(requests);
  expect(outcomes.givenUp).toBeGreaterThan(20);
  await expect.poll(() => server.streams).toBe(0);
});

function ask(port: number, sent: Buffer, wanted: number, giveUpAfter: number): Promise<Outcome | "given up"> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome | "given up">();
  const headers = { "x-bytes": String(wanted) };
  const asking = httpRequest({ port, host: "127.0.0.1", method: "POST", headers, agent: false });
  asking.on("error", reject);
  asking.on("response", (answer: IncomingMessage) => {
    let bytes = 0;
    answer.on("data", (chunk: Buffer) => {
      if (!chunk.equals(pattern(chunk.length, bytes))) reject(new Error(`Wrong bytes after ${bytes}`));
      bytes += chunk.length;
      if (bytes < giveUpAfter) return;
      resolve("given up");
      asking.destroy();
    });
    answer.on("error", reject);
    answer.on("end", () => resolve({ digest: answer.headers["x-digest"] as string, bytes }));
  });
  asking.end(sent);
  return promise;
}

const repeated = Buffer.alloc(
  2 * bytesMax + 50_000,
  Uint8Array.from({ length: 50_000 }, (_, index) => index % 251),
);

/** Bytes that tell their place, repeated every 50,000. */
function pattern(length: number, from = 0): Buffer {
  const at = from % 50_000;
  return repeated.subarray(at, at + length);
}
