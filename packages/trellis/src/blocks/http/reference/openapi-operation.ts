import { signedIn } from "../../../model/actor.ts";
import type { ErrorCode } from "../../../model/errors.ts";
import { isReply, type Reply } from "../../../model/reply.ts";
import { keepsAnswers, permissionOf } from "../../../model/route.ts";
import { paramNames } from "../client/encode-call.ts";
import { namedSchemasIn } from "../endpoint/json-schema.ts";
import { header } from "../port.ts";
import type { Answer, Operation, Parameter } from "./openapi-document.ts";
import type { ProblemKind, ProblemSchemas } from "./problem-schemas.ts";
import type { RouteSchemas } from "./route-schemas.ts";
import type { SchemaShelf } from "./schema-shelf.ts";

const problemJson = "application/problem+json";

/** Makes the operations of one document, whose schemas lie on one shelf. */
export class Operations {
  readonly #shelf: SchemaShelf;
  readonly #problems: ProblemSchemas;

  constructor(shelf: SchemaShelf, problems: ProblemSchemas) {
    this.#shelf = shelf;
    this.#problems = problems;
  }

  of(schemas: RouteSchemas): Operation {
    const { service, name, route, body, received, answer } = schemas;
    const { summary } = route.options;
    const allow = permissionOf(route);
    const parameters = this.#parameters(schemas);
    return {
      operationId: `${service}.${name}`,
      tags: [service],
      ...(summary ? { summary } : {}),
      "x-allow": allow.says,
      security: allow.public ? [] : [{ key: [] }, { session: [] }],
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(body
        ? { requestBody: { required: true, content: { "application/json": { schema: this.#shelf.of(body) } } } }
        : {}),
      ...(received && answer
        ? { "x-websocket": { receives: this.#shelf.of(received), sends: this.#shelf.of(answer) } }
        : {}),
      responses: this.#responses(schemas),
    };
  }

  #parameters({ route, params, query }: RouteSchemas): readonly Parameter[] {
    const inPath = params ? namedSchemasIn(this.#shelf.opened(params).properties) : new Map();
    const path = paramNames(route.path).map(
      (name): Parameter => ({ name, in: "path", required: true, schema: inPath.get(name) ?? { type: "string" } }),
    );
    const asked = query ? this.#shelf.opened(query) : {};
    const required = Array.isArray(asked.required) ? asked.required : [];
    const inQuery = [...namedSchemasIn(asked.properties)].map(
      ([name, schema]): Parameter => ({ name, in: "query", required: required.includes(name), schema }),
    );
    return keepsAnswers(route) ? [...path, ...inQuery, idempotencyKey] : [...path, ...inQuery];
  }

  #responses(schemas: RouteSchemas): Readonly<Record<string, Answer>> {
    const declared = schemas.fails.map(({ kind, detail }) => this.#problems.declared(kind, this.#shelf.of(detail)));
    const own = ownCodes(schemas).map((code) => this.#problems.own(code));
    const byStatus = Map.groupBy([...declared, ...own], ({ status }) => status);
    const failures = [...byStatus].map(([status, kinds]) => [String(status), problemAnswer(kinds)] as const);
    const anyProblem = { [problemJson]: { schema: this.#problems.any() } };
    return {
      ...this.#success(schemas),
      ...Object.fromEntries(failures),
      default: { description: "Something else went wrong", content: anyProblem },
    };
  }

  #success({ route, answer }: RouteSchemas): Readonly<Record<string, Answer>> {
    const { returns } = route.options;
    const schema = answer ? this.#shelf.of(answer) : {};
    const reply: Pick<Reply, "kind" | "status" | "types"> | undefined = isReply(returns) ? returns : undefined;
    const location = { schema: { type: "string", format: "uri-reference" } };
    switch (reply?.kind) {
      case "created":
        return {
          201: { description: "Created", headers: { location }, content: { "application/json": { schema } } },
        };
      case "redirect":
        return { 302: { description: "Redirect", headers: { location } } };
      case "nothing":
        return { 204: { description: "Done" } };
      case "cookie":
        return {
          204: { description: "Done, and a cookie", headers: { "set-cookie": { schema: { type: "string" } } } },
        };
      case "events":
        return {
          200: {
            description: "Events as they happen, one JSON value each",
            content: { "text/event-stream": { schema } },
          },
        };
      case "socket":
        return { 101: { description: "Switching protocols: a WebSocket, whose messages are JSON texts" } };
      case "file":
        return {
          200: {
            description: "A file",
            content: Object.fromEntries((reply.types ?? []).map((type) => [type, { schema: {} }])),
          },
        };
      default:
        return { 200: { description: "Success", content: { "application/json": { schema } } } };
    }
  }
}

const idempotencyKey: Parameter = {
  name: header.idempotencyKey,
  in: "header",
  required: false,
  description: "A retry with the same key changes nothing and gets the first answer.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

/** The platform's own refusals that this route can meet. */
function ownCodes({ route, params, query, body, received }: RouteSchemas): readonly ErrorCode[] {
  const allow = permissionOf(route);
  return [
    ...(body ? (["malformed-json", "body-too-large", "wrong-media-type"] as const) : []),
    ...(params || query || body ? (["invalid-input"] as const) : []),
    ...(allow.public ? [] : (["unauthenticated"] as const)),
    ...(allow.public || allow === signedIn ? [] : (["forbidden"] as const)),
    ...(received ? (["upgrade-required"] as const) : []),
    ...(keepsAnswers(route) ? (["key-in-progress", "key-reused"] as const) : []),
    "unavailable",
    "deadline-exceeded",
  ];
}

function problemAnswer(kinds: readonly ProblemKind[]): Answer {
  const [first, ...more] = kinds.map(({ schema }) => schema);
  const schema = first && more.length === 0 ? first : { oneOf: [first, ...more] };
  return { description: kinds.map(({ title }) => title).join(" · "), content: { [problemJson]: { schema } } };
}
