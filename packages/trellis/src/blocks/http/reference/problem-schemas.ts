import { type ErrorCode, errorCatalogue } from "../../../model/errors.ts";
import type { AnyFailureKind } from "../../../model/failure.ts";
import type { JsonSchema } from "../endpoint/json-schema.ts";
import { pascalCase, type SchemaShelf } from "./schema-shelf.ts";

/** One kind of problem that a route can answer with. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** A reference to its schema, whose `title` and `description` are the title and the cure. */
  readonly schema: JsonSchema;
}

const text: JsonSchema = { type: "string" };

/** What every problem has (RFC 9457, and what Trellis adds). */
const problem: JsonSchema = {
  type: "object",
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: text,
    status: { type: "integer" },
    code: { ...text, description: "Stable: safe to branch on." },
    detail: { ...text, description: "What happened just here." },
    cure: { ...text, description: "What mends it." },
    fields: {
      type: "array",
      description: "The fields that are wrong.",
      items: { type: "object", properties: { field: text, problem: text }, required: ["field", "problem"] },
    },
    requestId: { ...text, description: "The log knows the request by it." },
  },
  required: ["type", "title", "status", "code", "cure"],
};

/** The schemas of problems, each with a place of its own in the document. */
export class ProblemSchemas {
  readonly #shelf: SchemaShelf;

  constructor(shelf: SchemaShelf) {
    this.#shelf = shelf;
  }

  /** Any problem. */
  any(): JsonSchema {
    return this.#shelf.put("Problem", problem);
  }

  /** One of the platform's own. */
  own(code: ErrorCode): ProblemKind {
    const { status, title, cure } = errorCatalogue[code];
    return { status, title, schema: this.#schemaOf(code, status, title, cure) };
  }

  /** A failure that a route declares. `detail` is the schema of its detail. */
  declared({ code, text: { status, title, cure } }: AnyFailureKind, detail: JsonSchema): ProblemKind {
    return { status, title, schema: this.#schemaOf(code, status, title, cure, detail) };
  }

  #schemaOf(code: string, status: number, title: string, cure: string, detail?: JsonSchema): JsonSchema {
    const properties = { code: { const: code }, status: { const: status }, ...(detail ? { data: detail } : {}) };
    return this.#shelf.put(pascalCase(code), {
      title,
      description: cure,
      allOf: [this.any(), { type: "object", properties, required: Object.keys(properties) }],
    });
  }
}
