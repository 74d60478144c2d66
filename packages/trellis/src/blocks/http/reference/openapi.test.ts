import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import { z } from "zod";
import { anyone, scope } from "../../../model/actor.ts";
import { type Contract, contract } from "../../../model/contract.ts";
import { failure } from "../../../model/failure.ts";
import { created, events, nothing, redirect, socket } from "../../../model/reply.ts";
import { del, get, post } from "../../../model/route.ts";
import { openApiDocument } from "./openapi.ts";

const date = z.codec(z.iso.datetime(), z.date(), { decode: (t) => new Date(t), encode: (d) => d.toISOString() });
const Link = z.object({ code: z.string(), target: z.url(), createdAt: date, id: z.string().default("x") });
const Place = z.object({ city: z.string() }).meta({ id: "Place" });
const Folder = z.object({
  name: z.string(),
  get folders() {
    return z.array(Folder);
  },
});
const AliasTaken = failure("alias-taken", {
  status: 409,
  title: "The alias is taken",
  cure: "Choose another alias.",
  detail: z.object({ alias: z.string() }),
});

const links = contract("links", {
  shorten: post("/v1/links", {
    summary: "Create a short link",
    body: z.object({ target: z.url(), alias: z.string().min(3).optional(), at: Place.optional() }),
    returns: created(Link),
    fails: [AliasTaken],
    allow: scope("links:write"),
  }),
  list: get("/v1/links", {
    query: z.object({ limit: z.coerce.number().int().max(100).optional(), tag: z.array(z.string()) }),
    returns: z.object({ links: z.array(Link), next: z.string().nullable() }),
  }),
  read: get("/v1/links/:code", { params: z.object({ code: z.string().max(64) }), returns: Link }),
  drop: del("/v1/links/:code", { returns: nothing(), fails: [AliasTaken] }),
  watch: get("/v1/links/:code/clicks", { returns: events(z.object({ at: z.number(), from: Place })) }),
  chat: get("/v1/links/:code/chat", {
    query: z.object({ since: z.int().optional() }),
    returns: socket({ receives: z.object({ says: z.string(), at: Place }), sends: Link }),
    fails: [AliasTaken],
  }),
  follow: get("/:code", { returns: redirect(), allow: anyone }),
});
const files = contract("files", {
  tree: get("/v1/tree", { returns: Folder }),
  place: get("/v1/place", { returns: Place }),
});
const document = openApiDocument([{ contract: links }, { contract: files }], {
  title: "Links",
  version: "1",
  servers: ["http://localhost:3000"],
});
const { paths, components } = document;

it("is an OpenAPI 3.1 document whose references all lead somewhere", async () => {
  const validator = new Validator();
  expect(await validator.validate(structuredClone(document) as unknown as Record<string, unknown>)).toEqual({
    valid: true,
  });
  expect(validator.version).toBe("3.1");
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name]) => name,
  );
  expect(references.length).toBeGreaterThan(20);
  expect(references.filter((name) => !Object.hasOwn(components.schemas, name ?? ""))).toEqual([]);
  expect(JSON.stringify(document)).not.toMatch(/\$defs|\$schema|"id":"/);
});

it("describes a route by its service, its name, its summary and who may", () => {
  expect(paths["/v1/links"]?.post).toMatchObject({
    operationId: "links.shorten",
    tags: ["links"],
    summary: "Create a short link",
    "x-allow": "scope links:write",
    security: [{ key: [] }, { session: [] }],
    requestBody: { required: true, content: { "application/json": { schema: { required: ["target"] } } } },
  });
  expect(paths["/{code}"]?.get).toMatchObject({ "x-allow": "anyone", security: [] });
});

it("describes parameters of path, query and head", () => {
  expect(paths["/v1/links/{code}"]?.get?.parameters).toEqual([
    { name: "code", in: "path", required: true, schema: { type: "string", maxLength: 64 } },
  ]);
  expect(paths["/v1/links"]?.get?.parameters).toMatchObject([
    { name: "limit", in: "query", required: false, schema: { maximum: 100 } },
    { name: "tag", in: "query", required: true, schema: { type: "array", items: { type: "string" } } },
  ]);
  expect(paths["/v1/links/{code}"]?.delete?.parameters).toMatchObject([{ name: "code" }, { name: "idempotency-key" }]);
});

it("describes each kind of answer with its status", () => {
  expect(paths["/v1/links"]?.post?.responses[201]).toMatchObject({ headers: { location: {} } });
  expect(paths["/v1/links/{code}"]?.delete?.responses[204]).toEqual({ description: "Done" });
  expect(paths["/{code}"]?.get?.responses[302]).toMatchObject({ headers: { location: {} } });
  expect(paths["/v1/links/{code}/clicks"]?.get?.responses[200]?.content).toHaveProperty(["text/event-stream"]);
});

it("describes a WebSocket by the messages of both ways, which share their schemas with other routes", () => {
  const chat = paths["/v1/links/{code}/chat"]?.get;
  expect(chat?.["x-websocket"]).toEqual({
    receives: {
      type: "object",
      properties: { says: { type: "string" }, at: { $ref: "#/components/schemas/Place" } },
      required: ["says", "at"],
    },
    sends: { $ref: "#/components/schemas/LinksShortenAnswer" },
  });
  expect(Object.keys(chat?.responses ?? {}).filter((status) => /^[123]/.test(status))).toEqual(["101"]);
  expect(chat?.responses[101]).not.toHaveProperty("content");
  expect(chat?.responses[426]?.content).toEqual({
    "application/problem+json": { schema: { $ref: "#/components/schemas/UpgradeRequired" } },
  });
  expect(Object.keys(chat?.responses ?? {})).toEqual(expect.arrayContaining(["401", "409", "422", "default"]));
  expect(chat?.parameters).toMatchObject([{ name: "code" }, { name: "since", in: "query" }]);
  for (const other of [paths["/v1/links"]?.get, paths["/v1/links/{code}/clicks"]?.get]) {
    expect(other).not.toHaveProperty("x-websocket");
    expect(other?.responses).not.toHaveProperty("426");
  }
});

it("names a message that has no form in JSON", () => {
  const broken = (receives: z.ZodType, sends: z.ZodType) =>
    contract("broken", { talk: get("/talk", { returns: socket({ receives, sends }) }) });
  const says = (part: string) =>
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining(part) });
  const describe = (broken: Contract) => () => openApiDocument([{ contract: broken }], { title: "x", version: "1" });
  expect(describe(broken(z.date(), Place))).toThrow(says("broken.talk: the received message"));
  expect(describe(broken(Place, z.date()))).toThrow(says("broken.talk: the sent message"));
});

it("lays schemas that occur more than once in one place, under the name that their author gave", () => {
  const link = { $ref: "#/components/schemas/LinksShortenAnswer" };
  expect(paths["/v1/links"]?.post?.responses[201]?.content).toEqual({ "application/json": { schema: link } });
  expect(paths["/v1/links/{code}"]?.get?.responses[200]?.content).toEqual({ "application/json": { schema: link } });
  expect(paths["/v1/links"]?.get?.responses[200]?.content).toMatchObject({
    "application/json": { schema: { properties: { links: { items: link } } } },
  });
  expect(components.schemas.LinksShortenAnswer).toMatchObject({
    properties: { createdAt: { type: "string", format: "date-time" }, id: { default: "x" } },
  });
  expect(paths["/v1/place"]?.get?.responses[200]?.content).toEqual({
    "application/json": { schema: { $ref: "#/components/schemas/Place" } },
  });
  expect(Object.keys(components.schemas).filter((name) => name.startsWith("Place"))).toEqual(["Place"]);
});

it("describes schemas that contain themselves", () => {
  const [answer] = Object.values(paths["/v1/tree"]?.get?.responses[200]?.content ?? {});
  const name = String(answer?.schema.$ref).split("/").at(-1) ?? "";
  expect(components.schemas[name]).toMatchObject({
    properties: { folders: { items: { $ref: `#/components/schemas/${name}` } } },
  });
});

it("describes declared failures and the platform's own problems with code, title and cure", () => {
  const answers = paths["/v1/links"]?.post?.responses ?? {};
  expect(answers[409]).toEqual({
    description: "The alias is taken · A request with this idempotency key is running",
    content: {
      "application/problem+json": {
        schema: {
          oneOf: [{ $ref: "#/components/schemas/AliasTaken" }, { $ref: "#/components/schemas/KeyInProgress" }],
        },
      },
    },
  });
  expect(components.schemas.AliasTaken).toMatchObject({
    title: "The alias is taken",
    description: "Choose another alias.",
    allOf: [
      { $ref: "#/components/schemas/Problem" },
      { properties: { code: { const: "alias-taken" }, status: { const: 409 }, data: { properties: { alias: {} } } } },
    ],
  });
  expect(Object.keys(answers)).toEqual(expect.arrayContaining(["400", "401", "403", "413", "415", "422", "default"]));
  expect(Object.keys(paths["/{code}"]?.get?.responses ?? {})).not.toContain("401");
});

it("names the route whose schema has no form in JSON", () => {
  const broken = contract("broken", { read: get("/x", { returns: z.object({ at: z.date() }) }) });
  expect(() => openApiDocument([{ contract: broken }], { title: "x", version: "1" })).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("broken.read: the answer") }),
  );
});
