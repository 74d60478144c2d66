import { Script } from "node:vm";
import { expect, it } from "vitest";
import { z } from "zod";
import { anyone, scope } from "../../../model/actor.ts";
import { contract } from "../../../model/contract.ts";
import { errorCatalogue } from "../../../model/errors.ts";
import { failure } from "../../../model/failure.ts";
import { created, events, socket } from "../../../model/reply.ts";
import { get, post } from "../../../model/route.ts";
import { openApiDocument } from "./openapi.ts";
import { problemPages } from "./problem-pages.ts";
import { referencePages } from "./reference-page.ts";

const Link = z.object({ code: z.string(), tags: z.array(z.object({ name: z.string().describe("<b>bold</b>") })) });
const AliasTaken = failure("alias-taken", {
  status: 409,
  title: "The alias is taken",
  cure: "Choose another `alias`.",
  detail: z.object({ alias: z.string(), owner: z.string() }),
});
const links = contract("links", {
  shorten: post("/v1/links", {
    summary: "Makes a link & says <it>",
    body: z.object({ target: z.url().max(2048), note: z.literal("it's").optional() }),
    returns: created(Link),
    fails: [AliasTaken],
    allow: scope("links:write"),
  }),
  list: get("/v1/links", { query: z.object({ q: z.string(), limit: z.int().default(20) }), returns: z.array(Link) }),
  note: post("/v1/links/:code/note", { body: z.object({ says: z.literal("it's") }), returns: Link }),
  talk: get("/:code/talk", {
    query: z.object({ name: z.string(), since: z.int().optional() }),
    returns: socket({
      receives: z.discriminatedUnion("do", [
        z.object({ do: z.literal("say"), text: z.string().max(200) }),
        z.object({ do: z.literal("leave") }),
      ]),
      sends: z.union([Link, z.object({ gone: z.boolean() }).nullable()]),
    }),
  }),
  watch: get("/:code/clicks", { returns: events(Link), allow: anyone }),
});
const document = openApiDocument([{ contract: links }], {
  title: "Links <&>",
  version: "1",
  servers: ["https://links.example"],
});
const pages = referencePages(() => document);
const bodyOf = (path: string) => pages.find((page) => page.path === path)?.body() ?? "";
const page = bodyOf("/openapi");
/** What a reader of one route sees. */
const textOf = (id: string) =>
  (page.match(new RegExp(`<details id="${id}"[\\s\\S]*?\\n</details>`))?.[0] ?? "")
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll(/\s+/g, " ");

it("asks nothing of third parties, and loads nothing that it does not bring along", () => {
  const csp = pages.find(({ path }) => path === "/openapi")?.headers?.["content-security-policy"];
  expect(csp).toContain("default-src 'none'");
  expect(csp).not.toMatch(/unsafe|https?:|\*/);
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? "");
  const brought = new Set(pages.map(({ path }) => path));
  const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => `#${id}`));
  expect(
    addresses.filter((address) => !brought.has(address) && !ids.has(address) && !address.startsWith("data:")),
  ).toEqual([]);
  expect(page).not.toMatch(/<style|style="| on[a-z]+="|<script>/);
  expect(bodyOf("/openapi/reference.css")).not.toMatch(/url\(|@import/);
});

it("has a script that browsers can read, for parts that the page has", () => {
  const script = bodyOf("/openapi/reference.js");
  expect(() => new Script(script)).not.toThrow();
  const wanted = [...script.matchAll(/querySelector(?:All)?\("([#.])([\w-]+)"\)/g)];
  expect(wanted.length).toBeGreaterThan(5);
  for (const [, kind, name] of wanted)
    expect(page).toMatch(new RegExp(kind === "#" ? ` id="${name}"` : ` class="(?:[\\w-]+ )*${name}[ "]`));
});

it("says of a route what it is for, who may, what goes in and what comes out", () => {
  const text = textOf("links.shorten");
  expect(text).toContain("POST /v1/linksMakes a link &amp; says &lt;it&gt; scope links:write");
  expect(text).toContain("Body target string · uri");
  expect(text).toContain("at most 2048 characters");
  expect(text).toContain("noteoptional &quot;it&#39;s&quot;");
  expect(text).toContain("Answer 201");
  expect(text).toContain("tags list of object tags[].name string");
  expect(textOf("links.list")).toContain("limitquery, optional integer20 unless given");
});

it("names failures with their cure, the route's own before those of every route", () => {
  const text = textOf("links.shorten");
  expect(text).toContain("409 alias-taken The alias is takenChoose another alias. Its data has alias, owner.");
  expect(text.indexOf("alias-taken")).toBeLessThan(text.indexOf("key-in-progress"));
  expect(textOf("links.watch")).not.toContain("unauthenticated");
});

it("escapes whatever an author writes", () => {
  expect(page).toContain("<title>Links &lt;&amp;&gt; · API reference</title>");
  expect(page).not.toContain("<b>bold</b>");
  expect(page).not.toContain("<it>");
});

it("gives a line for the shell that can be run as it is", () => {
  expect(textOf("links.shorten")).toContain(
    "curl -X POST &#39;https://links.example/v1/links&#39; \\ -H &#39;authorization: Bearer KEY&#39; \\ " +
      "-H &#39;content-type: application/json&#39; \\ -d &#39;{&quot;target&quot;:&quot;https://example.com&quot;}&#39;",
  );
  expect(textOf("links.note")).toContain("-d &#39;{&quot;says&quot;:&quot;it&#39;\\&#39;&#39;s&quot;}&#39;");
  expect(textOf("links.list")).toContain("curl &#39;https://links.example/v1/links?q=text&#39;");
  expect(textOf("links.watch")).toContain("curl -N &#39;https://links.example/CODE/clicks&#39; Copy");
});

it("says of a WebSocket what is sent and received, and how it ends", () => {
  const text = textOf("links.talk");
  expect(text).toMatch(
    /You send Each message is one JSON text. do &quot;say&quot; text string.*? or do &quot;leave&quot; You receive /,
  );
  expect(text).toMatch(/You receive .*?code string .*? or gone boolean or value null How it ends /);
  expect(text).toMatch(/Try it .*A program sends authorization: Bearer KEY .*Parameters/);
  expect(text).toMatch(/1001The instance is ending.* 4422A message did not fit/);
  expect(text).toContain("426 upgrade-required");
  expect(text).not.toContain("Answer");
  expect(text).not.toContain("curl");
  expect(page).toMatch(/id="links\.talk" [^>]*data-find="[^"]* websocket /);
  expect(page).not.toMatch(/id="links\.watch" [^>]*data-find="[^"]*websocket/);
});

it("gives lines of JavaScript that connect to a WebSocket as they are", async () => {
  const lines = page.match(/<code>(const socket[\s\S]*?)<\/code>/)?.[1] ?? "";
  const script = lines
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">");
  const sent: unknown[] = [];
  class WebSocket {
    readonly send = (message: unknown) => sent.push(message);
    constructor(address: unknown) {
      sent.push(address);
    }
  }
  new Script(`${script}\nsocket.onopen();`).runInNewContext({ WebSocket, console });
  expect(sent).toEqual(["wss://links.example/CODE/talk?name=text", '{"do":"say","text":"text"}']);
  expect(lines).toContain('<span class="origin">wss://links.example</span>');
});

it("gives the document itself at /openapi.json", () => {
  expect(JSON.parse(bodyOf("/openapi.json"))).toEqual(document);
});

it("has a page for the type of every problem, the app's own with the routes that declare it", () => {
  const problems = problemPages([links]);
  const bodyAt = (path: string) => problems.find((page) => page.path === path)?.body() ?? "";
  expect(bodyAt("/problems/alias-taken")).toMatch(/<h1>The alias is taken<[\s\S]*Choose another <code>alias<\/code>/);
  expect(bodyAt("/problems/alias-taken")).toContain('href="/openapi#links.shorten"');
  for (const code of Object.keys(errorCatalogue)) expect(bodyAt(`/problems/${code}`)).toContain(`<code>${code}</code>`);
});
