import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyFolder } from "./helpers/empty-folder.ts";
import { errorOf } from "./helpers/error-of.ts";
import { notesApp } from "./helpers/notes-app.ts";
import { runTrellis, startTrellis } from "./helpers/trellis-process.ts";

describe("a start that cannot succeed says why and what to do, and leaves nothing half-written", () => {
  test("outside an app", async () => {
    const folder = emptyFolder();
    const outcome = await runTrellis(["start", "--json"], { folder });
    expect(outcome.code).toBe(78);
    expect(errorOf(outcome)).toMatchObject({ code: "no-config", says: expect.stringContaining(folder) });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("with a configuration that is no TypeScript, throws, lacks a package, or exports no app", async () => {
    const app = notesApp();
    const broken = {
      "export default (": /^trellis\.config\.ts(?::\d+)?: /,
      'throw new Error("out of paper");': /^trellis\.config\.ts:1: out of paper$/,
      'import "no-such-package";': /no-such-package/,
      "export const app = {};": /no app as its default export/,
    };
    for (const [text, says] of Object.entries(broken)) {
      app.write("trellis.config.ts", text);
      const outcome = await runTrellis(["start", "--json"], app);
      expect(outcome.code).toBe(78);
      expect(errorOf(outcome)).toMatchObject({ code: "broken-config", says: expect.stringMatching(says) });
    }
    expect(existsSync(app.data)).toBe(false);
  });

  test("with a declaration that does not fit", async () => {
    const app = notesApp();
    app.edit('get("/v1/who"', 'get("/v1/slow"');
    expect(errorOf(await runTrellis(["start", "--json"], app))).toMatchObject({ code: "invalid-app", exit: 78 });
  });

  test("with a setting that is wrong", async () => {
    const app = { ...notesApp(), environment: { TRELLIS_DRAIN_TIMEOUT: "soon" } };
    const error = errorOf(await runTrellis(["start", "--json"], app));
    expect(error).toMatchObject({ code: "invalid-setting", exit: 78 });
    expect(error.says).toContain("TRELLIS_DRAIN_TIMEOUT");
  });

  test("with an option or a command that is not there", async () => {
    const app = notesApp();
    const option = errorOf(await runTrellis(["start", "--json", "--prot", "1"], app));
    expect(option).toMatchObject({
      code: "usage",
      exit: 64,
      cure: expect.stringContaining("Perhaps you meant --port"),
    });
    const command = errorOf(await runTrellis(["strat", "--json"], app));
    expect(command).toMatchObject({ exit: 64, cure: expect.stringContaining("Perhaps you meant trellis start") });
    expect(errorOf(await runTrellis(["start", "--json", "--port", "web"], app))).toMatchObject({ code: "usage" });
  });

  test("with a broken migration: its file and line are named, and nothing of it is kept", async () => {
    const app = notesApp();
    app.write("migrations/0002_more.sql", "create table more (id int);\ncreate tabel broken ();\n");
    const outcome = await startTrellis(app).ended;
    expect(outcome.code).toBe(65);
    expect(outcome.events.at(-1)).toMatchObject({ event: "error", code: "broken-migration" });
    expect(outcome.events.at(-1)?.says).toContain("0002_more.sql, line 2");
    app.write("migrations/0002_more.sql", "create table more (id int);");
    await startTrellis(app).ready;
  });

  test("with instances that cannot start: all is stopped, with the error of the instance", async () => {
    const app = notesApp();
    app.edit(
      "const notes = ",
      'if (process.argv.includes("instance-process")) throw new Error("no pen here");\nconst notes = ',
    );
    const trellis = startTrellis(app);
    const outcome = await trellis.ended;
    expect(outcome.code).toBe(70);
    const error = outcome.events.at(-1);
    expect(error).toMatchObject({ event: "error", code: "start-failed" });
    expect(error?.says).toMatch(/^(?:web|worker)-\d ended before it was ready: .*no pen here$/);
    expect(trellis.descendants()).toEqual([]);
  });

  test("with a database that does not answer", async () => {
    const app = { ...notesApp(), environment: { DATABASE_URL: "postgres://nobody@127.0.0.1:9/nothing" } };
    const outcome = await startTrellis(app).ended;
    expect(outcome.code).toBe(69);
    expect(outcome.events.at(-1)).toMatchObject({ code: "database-unreachable" });
  });

  test("with a data folder that is newer, has no parent, or is a file", async () => {
    const app = notesApp();
    const at = async (data: string) => errorOf(await runTrellis(["start", "--json", "--data", data], app));
    mkdirSync(join(app.folder, "newer"));
    writeFileSync(join(app.folder, "newer", "version"), "2\n");
    writeFileSync(join(app.folder, "file"), "");
    expect(await at("newer")).toMatchObject({ code: "data-folder-newer", exit: 78 });
    expect(await at("no/such/parent")).toMatchObject({ code: "data-folder", exit: 73 });
    expect(await at("file")).toMatchObject({ code: "data-folder", exit: 73 });
    expect(readdirSync(join(app.folder, "newer"))).toEqual(["version"]);
    expect(existsSync(join(app.folder, "no"))).toBe(false);
  });
});
