import { expect, test } from "vitest";
import { addTask, effects, jobsApp } from "./helpers/jobs-app.ts";
import { type NotesApp, notesApp, read } from "./helpers/notes-app.ts";
import { reportsApp } from "./helpers/reports-app.ts";
import { lives, runTrellis, startTrellis, type TrellisEvent, type TrellisProcess } from "./helpers/trellis-process.ts";

/** Minutes as seconds. */
const quick = {
  ...{ idleMs: 1_000, graceMs: 500, downMs: 3_000, upMs: 2_000, stableMs: 2_000, panicMs: 1_000 },
  ...{ inFlightTarget: 4, instancesPerCore: 8 },
};

const environment = { TRELLIS_WEB: "0..3", TRELLIS_SCALE_PARAMS: JSON.stringify(quick) };

interface Note extends TrellisEvent {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly says: string;
  readonly done: boolean;
}

/** The first decision, from the `after`th event on, that gave the group that number. */
function scaledTo(trellis: TrellisProcess, to: number, after: number, group = "web"): Promise<Note> {
  const fits = (event: TrellisEvent) =>
    event.event === "scaling" && event.group === group && event.to === to && event.done === true;
  return trellis.event<Note>(fits, after);
}

interface Report {
  readonly groups: readonly { readonly group: string; readonly instances: number; readonly because?: string }[];
  readonly decisions: readonly Note[];
}

async function report(app: NotesApp): Promise<Report> {
  const { code, events } = await runTrellis(["scale", "--json"], app);
  expect(code).toBe(0);
  return events[0] as unknown as Report;
}

const webIn = ({ groups }: Report) => groups.find(({ group }) => group === "web");

test("silence brings a group to zero, a burst of 200 is answered whole, load makes it grow, and every why is kept", async () => {
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment });
  const { url } = await trellis.ready;
  expect(await scaledTo(trellis, 0, 0)).toMatchObject({ from: 1, kind: "idle" });
  await expect.poll(async () => webIn(await report(app))?.instances, { timeout: 20_000 }).toBe(0);

  const beforeBurst = trellis.events.length;
  const burst = await Promise.all(Array.from({ length: 200 }, () => read<{ says: string }>(`${url}/v1/who`)));
  expect(burst.every(({ says }) => says === "hello")).toBe(true);
  const fits = ({ event, kind }: TrellisEvent) => event === "scaling" && kind === "woken";
  expect(await trellis.event<Note>(fits, beforeBurst)).toMatchObject({ from: 0, done: true });

  const failed: unknown[] = [];
  let asking = true;
  const loops = Array.from({ length: 16 }, async () => {
    while (asking) await read(`${url}/v1/slow`).catch((error: unknown) => failed.push(error));
  });
  const grown = await Promise.race([scaledTo(trellis, 3, beforeBurst), Promise.all(loops)]);
  expect(grown).toMatchObject({ says: expect.stringContaining("to 3") });
  const beforeSilence = trellis.events.length;
  asking = false;
  await Promise.all(loops);
  expect(failed).toEqual([]);
  expect(await scaledTo(trellis, 0, beforeSilence)).toMatchObject({ kind: "idle" });

  const table = (await runTrellis(["scale"], app)).stdout;
  expect(table).toMatch(/GROUP +INSTANCES +RANGE +WHY/);
  expect(table).toContain("0..3");
  expect((await runTrellis(["status"], app)).stdout).toMatch(/web +0 +0\.\.3 +\S/);
  const { decisions } = await report(app);
  expect(decisions.filter(({ done }) => done).map(({ to }) => to)).toContain(3);
  expect(decisions.every(({ says }) => says.length > 10)).toBe(true);

  await trellis.stop();
  await startTrellis({ ...app, environment }).ready;
  expect((await report(app)).decisions.slice(0, decisions.length)).toEqual(decisions);
}, 120_000);

test("workers at rest are woken by jobs, which are all done, and rest again", async () => {
  const app = jobsApp();
  const workers = { ...environment, TRELLIS_WEB: "1", TRELLIS_WORKERS: "0..2" };
  const trellis = startTrellis({ ...app, environment: workers });
  const { url } = await trellis.ready;
  await scaledTo(trellis, 0, 0, "worker");
  const atRest = trellis.events.length;
  const names = Array.from({ length: 20 }, (_, index) => `task-${index}`);
  await Promise.all(names.map((name) => addTask(url, "tasks", name)));
  expect(await trellis.event<Note>(({ event, kind }) => event === "scaling" && kind === "woken", atRest)).toMatchObject(
    {
      group: "worker",
      from: 0,
      done: true,
    },
  );
  const done = async () => (await effects(url)).toSorted();
  await expect.poll(done, { timeout: 30_000 }).toEqual(names.toSorted());
  await scaledTo(
    trellis,
    0,
    trellis.events.findLastIndex(({ kind }) => kind === "woken"),
    "worker",
  );
}, 90_000);

test("a release comes in while all is at rest, with an instance that shows that it runs; then that rests too", async () => {
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment: { ...environment, TRELLIS_SOAK: "1s" } });
  const { url } = await trellis.ready;
  await scaledTo(trellis, 0, 0);
  const atRest = trellis.events.length;
  app.edit('says: "hello"', 'says: "second"');
  const { code, events } = await runTrellis(["deploy", "--json"], app);
  expect([code, events.at(-1)?.event]).toEqual([0, "deployed"]);
  expect(await scaledTo(trellis, 0, atRest)).toMatchObject({ from: 1, kind: "idle" });
  expect(await read(`${url}/v1/who`)).toMatchObject({ says: "second" });

  app.edit(
    "export default",
    'if (process.argv.includes("instance-process")) throw new Error("no ink"); export default',
  );
  await scaledTo(
    trellis,
    0,
    trellis.events.findLastIndex(({ kind }) => kind === "woken"),
  );
  expect((await runTrellis(["deploy"], app)).code).toBe(70);
  expect(await read(`${url}/v1/who`)).toMatchObject({ says: "second" });
}, 120_000);

test("how many load had brought is known to the next supervisor after a kill, and so is a range by hand", async () => {
  const app = notesApp();
  const plain = { TRELLIS_SCALE_PARAMS: JSON.stringify({ ...quick, downMs: 600_000 }) };
  const first = startTrellis({ ...app, environment: plain });
  await first.ready;
  expect((await runTrellis(["scale", "notes=3", "worker=1"], app)).code).toBe(0);
  expect((await runTrellis(["scale", "notes=1..8"], app)).code).toBe(0);
  first.signal("SIGKILL");
  await first.ended;
  await startTrellis({ ...app, environment: plain }).ready;
  const { groups } = await report(app);
  expect(groups[0]).toMatchObject({ group: "web", instances: 3, min: 1, max: 8 });
  expect(groups[1]).toMatchObject({ group: "worker", instances: 1, min: 1, max: 1 });
  expect((await runTrellis(["scale", "nothing=2"], app)).code).toBe(64);
  expect((await runTrellis(["scale", "notes=0"], app)).code).toBe(64);
}, 90_000);

interface Day {
  readonly pid: number | null;
  readonly because: string | null;
  readonly tookMs: number;
}

/** Whether reports rests: the instance that it had is gone, which still answers for a moment after the decision. */
async function reportsRest(trellis: TrellisProcess, pid: number | null): Promise<void> {
  await scaledTo(trellis, 0, trellis.events.length, "reports");
  await expect.poll(() => lives(pid ?? 0), { timeout: 20_000 }).toBe(false);
}

test("a service at rest is woken by the calls of another, a thousand at once, all answered; where it cannot be, they fall back", async () => {
  const app = reportsApp({ split: true, deadlineMs: 20_000, instances: { min: 0, max: 2 } });
  const trellis = startTrellis({ ...app, environment: { ...environment, TRELLIS_WEB: "1" } });
  const { url } = await trellis.ready;
  const day = () => read<Day>(`${url}/v1/day`);
  await reportsRest(trellis, (await day()).pid);
  const atRest = trellis.events.length;
  const days = await Promise.all(Array.from({ length: 1_000 }, day));
  expect(days.filter(({ pid }) => pid === null)).toEqual([]);
  const woken = ({ event, kind }: TrellisEvent) => event === "scaling" && kind === "woken";
  expect(await trellis.event<Note>(woken, atRest)).toMatchObject({ group: "reports", from: 0, done: true });

  await reportsRest(trellis, days[0]?.pid ?? 0);
  expect((await runTrellis(["pause", "reports"], app)).code).toBe(0);
  const paused = await day();
  expect(paused).toMatchObject({ pid: null, because: "no instance of it is known to run" });
  expect(paused.tookMs).toBeLessThan(5_000);
  expect((await runTrellis(["resume", "reports"], app)).code).toBe(0);
  expect((await day()).pid).toBeGreaterThan(0);
}, 120_000);

test("calls of a service that does not start wait as long as they may, and fall back", async () => {
  const app = reportsApp({ split: true, deadlineMs: 3_000, instances: { min: 0, max: 2 } });
  const trellis = startTrellis({ ...app, environment: { ...environment, TRELLIS_WEB: "1" } });
  const { url } = await trellis.ready;
  await reportsRest(trellis, (await read<Day>(`${url}/v1/day`)).pid);
  app.edit(
    "export default",
    'if (process.argv.includes("instance-process")) throw new Error("no ink"); export default',
  );
  const atRest = trellis.events.length;
  const days = await Promise.all(Array.from({ length: 20 }, () => read<Day>(`${url}/v1/day`)));
  for (const { pid, because, tookMs } of days) {
    expect(pid).toBeNull();
    expect(because).toMatch(/^no answer in \d+ ms/);
    expect(tookMs).toBeGreaterThan(2_900);
    expect(tookMs).toBeLessThan(5_000);
  }
  const failed = ({ event, kind }: TrellisEvent) => event === "scaling" && kind === "failed";
  expect(await trellis.event<Note>(failed, atRest)).toMatchObject({ group: "reports", done: false });
  expect((await fetch(`${url}/v1/hello`)).status).toBe(200);
}, 90_000);
