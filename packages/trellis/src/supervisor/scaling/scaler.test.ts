import { expect, test } from "vitest";
import type { GatewayFigures } from "../../gateway/port.ts";
import { scaleDefaults } from "../../policies/autoscaling/scale-defaults.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { testClock } from "../../testing/test-clock.ts";
import type { InstanceLoad, ServiceWork } from "./load.ts";
import { ScaleJournal } from "./scale-journal.ts";
import type { ScaledApp, ScaledGroup, ScaledInstance } from "./scaled-app.ts";
import { Scaler } from "./scaler.ts";

/** A machine on which instances start at once, or as a test says, and are as busy as it says. */
class Machine implements ScaledApp {
  readonly clock = testClock();
  readonly noted: string[] = [];
  readonly journal = new ScaleJournal({ read: () => undefined, append: () => undefined, replace: () => undefined });
  group: Omit<ScaledGroup, "instances"> = {
    name: "web",
    services: ["links", "social"],
    answers: true,
    works: false,
    range: { min: 0, max: 4 },
  };
  instances: ScaledInstance[] = [];
  underWay: string | undefined;
  pausedServices: readonly string[] = [];
  /** By service. */
  held: Record<string, number> = {};
  inFlight = 0;
  /** Of each event loop. */
  busy = 0;
  work: readonly ServiceWork[] | Error = [];
  looks = 0;
  asked = 0;
  failing: Error | undefined;
  readonly scaler: Scaler;
  #serial = 0;
  #begun = 0;
  #activeMs = 0;

  constructor(instances = 1) {
    this.#open(instances);
    this.scaler = new Scaler({
      app: this,
      sources: {
        ofInstance: async () => this.#load(),
        ofServices: async () => {
          if (this.work instanceof Error) throw this.work;
          return this.work;
        },
        memoryOf: async (pids) => new Map(pids.map((pid) => [pid, 100 * 2 ** 20])),
        machine: () => ({ cores: 8, memoryBytes: 16 * 2 ** 30, memoryUsedBytes: 2 * 2 ** 30 }),
      },
      journal: this.journal,
      params: scaleDefaults,
      clock: this.clock,
      random: () => 0.5,
      log: silentLog,
      onNote: ({ group, from, to, kind, done }) =>
        void this.noted.push(`${group} ${from}→${to} ${kind}${done ? "" : " not"}`),
    });
  }

  get figures(): readonly GatewayFigures[] {
    const services = Object.entries(this.held).map(([service, held]) => {
      return { service, requests: 0, failures: 0, retries: 0, pending: held, held, hits: 0 };
    });
    const edge = { entries: 0, bytes: 0, bytesMax: 0, routes: [], eventsUnlogged: 0 };
    return [{ name: "gateway-1", version: 1, connections: 0, services, upstreams: [], edge }];
  }

  scaledGroups(): readonly ScaledGroup[] {
    return [{ ...this.group, instances: this.instances }];
  }

  resize(_group: string, instances: number, failed: (error: unknown) => void): void {
    if (this.failing && instances > this.instances.length) failed(this.failing);
    else if (instances < this.instances.length) this.instances.length = instances;
    else this.#open(instances - this.instances.length);
    this.held = {};
  }

  get size(): number {
    return this.instances.length;
  }

  async seconds(count: number): Promise<void> {
    // What was begun before may be about to set a timer.
    await this.clock.advance(0);
    await this.clock.advance(count * 1_000);
  }

  #open(count: number): void {
    for (let opened = 0; opened < count; opened += 1) {
      const pid = ++this.#serial;
      this.instances.push({ id: `web@1.${pid}`, pid, privateUrl: `http://127.0.0.1:${pid}` });
    }
  }

  #load(): InstanceLoad {
    this.looks += 1;
    if (this.asked > 0 || this.inFlight > 0) this.#begun += 1;
    this.#activeMs = this.clock.now() * this.busy;
    return {
      loopActiveMs: this.#activeMs,
      loopIdleMs: this.clock.now() * (1 - this.busy),
      inFlight: this.size === 0 ? 0 : this.inFlight / this.size,
      begun: this.#begun,
      poolWaits: { boundsMs: [1, 10], counts: [0, 0, 0] },
    };
  }
}

test("who waits before scaling has begun is seen by its first look, and there is one look a second all the same", async () => {
  const machine = new Machine(0);
  machine.scaler.wanted("web");
  await machine.seconds(5);
  expect([machine.size, machine.noted]).toEqual([0, []]);
  machine.scaler.start();
  await machine.seconds(1);
  expect(machine.size).toBe(1);
  const { looks } = machine;
  await machine.seconds(10);
  expect(machine.looks - looks).toBe(10);
});

test("requests under way bring more instances, and minutes of fewer take them away again", async () => {
  const machine = new Machine();
  machine.scaler.start();
  machine.inFlight = 200;
  await machine.seconds(20);
  expect(machine.size).toBe(4);
  expect(machine.scaler.reason("web")?.says).toMatch(/under way|demand/);
  machine.inFlight = 10;
  await machine.seconds(100);
  expect(machine.size).toBe(4);
  expect(machine.noted).toContain("web 4→4 waiting-to-shrink not");
  await machine.seconds(400);
  expect(machine.size).toBe(1);
});

test("a supervisor that comes after another takes nothing away for five minutes of what that one had started", async () => {
  const machine = new Machine(4);
  machine.inFlight = 10;
  machine.scaler.start();
  await machine.seconds(295);
  expect(machine.size).toBe(4);
  await machine.seconds(10);
  expect(machine.size).toBe(1);
});

test("ninety seconds of silence bring a group to rest; a request that waits wakes it at once, not a second later", async () => {
  const machine = new Machine();
  machine.scaler.start();
  await machine.seconds(89);
  expect(machine.size).toBe(1);
  await machine.seconds(2);
  expect(machine.size).toBe(0);
  await machine.seconds(1_000);
  expect(machine.size).toBe(0);
  machine.scaler.wanted("web");
  await machine.clock.advance(0);
  expect(machine.size).toBe(1);
  expect(machine.noted.slice(-3)).toEqual(["web 1→1 waiting-to-rest not", "web 1→0 idle", "web 0→1 woken"]);
});

test("as many as wait decide how many are started at once", async () => {
  const machine = new Machine(0);
  machine.held = { links: 150, elsewhere: 1_000 };
  machine.scaler.start();
  await machine.clock.advance(0);
  expect(machine.size).toBe(3);
});

test("one request now and then keeps an instance awake", async () => {
  const machine = new Machine();
  machine.scaler.start();
  for (let minute = 0; minute < 10; minute += 1) {
    machine.asked = 1;
    await machine.seconds(1);
    machine.asked = 0;
    await machine.seconds(59);
  }
  expect(machine.size).toBe(1);
  expect(machine.noted.filter((noted) => noted.includes("→0"))).toEqual([]);
});

test("while a release is on its way nothing changes, the reason is kept, and it is made up for afterwards", async () => {
  const machine = new Machine();
  machine.scaler.start();
  machine.underWay = "release 2";
  machine.inFlight = 200;
  await machine.seconds(60);
  expect(machine.size).toBe(1);
  const [held] = machine.journal.notes;
  expect(held).toMatchObject({ kind: "held-back", from: 1, done: false });
  expect(held?.says).toContain("Not now: release 2 is under way");
  expect(machine.noted.filter((noted) => noted.includes("held-back")).length).toBeLessThanOrEqual(3);
  machine.underWay = undefined;
  await machine.seconds(1);
  expect(machine.size).toBe(4);
});

test("requests during a release count: a group that was busy does not come to rest at its end", async () => {
  const machine = new Machine();
  machine.scaler.start();
  machine.underWay = "release 2";
  machine.inFlight = 1;
  await machine.seconds(200);
  machine.inFlight = 0;
  machine.underWay = undefined;
  await machine.seconds(60);
  expect(machine.size).toBe(1);
});

test("a paused group neither rests nor wakes, however many requests are held; after the pause it wakes", async () => {
  const machine = new Machine();
  machine.pausedServices = ["links", "social"];
  machine.scaler.start();
  await machine.seconds(300);
  expect(machine.size).toBe(1);
  expect(machine.journal.last("web")?.says).toContain("it is paused");
  machine.pausedServices = [];
  await machine.seconds(1);
  expect(machine.size).toBe(0);
  machine.pausedServices = ["links", "social"];
  machine.held = { links: 500 };
  await machine.seconds(30);
  expect(machine.size).toBe(0);
  machine.pausedServices = [];
  await machine.seconds(1);
  expect(machine.size).toBe(4);
});

test("where one service of a group is paused, the others' requests still bring instances, and its own do not", async () => {
  const machine = new Machine(0);
  machine.pausedServices = ["links"];
  machine.held = { links: 500 };
  machine.scaler.start();
  await machine.seconds(10);
  expect(machine.size).toBe(0);
  machine.held = { links: 500, social: 1 };
  await machine.seconds(1);
  expect(machine.size).toBe(1);
});

test("jobs that wait wake a group at rest, and jobs that run keep it awake", async () => {
  const machine = new Machine(0);
  machine.group = { ...machine.group, answers: false, works: true };
  machine.work = [{ service: "elsewhere", oldestMs: 60_000, running: 9 }];
  machine.scaler.start();
  await machine.seconds(10);
  expect(machine.size).toBe(0);
  machine.work = [{ service: "links", oldestMs: 2_000, running: 0 }];
  await machine.seconds(1);
  expect(machine.size).toBe(1);
  machine.work = [{ service: "links", oldestMs: 0, running: 1 }];
  await machine.seconds(600);
  expect(machine.size).toBe(1);
  machine.work = [];
  await machine.seconds(91);
  expect(machine.size).toBe(0);
});

test("while the database is away, what was known of jobs is taken for what is, and requests still bring instances", async () => {
  const machine = new Machine(1);
  machine.group = { ...machine.group, works: true };
  machine.work = [{ service: "links", oldestMs: 0, running: 1 }];
  machine.scaler.start();
  await machine.seconds(10);
  machine.work = new Error("connection refused");
  await machine.seconds(300);
  expect(machine.size).toBe(1);
  machine.inFlight = 256;
  await machine.seconds(20);
  expect(machine.size).toBe(4);
});

test("an instance that never serves is not started again each second, and the reason is kept", async () => {
  const machine = new Machine();
  machine.scaler.start();
  machine.inFlight = 200;
  machine.failing = new Error("no such module");
  await machine.seconds(60);
  const failures = machine.journal.notes.filter(({ kind }) => kind === "failed");
  expect(failures.length).toBeGreaterThan(2);
  expect(failures.length).toBeLessThan(12);
  expect(failures[0]?.says).toContain("no such module");
  machine.failing = undefined;
  await machine.seconds(40);
  expect(machine.size).toBe(4);
});

test("where no group may change, nobody is asked for anything", async () => {
  const machine = new Machine();
  machine.scaledGroups = () => [];
  machine.scaler.start();
  await machine.seconds(60);
  expect(machine.looks).toBe(0);
});

test("after the end nothing is decided any more", async () => {
  const machine = new Machine(0);
  machine.scaler.start();
  await machine.scaler.stop();
  machine.held = { links: 5 };
  machine.scaler.wanted("web");
  await machine.seconds(5);
  expect(machine.size).toBe(0);
  expect(machine.clock.pending).toBe(0);
});

test("the machine's cores bound what load asks for, and that is told", async () => {
  const machine = new Machine(16);
  machine.group = { ...machine.group, range: { min: 1, max: 100 } };
  machine.scaler.start();
  machine.inFlight = 64 * 40;
  await machine.seconds(30);
  expect(machine.size).toBe(16);
  expect(machine.journal.notes.find(({ limitedBy }) => limitedBy === "cores")).toMatchObject({
    from: 16,
    to: 16,
    done: false,
  });
});
