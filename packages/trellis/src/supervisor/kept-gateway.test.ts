import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { GatewayReport, RoutingTable } from "../gateway/port.ts";
import { type TestClock, testClock } from "../testing/test-clock.ts";
import { startGatewayProcess } from "./gateway-process.ts";
import { KeptGateway } from "./kept-gateway.ts";
import { LeaseDesk } from "./lease-desk.ts";
import { bornAt, isAlive } from "./process-identity.ts";
import { scriptedGateway } from "./scripted-gateway.contract.ts";
import type { GatewayRecord } from "./state.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

const port = 4_711;

function tableOf(version: number, upstreams: Readonly<Record<string, "asked" | "draining">> = {}): RoutingTable {
  const rules = Object.entries(upstreams).map(([id, state]) => {
    const draining = state === "draining" ? { draining: true } : {};
    return { id, release: 1, address: { frames: `/run/${id}` }, ...draining };
  });
  return { version, hosts: [], services: [], pools: [{ name: "web", upstreams: rules }] };
}

/** A gateway that is kept, of which each process is a scripted one; time passes when the test says so. */
function ground(name = "gateway-1") {
  const { folder, entry } = scriptedGateway();
  const clock = testClock();
  const events: SupervisorEvent[] = [];
  const wanted: string[] = [];
  let [changes, serial, table] = [0, 0, tableOf(1)];
  const startFor = (_name: string, present: RoutingTable) => {
    serial += 1;
    const control = join(folder, `${serial}.sock`);
    return { name, control, port, edgeBytesMax: 0, table: present, alone: "serves" } as const;
  };
  const keep = (adopted?: GatewayRecord): KeptGateway => {
    const kept = new KeptGateway(
      {
        ...{ name, entry, startFor, clock, logTo: 2, random: () => 1, leases: new LeaseDesk(clock) },
        table: () => table,
        onChange: () => {
          changes += 1;
        },
        onWanted: (pool) => wanted.push(pool),
        onEvent: (event) => events.push(event),
      },
      adopted,
    );
    onTestFinished(() => kept.kill());
    return kept;
  };
  return {
    ...{ entry, clock, events, wanted, keep, startFor },
    changes: () => changes,
    present: () => table,
    says: (next: RoutingTable) => {
      table = next;
    },
  };
}

/** Has the scripted process report this. */
const report = (kept: KeptGateway, said: GatewayReport) => kept.purge({ tag: `tell${JSON.stringify(said)}` });
const pidOf = ({ record }: KeptGateway) => record?.pid ?? 0;
const versionOf = ({ figures }: KeptGateway) => figures?.version;

/** Ends its process as a crash does; resolves when that is known. */
async function crash(kept: KeptGateway): Promise<number> {
  const pid = pidOf(kept);
  process.kill(pid, "SIGKILL");
  await expect.poll(() => kept.record).toBeUndefined();
  return pid;
}

test("it serves with the present table, and is known by its process", async () => {
  const { keep, changes, says, wanted } = ground();
  const kept = keep();
  expect(await kept.ready).toBe(port);
  expect(kept.record).toMatchObject({ name: "gateway-1", port, born: bornAt(pidOf(kept)) });
  expect(changes()).toBe(1);
  says(tableOf(2));
  await kept.apply(tableOf(2));
  expect(versionOf(kept)).toBe(2);
  await report(kept, { kind: "wanted", pool: "web" });
  expect(wanted).toEqual(["web"]);
  await expect(kept.apply(tableOf(-1))).rejects.toMatchObject({ code: "gateway-refused" });
});

test("one that never serves is told of with its reason, and not started again", async () => {
  const { keep, clock, events } = ground("broken");
  const kept = keep();
  await expect(kept.ready).rejects.toMatchObject({ code: "port-in-use", message: expect.stringContaining("no port") });
  await kept.stop(1_000);
  await clock.advance(60_000);
  expect(events).toEqual([]);
  expect(kept.record).toBeUndefined();
});

test("one that is not ready in half a minute is ended", async () => {
  const { keep, clock } = ground("mute");
  const kept = keep();
  await clock.advance(30_000);
  await expect(kept.ready).rejects.toMatchObject({ code: "start-failed", message: expect.stringContaining("SIGKILL") });
});

test("a crash is told of and made good by another process, which begins with what was said meanwhile", async () => {
  const { keep, clock, events, says, changes } = ground();
  const kept = keep();
  await kept.ready;
  const socket = kept.record?.control;
  const pid = await crash(kept);
  expect(events).toEqual([{ event: "restart", role: "gateway", pid, because: "signal SIGKILL", inMs: 250 }]);
  says(tableOf(7));
  // Nobody is there to be told, and that is nobody's mistake.
  await kept.apply(tableOf(7));
  expect(kept.figures).toBeUndefined();
  await clock.advance(250);
  await expect.poll(() => versionOf(kept)).toBe(7);
  expect(pidOf(kept)).not.toBe(pid);
  expect(kept.record?.control).not.toBe(socket);
  expect(changes()).toBe(3);
});

test("the pause before another process grows while they keep ending, and begins anew after a steady minute", async () => {
  const { keep, clock, events } = ground();
  const kept = keep();
  await kept.ready;
  for (const inMs of [250, 500, 1_000]) {
    await crash(kept);
    expect(events.at(-1)).toMatchObject({ inMs });
    await clock.advance(inMs);
    await expect.poll(() => versionOf(kept)).toBe(1);
  }
  await clock.advance(60_000);
  await crash(kept);
  expect(events.at(-1)).toMatchObject({ inMs: 250 });
});

test("it says when it has answered all that has an end, once it was told to stop", async () => {
  const { keep } = ground();
  const kept = keep();
  await kept.ready;
  let isAnswered = false;
  void kept.answered.then(() => {
    isAnswered = true;
  });
  await report(kept, { kind: "answered" });
  await expect.poll(() => versionOf(kept)).toBe(1);
  expect(isAnswered).toBe(false);
  const stopped = kept.stop(1_000);
  await report(kept, { kind: "answered" }).catch(() => undefined);
  await stopped;
  await kept.answered;
});

test("what drains is waited for until the gateway says so, and anew when it was asked again in between", async () => {
  const { keep } = ground();
  const kept = keep();
  await kept.ready;
  const told: string[] = [];
  const wait = (ids: readonly string[]) => kept.drained(ids).then(() => void told.push(ids.join()));
  await kept.apply(tableOf(2, { a: "draining", b: "draining" }));
  const both = wait(["a", "b"]);
  await report(kept, { kind: "drained", upstream: "a" });
  await wait(["a"]);
  expect(told).toEqual(["a"]);
  await report(kept, { kind: "drained", upstream: "b" });
  await both;
  await kept.apply(tableOf(3, { a: "asked" }));
  await kept.apply(tableOf(4, { a: "draining" }));
  const again = wait(["a"]);
  await report(kept, { kind: "drained", upstream: "b" });
  expect(told).toEqual(["a", "a,b"]);
  await report(kept, { kind: "drained", upstream: "a" });
  await again;
});

test("who waits for what drains goes on where the gateway is gone: nobody is asked by it any more", async () => {
  const { keep } = ground();
  const kept = keep();
  await kept.ready;
  await kept.apply(tableOf(2, { a: "draining" }));
  const waiting = kept.drained(["a"]);
  await crash(kept);
  await waiting;
  await expect(kept.drained(["b"])).resolves.toBeUndefined();
});

test("another process takes its place: both serve for a moment, then the first one ends, and that is no crash", async () => {
  const { keep, events, says, changes } = ground();
  const kept = keep();
  await kept.ready;
  const { pid = 0, born = "" } = kept.record ?? {};
  says(tableOf(5));
  await kept.replace();
  expect(pidOf(kept)).not.toBe(pid);
  expect(isAlive({ pid, born })).toBe(false);
  expect([events, changes()]).toEqual([[], 2]);
  await expect.poll(() => versionOf(kept)).toBe(5);
  await report(kept, { kind: "wanted", pool: "web" });
});

test("a successor that never comes is given up, and the one that serves goes on", async () => {
  const { keep, clock } = ground("barren");
  const kept = keep();
  await kept.ready;
  const pid = pidOf(kept);
  const replaced = kept.replace();
  const refusal = expect(replaced).rejects.toMatchObject({ code: "start-failed" });
  await expect.poll(() => clock.pending).toBeGreaterThan(0);
  await passSeconds(clock, 31);
  await refusal;
  expect(pidOf(kept)).toBe(pid);
  await kept.apply(tableOf(3));
  expect(versionOf(kept)).toBe(3);
  await kept.stop(1_000);
});

test("one of an earlier supervisor is gone on with: told the table, watched, and replaced when it ends", async () => {
  const { keep, clock, events, entry, startFor, present } = ground();
  const start = startFor("gateway-1", present());
  const child = startGatewayProcess({ entry, start, logTo: 2 });
  await child.ready;
  const { pid } = child;
  const { control } = start;
  const kept = keep({ name: "gateway-1", control, port, pid, born: bornAt(pid) ?? "" });
  expect(await kept.ready).toBe(port);
  expect([pidOf(kept), versionOf(kept)]).toEqual([pid, 1]);
  child.kill("SIGKILL");
  await child.ended;
  await clock.advance(200);
  expect(events).toMatchObject([{ event: "restart", pid, because: "it is gone" }]);
  await clock.advance(250);
  await expect.poll(() => versionOf(kept)).toBe(1);
  expect(pidOf(kept)).not.toBe(pid);
});

test("a stop lets it end by itself, and nothing is started after it", async () => {
  const { keep, clock, events } = ground();
  const kept = keep();
  await kept.ready;
  const { pid = 0, born = "" } = kept.record ?? {};
  await kept.stop(20_000);
  expect(isAlive({ pid, born })).toBe(false);
  await clock.advance(60_000);
  expect([events, kept.record, clock.pending]).toEqual([[], undefined, 0]);
});

test("one that does not end is ended by force, a moment after its time", async () => {
  const { keep, clock } = ground("deaf");
  const kept = keep();
  await kept.ready;
  const { pid = 0, born = "" } = kept.record ?? {};
  let isGone = false;
  const stopped = kept.stop(20_000).then(() => {
    isGone = true;
  });
  // Its answer to the order comes from a process.
  await expect.poll(() => clock.pending).toBe(1);
  await clock.advance(23_000);
  expect([isGone, isAlive({ pid, born })]).toEqual([false, true]);
  await clock.advance(1_000);
  await stopped;
  expect(isAlive({ pid, born })).toBe(false);
});

/** A second at a time, so that what waits for sockets goes on in between. */
async function passSeconds(clock: TestClock, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 1) await clock.advance(1_000);
}
