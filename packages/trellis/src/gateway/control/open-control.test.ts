import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../runtime/system-clock.ts";
import { GatewayLink, type GatewayListener } from "../../supervisor/gateway-link.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { testClock } from "../../testing/test-clock.ts";
import type { GatewayFigures, GatewayOrder } from "../port.ts";
import { type ControlOptions, openControl } from "./open-control.ts";

const figures: GatewayFigures = {
  name: "gateway-1",
  version: 3,
  connections: 7,
  services: [],
  upstreams: [],
  edge: { entries: 0, bytes: 0, bytesMax: 0, routes: [], eventsUnlogged: 0 },
};
const table = { version: 4, hosts: [], services: [], pools: [] };

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "trellis-control-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "g.sock");
}

async function opened(path: string, more: Partial<ControlOptions> = {}) {
  const orders: GatewayOrder[] = [];
  const clock = testClock();
  const control = await openControl({
    path,
    clock,
    log: silentLog,
    hello: () => ({ kind: "hello", name: "gateway-1", pid: 42, version: 3 }),
    figures: () => figures,
    obey: (order) => void orders.push(order),
    onAlone: () => undefined,
    ...more,
  });
  onTestFinished(() => control.close());
  return { control, orders, clock };
}

/** Resolves when the gateway has said hello. */
function linked(socket: string, listener: GatewayListener = {}): Promise<GatewayLink> {
  return new Promise((resolve) => {
    const connected: GatewayListener["connected"] = (gateway) => {
      listener.connected?.(gateway);
      resolve(link);
    };
    const link = new GatewayLink({ socket, clock: systemClock, listener: { ...listener, connected } });
    onTestFinished(() => link.close());
  });
}

test("only its owner may open the socket; one that a dead process has left is replaced", async () => {
  const path = place();
  const first = await opened(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await expect(opened(path)).rejects.toMatchObject({
    code: "gateway-refused",
    message: expect.stringContaining("Another gateway"),
  });
  first.control.close();
  await opened(path);
});

test("a path that is too long, or leads nowhere, is refused by name", async () => {
  await expect(opened(`/tmp/${"long".repeat(30)}`)).rejects.toMatchObject({
    code: "gateway-refused",
    message: expect.stringContaining("107 bytes"),
  });
  await expect(opened(join(place(), "below/g.sock"))).rejects.toMatchObject({ code: "gateway-refused" });
  const file = place();
  writeFileSync(file, "");
  await expect(opened(file)).rejects.toMatchObject({ code: "gateway-refused" });
});

test("an order is obeyed and answered; what is wrong with it comes back", async () => {
  const path = place();
  const { orders } = await opened(path, {
    obey: (order) => {
      orders.push(order);
      if (order.kind === "purge") throw new Error("nothing to purge");
    },
  });
  const link = await linked(path);
  await link.apply(table);
  await expect(link.purge({ all: true })).rejects.toMatchObject({
    code: "gateway-refused",
    message: "nothing to purge",
  });
  await link.stop(500);
  expect(orders).toMatchObject([
    { kind: "table", table },
    { kind: "purge", purge: { all: true } },
    { kind: "stop", drainMs: 500 },
  ]);
});

test("figures come once a second, reports at once, to everyone who is connected", async () => {
  const path = place();
  const { control, clock } = await opened(path);
  const told: unknown[] = [];
  const listener: GatewayListener = {
    figures: ({ connections }) => told.push(connections),
    wanted: (pool) => told.push(pool),
    drained: (upstream) => told.push(upstream),
  };
  const [one, two] = [await linked(path, listener), await linked(path, listener)];
  await clock.advance(1_000);
  control.report({ kind: "wanted", pool: "web" });
  control.report({ kind: "drained", upstream: "web-1@1" });
  await expect.poll(() => told).toHaveLength(6);
  expect(told).toEqual(expect.arrayContaining([7, "web", "web-1@1"]));
  expect([one.figures, two.figures]).toEqual([figures, figures]);
});

test("lines that are no orders end their connection, and the gateway goes on", async () => {
  const path = place();
  const { orders } = await opened(path);
  for (const line of ["no json\n", "null\n", '{"kind":"stop"}\n', `${"x".repeat(17_000_000)}`]) {
    const socket = connect(path);
    socket.on("error", () => undefined);
    socket.resume();
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.write(line);
    await ended;
  }
  await (await linked(path)).apply(table);
  expect(orders).toHaveLength(1);
});

test("a link outlives its gateway: orders fail meanwhile, and the next one is told of", async () => {
  const path = place();
  const first = await opened(path, { obey: () => new Promise(() => undefined) });
  const events: string[] = [];
  const link = await linked(path, { connected: () => events.push("connected"), lost: () => events.push("lost") });
  const lost = link.apply(table);
  const closed = expect(lost).rejects.toMatchObject({ code: "unavailable" });
  first.control.close();
  await closed;
  await expect(link.apply(table)).rejects.toMatchObject({ code: "unavailable" });
  const { orders } = await opened(path);
  await expect.poll(() => events).toEqual(["connected", "lost", "connected"]);
  await link.apply(table);
  expect(orders).toHaveLength(1);
});

test("a gateway hears when nobody has come, and when the last one has gone", async () => {
  const path = place();
  let alone = 0;
  const { clock } = await opened(path, { onAlone: () => (alone += 1) });
  await clock.advance(10_000);
  expect(alone).toBe(1);
  const [one, two] = [await linked(path), await linked(path)];
  one.close();
  await new Promise((resolve) => setImmediate(resolve));
  two.close();
  await expect.poll(() => alone).toBe(2);
});
