import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkTypes } from "./helpers/check-types.ts";
import { repository, terminalEnvironment } from "./helpers/checkout.ts";
import { followGuide } from "./helpers/guide.ts";
import { parseGuide } from "./helpers/parse-guide.ts";

const run = promisify(execFile);

/** Typed here, where "trellis" is the source. */
const quick = [
  "README.md",
  "benchmarks.md",
  "blocks.md",
  "cache.md",
  "command.md",
  "contracts.md",
  "database.md",
  "edge-cache.md",
  "errors.md",
  "gateway.md",
  "operations.md",
  "pages.md",
  "policies.md",
  "queue.md",
  "scaling.md",
  "schedule.md",
  "stream.md",
  "telemetry.md",
  "websockets.md",
];
/** Typed in guides.long.test.ts, with the package as it will be published. */
const long = ["releases.md", "start.md"];
/** Typed there too: the pages outside of docs/ that have something to type. */
const elsewhere = ["README.md", "apps/links/README.md"];

// Not under node_modules, where Node strips no types, but where "trellis" leads to the workspace.
const folders = join(repository, "dist/guides");
let here: string;

beforeAll(async () => {
  await mkdir(folders, { recursive: true });
  here = await mkdtemp(join(folders, "run-"));
});
afterAll(() => rm(here, { recursive: true, force: true }));

test("every page of docs/ is typed by a test", async () => {
  const pages = await readdir(join(repository, "docs"), { recursive: true });
  expect(pages.filter((page) => page.endsWith(".md")).sort()).toEqual([...quick, ...long].sort());
});

test("every other page with something to type is typed too", async () => {
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: repository });
  const typed: string[] = [];
  for (const page of new Set(stdout.split("\n").filter((name) => name !== "" && !name.startsWith("docs/"))))
    if (parseGuide(await readFile(join(repository, page), "utf8")).length > 0) typed.push(page);
  expect(typed.sort()).toEqual(elsewhere);
});

describe("works as printed:", () => {
  test.each(quick)("docs/%s", { timeout: 180_000 }, async (page) => {
    const folder = join(here, page.replace(".md", ""));
    await mkdir(folder);
    const environment = terminalEnvironment();
    const nodeFirst = [dirname(process.execPath), environment["PATH"]].join(delimiter);
    await followGuide(join(repository, "docs", page), { folder, environment: { ...environment, PATH: nodeFirst } });
    await checkTypes(folder, repository);
  });
});
