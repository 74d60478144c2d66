// usage: node scripts/on-pinned-node.mjs scripts/tidy.ts
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { problemsIn } from "./tidy-rules.ts";

const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
const files = listed.split("\n").filter((file) => /\.(ts|tsx|mjs|cjs)$/.test(file) && existsSync(file));

const messages = files.flatMap((file) =>
  problemsIn(file, readFileSync(file, "utf8")).map(({ line, says }) => `${file}:${line} ${says}`),
);
for (const message of messages) console.error(message);
console.log(`Read ${files.length} files`);
process.exitCode = messages.length > 0 || files.length === 0 ? 1 : 0;
