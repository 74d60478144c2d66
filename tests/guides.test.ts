import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkTypes } from "./helpers/check-types.ts";
import { repository, terminalEnvironment } from "./helpers/checkout.ts";
import { followGuide } from "./helpers/guide.ts";

/** Typed here, where "trellis" is the source. */
const quick = [
  "README.md",
  "benchmarks.md",
  "blocks.md",
  "cache.md",
  "command.md",
  "contracts.md",
  "database.md",
  "errors.md",
  "operations.md",
];
/** Typed in guides.long.test.ts, with the package as it will be published. */
const long = ["start.md"];

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
