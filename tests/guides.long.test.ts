import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkTypes } from "./helpers/check-types.ts";
import { copyCheckout, repository, terminalEnvironment } from "./helpers/checkout.ts";
import { followGuide } from "./helpers/guide.ts";

const run = promisify(execFile);

let folder: string;
let checkout: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trellis-guides-"));
  checkout = join(folder, "trellis");
  await copyCheckout(checkout);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const typed = (page: string) =>
  followGuide(join(repository, page), { folder: checkout, environment: terminalEnvironment() });

test("README.md works as printed, in a clone", async () => {
  await typed("README.md");
  await checkTypes(join(checkout, "src"), checkout);
});

test("apps/links/README.md works as printed, in a clone", () => typed("apps/links/README.md"));

test("docs/releases.md works as printed, in a clone", () => typed("docs/releases.md"));

test("docs/start.md leads from an empty folder to an app of one's own, with the package as it is published", async () => {
  expect(folder).not.toContain(repository);
  await typed("docs/start.md");
  // The reader's own settings, and those of people who bundle.
  const forBundlers = ["--module", "esnext", "--moduleResolution", "bundler"];
  await run("npx", ["tsc", ...forBundlers], { cwd: join(folder, "notes"), env: terminalEnvironment() });
});
