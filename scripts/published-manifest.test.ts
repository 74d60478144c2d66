import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { publishedManifest } from "./published-manifest.ts";

const manifest = publishedManifest(readFileSync("packages/trellis/package.json", "utf8"));

test("no entry of the published package leads to TypeScript: Node strips no types under node_modules", () => {
  expect(JSON.stringify(manifest)).not.toMatch(/src\/|[^d]\.ts"/);
});

test("every entry has types and code", () => {
  expect(manifest).toHaveProperty(["exports", "."], { types: "./dist/index.d.ts", default: "./dist/index.js" });
  expect(manifest).toHaveProperty(["exports", "./contract"], {
    types: "./dist/contract.d.ts",
    default: "./dist/contract.js",
  });
});
