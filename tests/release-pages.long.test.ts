import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type NotesApp, notesApp } from "./helpers/notes-app.ts";
import { runTrellis, startTrellis } from "./helpers/trellis-process.ts";

const environment = { TRELLIS_SOAK: "1s" };

/** The notes app with a page, which git ignores where it is built. */
function appWithPages(): NotesApp {
  const app = notesApp();
  mkdirSync(join(app.folder, "web/dist"), { recursive: true });
  app.edit(
    "const notes = service(notesContract, {",
    'const notes = service(notesContract, { pages: { folder: import.meta.resolve("./web/dist/"), at: ["/"] },',
  );
  app.write(".gitignore", "dist\n.trellis\nnode_modules\n");
  app.write("web/page.html", "<title>committed</title>");
  app.write("web/dist/index.html", "<title>first</title>");
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", app.folder, "-c", "user.name=t", "-c", "user.email=t@example.com", ...words]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "First");
  return app;
}

const titleOf = async (url: string) => /<title>(.*)<\/title>/.exec(await (await fetch(url)).text())?.[1];
const deploy = (app: NotesApp, ...words: readonly string[]) => runTrellis(["deploy", "--json", ...words], app);
const build = "mkdir -p web/dist && cp web/page.html web/dist/index.html && echo built a page";

test("built pages, which git ignores, are part of a release of a folder, as they were when it was made", async () => {
  const app = appWithPages();
  const { url } = await startTrellis({ ...app, environment }).ready;
  app.write("web/dist/index.html", "<title>second</title>");
  expect((await deploy(app)).code).toBe(0);
  app.write("web/dist/index.html", "<title>not deployed</title>");
  expect(await titleOf(url)).toBe("second");

  app.write("web/page.html", "<title>built for it</title>");
  const { code, events } = await deploy(app, "--build", build);
  expect(code).toBe(0);
  expect(events).toContainEqual(expect.objectContaining({ step: "build", says: "built a page" }));
  expect(await titleOf(url)).toBe("built for it");
  // It was built in the release's own folder.
  app.write("web/dist/index.html", "<title>not deployed</title>");
  expect(await titleOf(url)).toBe("built for it");
}, 90_000);

test("a commit has no built pages: --build makes them, and why it could not is the reason", async () => {
  const app = appWithPages();
  const { url } = await startTrellis({ ...app, environment }).ready;
  const without = await deploy(app, "HEAD");
  expect(without.events.at(-1)).toMatchObject({
    code: "no-pages",
    cure: expect.stringContaining('trellis deploy HEAD --build "npm run build:pages"'),
  });

  const broken = await deploy(app, "HEAD", "--build", "echo no paper >&2; exit 3");
  expect(broken.code).toBe(70);
  expect(broken.events.at(-1)).toMatchObject({
    code: "release-failed",
    says: "`echo no paper >&2; exit 3` ended with exit code 3: no paper",
  });
  expect(existsSync(join(app.data, "releases", "3"))).toBe(false);
  expect(await titleOf(url)).toBe("first");

  expect((await deploy(app, "HEAD", "--build", build)).code).toBe(0);
  expect(await titleOf(url)).toBe("committed");
}, 90_000);
