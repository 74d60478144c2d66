import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { contract } from "../../../model/contract.ts";
import { nothing, socket } from "../../../model/reply.ts";
import { get, post } from "../../../model/route.ts";
import type { ServiceDirectory } from "../../../model/service-directory.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { over } from "../conversation-end.ts";
import { isSocket, Unsent, type WireCall } from "../port.ts";
import { directoryTransport } from "./directory-transport.ts";

const reports = contract("reports", { make: post("/reports", { returns: nothing() }) });
const call: WireCall = { service: "reports", route: "make", method: "POST", params: {}, query: {}, headers: {} };

async function origin(): Promise<{ url: string; asked: () => number; close: () => Promise<void> }> {
  let asked = 0;
  const server: Server = createServer((_, answer) => {
    asked += 1;
    answer.writeHead(204, { connection: "close" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, asked: () => asked, close };
}

/** Where an instance greets whoever opens a WebSocket. */
async function talkingOrigin(): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (one, { headers }) => one.send(`"hello ${headers["x-request-id"]}"`));
  await once(server, "listening");
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface ScriptedDirectory extends ServiceDirectory {
  readonly looks: () => number;
  readonly wakes: () => number;
}

/** Says `now`, after it was asked to look again `later`, and once it has woken what was at rest `woken`. */
function directoryOf(now: readonly string[], later = now, woken = later): ScriptedDirectory {
  let present = now;
  let looks = 0;
  let wakes = 0;
  return {
    looks: () => looks,
    wakes: () => wakes,
    wake: async () => {
      wakes += 1;
      present = woken;
    },
    addressesOf: (service) => (service === "reports" ? present : []),
    refresh: async () => {
      looks += 1;
      present = later;
    },
  };
}

const transportOf = (directory: ServiceDirectory) =>
  directoryTransport(reports, { directory, clock: testClock(), random: testRandom() });

test("calls are spread over the instances that answer for the service", async () => {
  const [one, two] = [await origin(), await origin()];
  const send = transportOf(directoryOf([one.url, two.url]));
  for (let asked = 0; asked < 40; asked++) expect((await send(call)).status).toBe(204);
  expect(one.asked() + two.asked()).toBe(40);
  expect(Math.min(one.asked(), two.asked())).toBeGreaterThan(5);
});

test("instances that were replaced are found at once, and even a write is sent to those that came for them", async () => {
  const [old, next] = [await origin(), await origin()];
  await old.close();
  const directory = directoryOf([old.url], [next.url]);
  const send = transportOf(directory);
  expect((await send(call)).status).toBe(204);
  expect((await send(call)).status).toBe(204);
  expect(next.asked()).toBe(2);
  expect(directory.looks()).toBe(1);
});

test("an instance that does not answer is avoided while another does", async () => {
  const [gone, here] = [await origin(), await origin()];
  await gone.close();
  const send = transportOf(directoryOf([gone.url, here.url]));
  const failures: unknown[] = [];
  for (let asked = 0; asked < 20; asked++) await send(call).catch((error: unknown) => failures.push(error));
  expect(failures.length).toBeLessThanOrEqual(1);
  expect(here.asked()).toBe(20 - failures.length);
});

test("a service whose instances have gone to rest is woken, and even a write is then sent to the first one, once", async () => {
  const [old, next] = [await origin(), await origin()];
  await old.close();
  const directory = directoryOf([old.url], [], [next.url]);
  const send = transportOf(directory);
  expect((await send(call)).status).toBe(204);
  expect([next.asked(), directory.wakes()]).toEqual([1, 1]);
});

test("a service that is known to run is not woken, though it does not answer", async () => {
  const gone = await origin();
  await gone.close();
  const directory = directoryOf([gone.url]);
  await expect(transportOf(directory)(call)).rejects.toThrow();
  expect(directory.wakes()).toBe(0);
});

test("where no instance is known, nothing was sent", async () => {
  await expect(transportOf(directoryOf([]))(call)).rejects.toBeInstanceOf(Unsent);
});

test("a conversation is with an instance that answers now, though the one known before is gone", async () => {
  const chat = contract("reports", {
    talk: get("/talk", { returns: socket({ receives: z.string(), sends: z.string() }) }),
  });
  const [gone, present] = [await origin(), await talkingOrigin()];
  await gone.close();
  const directory = directoryOf([gone.url], [present]);
  const send = directoryTransport(chat, { directory, clock: testClock(), random: testRandom() });
  const { status, body } = await send({ ...call, route: "talk", method: "GET", headers: { "x-request-id": "r1" } });
  expect([status, directory.looks()]).toEqual([101, 1]);
  if (!isSocket(body)) throw new Error("It is no conversation");
  expect(await body.texts.next()).toEqual({ done: false, value: '"hello r1"' });
  body.end(over);
});
