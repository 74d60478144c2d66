import { readFileSync } from "node:fs";
import { command } from "../command.ts";

const manifest = new URL("../../../package.json", import.meta.url);

export const version = command({
  name: "version",
  about: "Prints the version of Trellis, and of the Node.js that runs it.",
  options: {},
  run: async (_input, { output }) => {
    const { version: trellis }: { readonly version: string } = JSON.parse(readFileSync(manifest, "utf8"));
    output.answer({ trellis, node: process.versions.node }, `trellis ${trellis}, Node.js ${process.versions.node}`);
    return 0;
  },
});
