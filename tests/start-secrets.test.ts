import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { notesApp, read } from "./helpers/notes-app.ts";
import { runTrellis, startTrellis } from "./helpers/trellis-process.ts";

test("a first start that fails still shows the owner's key, which is made only once", async () => {
  const app = notesApp();
  const failed = await startTrellis({ ...app, environment: { TRELLIS_START_TIMEOUT: "1ms" } }).ended;
  expect(failed.events.at(-1)).toMatchObject({ event: "error", code: "start-failed" });
  const ownerKey = failed.events.find(({ event }) => event === "ownerKey")?.ownerKey;

  const ready = await startTrellis(app).ready;
  expect(ready).not.toHaveProperty("ownerKey");
  expect(await read(`${ready.url}/v1/mine`, { authorization: `Bearer ${ownerKey}` })).toEqual({
    id: expect.stringMatching(/^key:/),
  });
});

test("the address of a networked database, which may hold a password, is written down nowhere", async () => {
  const server = startTrellis(notesApp());
  await server.ready;
  const { url } = await server.event(({ event }) => event === "database");

  const app = notesApp();
  const networked = startTrellis({ ...app, environment: { DATABASE_URL: String(url) } });
  await networked.ready;
  expect(JSON.parse(readFileSync(join(app.data, "running.json"), "utf8"))).not.toHaveProperty("databaseUrl");
  expect(JSON.stringify(networked.events)).not.toContain(String(url));

  const { events } = await runTrellis(["key", "list", "--json"], app);
  expect(events.at(-1)).toMatchObject({ code: "invalid-setting", says: expect.stringContaining("DATABASE_URL") });
});
