import { expect, test } from "vitest";
import { askOverAndOver } from "./helpers/ask-over-and-over.ts";
import { notesApp, read } from "./helpers/notes-app.ts";
import { runTrellis, startTrellis } from "./helpers/trellis-process.ts";

const environment = { TRELLIS_SOAK: "1s" };

test("a canary that fails half of its requests is taken back by itself, and the reason is kept", async () => {
  const app = notesApp();
  const { url } = await startTrellis({ ...app, environment }).ready;
  const load = askOverAndOver(url);
  app.edit(
    '({ pid: process.pid, says: "hello" })',
    '{ if (Math.random() < 0.5) throw new Error("no"); return { pid: process.pid, says: "bad" }; }',
  );
  const { code, events } = await runTrellis(["deploy", "--canary", "20%", "--for", "60s", "--json"], app);
  expect(code).toBe(70);
  expect(events.at(-1)).toMatchObject({ code: "release-failed", says: expect.stringContaining("taken back") });
  expect(events.map(({ step }) => step)).toContain("errors");
  const { asked, failed } = await load.stop();
  // Its share of the requests, of which every other one failed.
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.length).toBeLessThan(asked * 0.25);
  for (let count = 0; count < 20; count += 1) expect(await read(`${url}/v1/who`)).toMatchObject({ says: "hello" });
  const { events: listed } = await runTrellis(["releases", "--json"], app);
  expect(listed[0]).toMatchObject({
    releases: [
      { number: 2, state: "rolled-back" },
      { number: 1, state: "serving" },
    ],
  });
}, 180_000);

test("a canary that does as well as the release before is promoted by itself, with no request lost", async () => {
  const app = notesApp();
  const { url } = await startTrellis({ ...app, environment }).ready;
  const load = askOverAndOver(url);
  app.edit('says: "hello"', 'says: "better"');
  const { code, events } = await runTrellis(["deploy", "--canary", "30%", "--for", "10s", "--json"], app);
  expect(events.at(-1)).toMatchObject({ event: "deployed" });
  expect(code).toBe(0);
  expect(await read(`${url}/v1/who`)).toMatchObject({ says: "better" });
  expect((await load.stop()).failed).toEqual([]);
}, 180_000);
