import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { askLoad } from "./ask-load.ts";

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const load = { loopActiveMs: 1, loopIdleMs: 2, inFlight: 3, begun: 4, poolWaits: { boundsMs: [1], counts: [0, 0] } };

test("an instance's figures are read", async () => {
  const url = await answering((request, answer) =>
    answer.writeHead(request.url === "/loadz" ? 200 : 404).end(JSON.stringify(load)),
  );
  expect(await askLoad(url)).toEqual(load);
  expect(await askLoad(url)).toEqual(load);
});

test.each([
  ["no JSON", 200, "loaded"],
  ["nothing", 200, ""],
  ["null", 200, "null"],
  ["other figures", 200, JSON.stringify({ ...load, inFlight: "3" })],
  ["no waits", 200, JSON.stringify({ ...load, poolWaits: null })],
  ["a failure", 500, JSON.stringify(load)],
  ["more than figures could be", 200, JSON.stringify({ ...load, much: "x".repeat(100_000) })],
])("one that answers %s says nothing", async (_, status, text) => {
  const url = await answering((_request, answer) => answer.writeHead(status).end(text));
  expect(await askLoad(url)).toBeUndefined();
});

test("one that is gone, hangs or breaks off says nothing, and nobody waits long for it", async () => {
  expect(await askLoad("http://127.0.0.1:1")).toBeUndefined();
  expect(await askLoad(await answering(() => undefined))).toBeUndefined();
  const broken = await answering((_request, answer) => {
    answer.writeHead(200, { "content-length": "1000" });
    answer.write("{", () => answer.destroy());
  });
  expect(await askLoad(broken)).toBeUndefined();
});
