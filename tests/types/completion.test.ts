import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const file = join(import.meta.dirname, "completion-example.ts");
const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2024,
  strict: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
};

/** A service whose `routes` are being typed, or what is after them; `‸` is where the cursor stands. */
const serviceWith = (routes: string, more = "") => `
import { database, service, stream } from "trellis";
import { anyone, contract, get, post } from "trellis/contract";
import { z } from "zod";
const Thing = z.object({ id: z.string(), size: z.number() });
const things = contract("things", {
  read: get("/things/:id", { returns: Thing }),
  add: post("/things", { body: Thing, returns: Thing }),
});
const shown = contract("shown", {
  show: get("/shown/:id", { returns: Thing, allow: anyone, edge: { maxAge: "5m", event: { headers: ["Referer"] } } }),
  other: get("/other", { returns: Thing, allow: anyone, edge: { maxAge: "5m" } }),
});
service(things, {
  uses: { db: database<{ thing: { id: string; size: number } }>({ migrations: "" }) },
  routes: { ${routes} },
});
service(shown, {
  uses: { db: database<{}>({ migrations: "" }), views: stream(Thing, { key: ({ id }) => id }) },
  routes: { show: () => ({ id: "", size: 1 }), other: () => ({ id: "", size: 1 }) },
  ${more}
});
`;

const offered = (routes: string): readonly string[] => offeredIn(serviceWith(routes));
const offeredAfter = (more: string): readonly string[] => offeredIn(serviceWith("", more));

function offeredIn(marked: string): readonly string[] {
  const cursor = marked.indexOf("‸");
  const program = marked.replace("‸", "");
  const read = (name: string) => (name === file ? program : ts.sys.readFile(name));
  const editor = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const text = read(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => import.meta.dirname,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: read,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return editor.getCompletionsAtPosition(file, cursor, {})?.entries.map(({ name }) => name) ?? [];
}

describe("an editor, in the middle of a service", () => {
  it("offers the contract's routes, and those only", () => {
    expect(offered("‸").toSorted()).toEqual(["add", "read"]);
  });

  it("offers what a request holds", () => {
    expect(offered("read: ({ ‸ }) => 1")).toEqual(expect.arrayContaining(["actor", "log", "now", "params", "query"]));
  });

  it("offers the parameters of the path", () => {
    expect(offered("read: ({ params }) => { params.‸ }")).toEqual(["id"]);
  });

  it("offers the blocks that the service uses", () => {
    expect(offered("read: (_, { ‸ }) => 1")).toEqual(["db"]);
  });

  it("offers the tables", () => {
    expect(offered('read: (_, { db }) => { db.selectFrom("‸") }')).toContain("thing");
  });

  it("offers the fields of what is to be returned", () => {
    expect(offered("read: ({ params }) => ({ id: params.id, ‸ })")).toContain("size");
  });

  it("offers the mapping of edge events, and the routes and streams that there are", () => {
    expect(offeredAfter("‸")).toContain("edgeEvents");
    expect(offeredAfter("edgeEvents: { ‸ }")).toEqual(["show"]);
    expect(offeredAfter('edgeEvents: { show: { stream: "‸" } }')).toEqual(["views"]);
  });

  it("offers what is known of an answer of the edge, and what is to be made of it", () => {
    const mapping = (event: string) => `edgeEvents: { show: { stream: "views", event: ${event} } }`;
    expect(offeredAfter(mapping("({ headers }) => { headers.‸ }"))).toEqual(["referer"]);
    expect(offeredAfter(mapping("({ params }) => { params.‸ }"))).toEqual(["id"]);
    expect(offeredAfter(mapping("() => ({ ‸ })")).toSorted()).toEqual(["id", "size"]);
  });
});
