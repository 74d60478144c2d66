// usage: npm run test:long
// The whole suite once more on a PostgreSQL from the distribution's packages, and the tests that take minutes.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { startDebianPostgres } from "./debian-postgres.ts";

const postgres = await startDebianPostgres();
if (!postgres) console.error("Skipped the suite on a second PostgreSQL: `apt-get install postgresql` brings one.");

const vitest = join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");
const projects = postgres ? ["unit", "system", "long"] : ["long"];
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", ...projects.flatMap((project) => ["--project", project]), ...process.argv.slice(2)],
  { stdio: "inherit", env: { ...process.env, ...(postgres ? { TEST_DATABASE_URL: postgres.url } : {}) } },
);
await postgres?.stop();
process.exitCode = status ?? 1;
if (!postgres && process.env.TRELLIS_CI) process.exitCode = 1;
