import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { copyRelease } from "./copy-release.ts";

let root: string;
let app: string;
let to: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "trellis-release-"));
  app = join(root, "app");
  to = join(root, "data", "releases", "1");
  write("trellis.config.ts", "first");
  write("src/service.ts", "code");
  write("package.json", "{}");
  write("node_modules/dependency/index.js", "dependency");
  symlinkSync("../src", join(app, "node_modules/workspace"));
  write(".trellis/secret", "secret");
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

function write(file: string, text: string): void {
  mkdirSync(dirname(join(app, file)), { recursive: true });
  writeFileSync(join(app, file), text);
}

const read = (file: string) => readFileSync(join(to, file), "utf8");
const git = (...words: readonly string[]) =>
  execFileSync("git", ["-C", app, "-c", "user.name=t", "-c", "user.email=t@example.com", ...words], { stdio: "pipe" });

test("a folder is copied without data, and no later edit reaches the copy", async () => {
  expect(await copyRelease({ source: { folder: app }, to, also: [] })).toBe(join(to, "trellis.config.ts"));
  write("trellis.config.ts", "second");
  expect(read("trellis.config.ts")).toBe("first");
  expect(read("src/service.ts")).toBe("code");
  expect(existsSync(join(to, ".trellis"))).toBe(false);
});

test("dependencies take no room, and workspaces are those of the copy", async () => {
  await copyRelease({ source: { folder: app }, to, also: [] });
  const inode = (file: string) => statSync(file).ino;
  expect(read("node_modules/dependency/index.js")).toBe("dependency");
  if (process.platform === "linux")
    expect(inode(join(to, "node_modules/dependency/index.js"))).toBe(
      inode(join(app, "node_modules/dependency/index.js")),
    );
  expect(readlinkSync(join(to, "node_modules/workspace"))).toBe("../src");
  // As npm does it: another file in the place of the old one.
  rmSync(join(app, "node_modules/dependency/index.js"));
  write("node_modules/dependency/index.js", "newer");
  expect(read("node_modules/dependency/index.js")).toBe("dependency");
});

test("of a repository what git ignores stays, except what the app is said to need", async () => {
  write(".gitignore", "node_modules\ndist\n*.log\n");
  write("debug.log", "noise");
  write("web/dist/index.html", "page");
  git("init", "-q");
  git("add", ".");
  write("src/new.ts", "not yet added");
  await copyRelease({ source: { folder: app }, to, also: [join(app, "web/dist")] });
  expect(read("web/dist/index.html")).toBe("page");
  expect(read("src/new.ts")).toBe("not yet added");
  expect(existsSync(join(to, "debug.log"))).toBe(false);
  expect(existsSync(join(to, ".git"))).toBe(false);
});

test("of a commit is copied what it has, whatever the folder has become since", async () => {
  write(".gitignore", "node_modules\n.trellis\n");
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "First");
  git("tag", "v1");
  write("trellis.config.ts", "second");
  await copyRelease({ source: { folder: app, ref: "v1" }, to, also: [] });
  expect(read("trellis.config.ts")).toBe("first");
  expect(read("node_modules/dependency/index.js")).toBe("dependency");
});

test("a commit that there is not is told, with nothing left behind", async () => {
  git("init", "-q");
  await expect(copyRelease({ source: { folder: app, ref: "v9" }, to, also: [] })).rejects.toMatchObject({
    code: "release-failed",
    message: expect.stringContaining("v9"),
  });
  expect(existsSync(to)).toBe(false);
});
