import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // A skipped promise is a promise not kept: CI counts it as a failure, see scripts/ci.ts.
    allowOnly: !process.env.TRELLIS_CI,
    // Two cores: more workers only make one another's timings noisy.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts", "apps/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"],
          exclude: ["**/*.browser.test.ts", "**/node_modules/**"],
          pool: "threads",
        },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["tests/**/*.test.ts"],
          exclude: ["**/*.long.test.ts", "**/*.browser.test.ts", "**/node_modules/**"],
          pool: "forks",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["tests/browser/*.browser.test.ts"],
          globalSetup: ["tests/browser/helpers/say-what-is-skipped.ts"],
          pool: "forks",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "long",
          include: ["tests/**/*.long.test.ts"],
          pool: "forks",
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
