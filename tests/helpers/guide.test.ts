import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followGuide } from "./guide.ts";

const fence = "```";
const block = (info: string, ...lines: string[]): string => [fence + info, ...lines, fence, ""].join("\n");

/** Says where it answers, as `trellis start` does; answers with its process id. */
const server = `
import { createServer } from "node:http";
const server = createServer((_, answer) => answer.end(\`pid \${process.pid}\\n\`));
server.listen(0, () => console.log(\`at http://localhost:\${server.address().port}\`));
`;

describe("following a guide", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "trellis-follow-"));
    await writeFile(join(folder, "server.mjs"), server);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const follow = async (...blocks: readonly string[]): Promise<void> => {
    const file = join(folder, "guide.md");
    await writeFile(file, blocks.join("\n"));
    await followGuide(file, { folder, environment: process.env });
  };

  it("writes files into the folder where the reader is, and runs modules there", async () => {
    await follow(
      block("sh", "mkdir app", "cd app"),
      block("json data/name.json", '"Ada"'),
      block(
        "ts",
        'import { readFileSync } from "node:fs";',
        'if (!/Ada/.test(readFileSync("data/name.json", "utf8"))) throw 1;',
      ),
    );
    expect(await readFile(join(folder, "app/data/name.json"), "utf8")).toBe('"Ada"\n');
  });

  it("asks the server at the address that it printed, and ends it", async () => {
    await follow(
      block("sh server", "node server.mjs"),
      block("text", "at http://localhost:3000"),
      block("sh", "curl -s http://localhost:3000/ | tee answer"),
      block("text", "pid …"),
    );
    const pid = Number((await readFile(join(folder, "answer"), "utf8")).replace("pid ", ""));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it.each([
    ["a command that fails", [block("sh", "ls nowhere")], /guide\.md:1 does not work.*nowhere/s],
    ["another output", [block("sh", "echo a"), block("text", "b")], /guide\.md:1 .*the output differs.*\nb\n.*\na\n/s],
    ["a module that throws", [block("sh", "ls"), block("ts", 'throw new Error("broken");')], /guide\.md:5 .*broken/s],
    [
      "a server that never serves",
      [block("sh server", "echo no address")],
      /it did not serve: exit code 0\nno address/,
    ],
  ])("refuses %s, with its line", async (_, blocks, says) => {
    await expect(follow(...blocks)).rejects.toThrow(says);
  });
});
