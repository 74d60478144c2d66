#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { continueOn, isPinnedOrNewer, pinnedNode, requireSupportedNode } from "./pinned-node.mjs";
import { quietExperiments } from "./quiet-experiments.mjs";

requireSupportedNode();
quietExperiments();
if (isPinnedOrNewer) {
  const { useCompileCache } = await import("./compile-cache.mjs");
  useCompileCache();
  const built = new URL("../dist/cli/main.js", import.meta.url);
  await import(existsSync(built) ? built : new URL("../src/cli/main.ts", import.meta.url));
} else {
  continueOn(pinnedNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}
