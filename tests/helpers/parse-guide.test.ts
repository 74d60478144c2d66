import { describe, expect, it } from "vitest";
import { parseGuide } from "./parse-guide.ts";

const fence = "```";
const block = (info: string, ...lines: string[]): string => [fence + info, ...lines, fence, ""].join("\n");

describe("a guide's steps", () => {
  it("are its blocks in their order, with the lines where they begin", () => {
    const markdown = ["# Title", "", block("sh", "cd app", "ls"), block("sql a/0001_x.sql", "select 1;")].join("\n");
    expect(parseGuide(markdown)).toEqual([
      { kind: "run", script: "cd app\nls\n", line: 3 },
      { kind: "write", file: "a/0001_x.sql", text: "select 1;\n", line: 8 },
    ]);
  });

  it("tell a file, a module and a server apart", () => {
    const steps = parseGuide([block("ts src/a.ts", "a"), block("ts", "b"), block("sh server", "npm start")].join("\n"));
    expect(steps.map(({ kind }) => kind)).toEqual(["write", "module", "serve"]);
  });

  it("write what a browser reads, scripts among it", () => {
    const steps = parseGuide([block("html web/index.html", "<p>"), block("js web/page.js", "1")].join("\n"));
    expect(steps).toMatchObject([
      { kind: "write", file: "web/index.html" },
      { kind: "write", file: "web/page.js" },
    ]);
  });

  it("take text as what is printed only directly after what prints it", () => {
    const [first, second] = parseGuide(
      [block("sh", "ls"), block("text", "a.ts"), block("sh", "pwd"), "In between.", "", block("text", "/")].join("\n"),
    );
    expect(first).toMatchObject({ script: "ls\n", expected: "a.ts\n" });
    expect(second).not.toHaveProperty("expected");
  });

  it("leave out what is only to be read", () => {
    expect(parseGuide([block("dockerfile", "FROM node"), block("", "plain")].join("\n"))).toEqual([]);
  });

  it("may hold longer fences around shorter ones", () => {
    expect(parseGuide(["````text", fence, "````"].join("\n"))).toEqual([]);
  });

  it.each([
    ["a language under another name", block("bash", "ls"), "line 1: write `sh` instead of `bash`"],
    ["JSON of no file", block("json", "{}"), "line 1: name the file"],
    ["a word that means nothing", block("sh serve", "ls"), "only `server` may follow"],
    ["a server of two commands", block("sh server", "cd app", "npm start"), "a server is one command"],
    ["an indented block", `- list\n  ${fence}sh\n  ls\n  ${fence}`, "line 2: begin the code block at the start"],
    ["a block without end", `${fence}sh\nls`, "never ends"],
  ])("refuse %s", (_, markdown, says) => {
    expect(() => parseGuide(markdown)).toThrow(says);
  });
});
