// usage: node scripts/on-pinned-node.mjs FILE [ARGUMENT…]
// Installs what package-lock.json names if that has not happened yet, then runs FILE on the pinned Node.
import { continueOn, pinnedNode, requireSupportedNode } from "../packages/trellis/bin/pinned-node.mjs";
import { quietExperiments } from "../packages/trellis/bin/quiet-experiments.mjs";
import { ensureInstalled } from "./install.mjs";

requireSupportedNode();
quietExperiments();
ensureInstalled();
continueOn(pinnedNode(), process.argv.slice(2));
