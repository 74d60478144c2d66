import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readState, type SupervisorState } from "../packages/trellis/src/supervisor/state.ts";
import { askOverAndOver } from "./helpers/ask-over-and-over.ts";
import { type NotesApp, notesApp, read } from "./helpers/notes-app.ts";
import { runTrellis, startTrellis, type TrellisEvent, type TrellisProcess } from "./helpers/trellis-process.ts";

const environment = { TRELLIS_SOAK: "1s" };
const says = async (url: string) => (await read<{ says: string }>(`${url}/v1/who`)).says;

function stateOf({ data }: NotesApp): SupervisorState | undefined {
  const file = join(data, "state.json");
  return existsSync(file) ? readState(readFileSync(file, "utf8")) : undefined;
}

/** Resolves when what the supervisor has written down is so. */
const written = (app: NotesApp, fits: (state: SupervisorState) => boolean) =>
  expect
    .poll(
      () => {
        const state = stateOf(app);
        return state !== undefined && fits(state);
      },
      { timeout: 45_000, interval: 5 },
    )
    .toBe(true);

/** So few requests that a busy machine cannot make the canary look slow: they are too few to be timed. */
function askSlowly(url: string): { readonly stop: () => Promise<{ readonly failed: readonly string[] }> } {
  let asking = true;
  const failed: string[] = [];
  const run = async () => {
    while (asking) await read(`${url}/v1/slow`).catch((error: unknown) => failed.push(String(error)));
  };
  const all = Promise.all([run(), run(), run()]);
  return {
    stop: async () => {
      asking = false;
      await all;
      return { failed };
    },
  };
}

/** Begins a deploy, kills the supervisor as soon as it is so far, and starts another. */
async function killInTheMiddle(
  app: NotesApp,
  trellis: TrellisProcess,
  words: readonly string[],
  isSoFar: (state: SupervisorState) => boolean,
): Promise<TrellisProcess> {
  const deploying = runTrellis(["deploy", "--json", ...words], app);
  await written(app, isSoFar);
  trellis.signal("SIGKILL");
  await trellis.ended;
  expect((await deploying).events.at(-1)).toMatchObject({ code: "unavailable" });
  const next = startTrellis({ ...app, environment });
  await next.ready;
  return next;
}

const becomes = (app: NotesApp, number: number, state: string) =>
  written(app, ({ releases }) => releases.some((release) => release.number === number && release.state === state));

test("a deploy goes on where a killed supervisor has left it, with no request lost", async () => {
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment });
  const { url } = await trellis.ready;
  const load = askOverAndOver(url);
  app.edit('says: "hello"', 'says: "second"');
  await killInTheMiddle(app, trellis, [], ({ rollout }) => rollout?.state.phase === "rolling");
  await becomes(app, 2, "serving");
  await written(app, ({ rollout }) => rollout === undefined);
  expect(await says(url)).toBe("second");
  expect(stateOf(app)?.releases).toMatchObject([
    { number: 1, state: "replaced" },
    { number: 2, state: "serving" },
  ]);
  // The next one can be made: nothing is under way any more, after the roll-over of what was adopted.
  await expect
    .poll(async () => (await runTrellis(["scale", "web=2"], app)).code, { timeout: 60_000, interval: 500 })
    .toBe(0);
  const { asked, failed } = await load.stop();
  expect(asked).toBeGreaterThan(50);
  expect(failed).toEqual([]);
}, 150_000);

test("a canary goes on with its share where a killed supervisor has left it, and is promoted", async () => {
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment });
  const { url } = await trellis.ready;
  const load = askSlowly(url);
  app.edit('says: "hello"', 'says: "second"');
  const words = ["--canary", "40%", "--for", "12s"];
  const next = await killInTheMiddle(app, trellis, words, ({ rollout }) => rollout?.state.phase === "canary");
  const answers = new Set<string>();
  while (answers.size < 2) answers.add(await says(url));
  const listed = (await runTrellis(["releases"], app)).stdout;
  expect(listed).toMatch(/2 +canary +.* 40% of the requests for .* of 12s\. .*Another supervisor goes on with it\./);
  expect(next.events.find(({ event }) => event === "release")).toMatchObject({ release: 2, step: "resumed" });
  expect(stateOf(app)?.releases.at(-1)).toMatchObject({ number: 2, state: "canary" });
  await becomes(app, 2, "serving");
  expect(await says(url)).toBe("second");
  const ended = await next.event<TrellisEvent>(({ event, step }) => event === "release" && step === "serving");
  expect(ended.says).toMatch(/requests|Nobody asked it/);
  expect((await load.stop()).failed).toEqual([]);
}, 150_000);

test("a release that was still being made is given up with the reason, and the one before serves on", async () => {
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment });
  const { url } = await trellis.ready;
  const load = askOverAndOver(url);
  app.edit('says: "hello"', 'says: "second"');
  const next = await killInTheMiddle(app, trellis, ["--build", "sleep 3"], ({ releases }) => releases.length === 2);
  expect(stateOf(app)?.releases).toMatchObject([
    { number: 1, state: "serving" },
    { number: 2, state: "failed", because: "The supervisor ended while it was on its way." },
  ]);
  expect(await says(url)).toBe("hello");
  expect((await load.stop()).failed).toEqual([]);
  await next.stop();
}, 90_000);
