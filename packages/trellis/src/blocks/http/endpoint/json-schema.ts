import type { Schema } from "../../../model/schema.ts";

/** A JSON Schema (draft 2020-12) as a schema library describes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What travels: the schema's input side. Throws where a part, such as a `Date`, has no form in JSON. */
export function wireJsonSchema(schema: Schema): JsonSchema {
  return schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
}

export function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schemas in a list such as `anyOf`, or in none. */
export function schemasIn(list: unknown): readonly JsonSchema[] {
  return Array.isArray(list) ? list.filter(isJsonSchema) : [];
}

/** The named schemas in a keyword such as `properties`. */
export function namedSchemasIn(schemas: unknown): ReadonlyMap<string, JsonSchema> {
  const entries = isJsonSchema(schemas) ? Object.entries(schemas) : [];
  return new Map(entries.filter((entry): entry is [string, JsonSchema] => isJsonSchema(entry[1])));
}

/** What a local reference such as `#/$defs/Node` leads to (RFC 6901). */
export function referredTo(root: JsonSchema, reference: string): JsonSchema | undefined {
  let place: unknown = root;
  for (const step of reference.split("/").slice(1)) {
    if (!isJsonSchema(place)) return undefined;
    place = place[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return reference.startsWith("#") && isJsonSchema(place) ? place : undefined;
}
