import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askOverAndOver } from "./helpers/ask-over-and-over.ts";
import { addNote, type NotesApp, notes, notesApp, read } from "./helpers/notes-app.ts";
import { lives, runTrellis, startTrellis } from "./helpers/trellis-process.ts";

interface Release {
  readonly number: number;
  readonly state: string;
  readonly because?: string;
}

/** Short, so that a test need not wait: the crash that it looks for comes at once. */
const environment = { TRELLIS_SOAK: "1s" };

async function releasesOf(app: NotesApp): Promise<readonly Release[]> {
  const { events } = await runTrellis(["releases", "--json"], app);
  return (events[0] as unknown as { readonly releases: readonly Release[] }).releases;
}

const says = async (url: string) => (await read<{ says: string }>(`${url}/v1/who`)).says;
const deploy = (app: NotesApp, ...words: readonly string[]) => runTrellis(["deploy", "--json", ...words], app);

test("a release takes the place of the one that runs with no request lost, and the way back loses none", async () => {
  const app = notesApp();
  const { url, instances } = await startTrellis({ ...app, environment }).ready;
  await addNote(url, "kept");
  const load = askOverAndOver(url);

  app.edit('says: "hello"', 'says: "second"');
  const { code, events } = await deploy(app);
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ event: "deployed", release: { number: 2, state: "serving", copied: true } });
  expect(await says(url)).toBe("second");
  expect(instances.filter(({ pid }) => lives(pid))).toEqual([]);

  // What runs is a copy: nobody sees an edit before it is deployed.
  app.edit('says: "hello"', 'says: "third"');
  expect((await runTrellis(["scale", "web=3"], app)).code).toBe(0);
  const answers = new Set<string>();
  for (let count = 0; count < 20; count += 1) answers.add(await says(url));
  expect([...answers]).toEqual(["second"]);

  app.edit('says: "hello"', 'says: "first again"');
  expect((await runTrellis(["rollback", "--json"], app)).code).toBe(0);
  expect(await releasesOf(app)).toMatchObject([
    { number: 2, state: "rolled-back", because: expect.stringContaining("release 1") },
    { number: 1, state: "serving" },
  ]);
  expect(await notes(url)).toEqual(["kept"]);

  rmSync(join(app.data, "releases/2"), { recursive: true });
  const { code: refused, events: said } = await runTrellis(["rollback", "2", "--json"], app);
  expect([refused, said.at(-1)]).toMatchObject([69, { code: "release-gone", cure: expect.stringContaining("deploy") }]);
  expect(await says(url)).toBe("first again");
  const { asked, failed } = await load.stop();
  expect(asked).toBeGreaterThan(50);
  expect(failed).toEqual([]);
}, 120_000);

test("a release that is broken never gets a request: the one that runs stays, and the reason is kept", async () => {
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment });
  const { url, instances } = await trellis.ready;
  const load = askOverAndOver(url);

  app.edit("export default", 'throw new Error("no ink"); export default');
  const unloadable = await deploy(app);
  expect(unloadable.code).toBe(78);
  expect(unloadable.events.at(-1)).toMatchObject({ code: "broken-config", says: expect.stringContaining("no ink") });

  // It loads where it is looked at, and nowhere else.
  app.edit(
    "export default",
    'if (process.argv.includes("instance-process")) throw new Error("no pen"); export default',
  );
  const unstartable = await deploy(app);
  expect(unstartable.code).toBe(70);
  expect(unstartable.events.at(-1)).toMatchObject({ code: "release-failed", says: expect.stringContaining("no pen") });

  app.write("migrations/0002_less.sql", "alter table note drop column text;");
  app.edit('says: "hello"', 'says: "narrower"');
  const narrowing = await deploy(app);
  expect(narrowing.code).toBe(65);
  expect(narrowing.events.at(-1)).toMatchObject({
    code: "incompatible-migration",
    says: expect.stringContaining("0002_less.sql:1"),
    cure: expect.stringContaining("Expand"),
  });

  expect(await says(url)).toBe("hello");
  expect(instances.map(({ pid }) => pid).every(lives)).toBe(true);
  expect(await releasesOf(app)).toMatchObject([
    { number: 4, state: "failed", because: expect.stringContaining("drops the column text") },
    { number: 3, state: "failed", because: expect.stringContaining("no pen") },
    { number: 2, state: "failed", because: expect.stringContaining("no ink") },
    { number: 1, state: "serving" },
  ]);
  expect(existsSync(join(app.data, "releases", "4"))).toBe(false);
  expect((await load.stop()).failed).toEqual([]);
}, 120_000);

test("a migration that adds runs before the release, which the next start runs again", async () => {
  const app = notesApp();
  const first = startTrellis({ ...app, environment });
  const { url } = await first.ready;
  app.write("migrations/0002_tag.sql", "alter table note add column tag text not null default 'none';");
  app.edit('says: "hello"', 'says: "tagged"');
  expect((await deploy(app)).code).toBe(0);
  await addNote(url, "after");
  await first.stop();

  app.edit('says: "hello"', 'says: "not deployed"');
  const second = await startTrellis({ ...app, environment }).ready;
  expect(await says(second.url)).toBe("tagged");
  expect(await notes(second.url)).toEqual(["after"]);
}, 90_000);

test("status shows what runs, pause holds requests, resume lets them go on, scale changes how many there are", async () => {
  const app = notesApp();
  const { url } = await startTrellis({ ...app, environment }).ready;
  const status = async () => (await runTrellis(["status", "--json"], app)).events[0] as never as Status;
  await says(url);
  expect(await status()).toMatchObject({
    release: 1,
    instances: [
      { name: "web-1", role: "web", state: "ready", release: 1, memoryBytes: expect.any(Number), inFlight: 0 },
      { name: "web-2" },
      { name: "worker-1", role: "worker" },
    ],
    gateways: [{ name: "gateway-1", pid: expect.any(Number) }],
    services: [{ service: "notes", held: 0, paused: false }],
  });

  expect((await runTrellis(["pause", "notes", "--for", "30s"], app)).code).toBe(0);
  const held = says(url);
  await expect
    .poll(async () => (await status()).services[0], { timeout: 15_000 })
    .toMatchObject({ held: 1, paused: true });
  expect((await runTrellis(["resume", "notes"], app)).code).toBe(0);
  expect(await held).toBe("hello");

  expect((await runTrellis(["scale", "notes=3", "worker=2"], app)).code).toBe(0);
  expect((await status()).instances.map(({ name }) => name).sort()).toEqual([
    "web-1",
    "web-2",
    "web-3",
    "worker-1",
    "worker-2",
  ]);
  expect((await runTrellis(["scale", "notes=1"], app)).code).toBe(0);
  expect((await status()).instances.map(({ name }) => name).sort()).toEqual(["web-1", "worker-1", "worker-2"]);

  const table = (await runTrellis(["status"], app)).stdout;
  expect(table).toMatch(/^web-1 +1 {2}ready/m);
  expect(table).toMatch(/^notes +\d/m);
}, 90_000);

interface Status {
  readonly instances: readonly { readonly name: string }[];
  readonly services: readonly object[];
}

test("commands that need the app say so where it does not run, and what is not there is named", async () => {
  const app = notesApp();
  for (const words of [["status"], ["deploy"], ["rollback"], ["pause", "notes"], ["scale", "web=2"]])
    expect((await runTrellis([...words, "--json"], app)).events.at(-1)).toMatchObject({ code: "not-running" });
  const trellis = startTrellis({ ...app, environment });
  await trellis.ready;
  const refused = async (...words: readonly string[]) => (await runTrellis([...words, "--json"], app)).events.at(-1);
  expect(await refused("pause", "novels")).toMatchObject({ code: "usage", cure: expect.stringContaining("notes") });
  expect(await refused("rollback")).toMatchObject({ code: "usage" });
  expect(await refused("rollback", "7")).toMatchObject({ code: "usage", says: expect.stringContaining("7") });
  expect(await refused("deploy", "no-such-branch")).toMatchObject({ code: "release-failed" });
  expect(await refused("scale", "web=many")).toMatchObject({ code: "usage" });
  expect(await refused("deploy", "--canary", "200%")).toMatchObject({ code: "usage" });
  const { control } = JSON.parse(readFileSync(join(app.data, "running.json"), "utf8"));
  expect(statSync(control).mode & 0o777).toBe(0o600);

  expect((await runTrellis(["stop"], app)).code).toBe(0);
  expect((await trellis.ended).code).toBe(0);
}, 90_000);
