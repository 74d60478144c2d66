import build from "fast-json-stringify";
import { isJsonSchema, type JsonSchema, schemasIn } from "./json-schema.ts";

/** What the serialiser needs to know of a schema. The rest describes values, not how they are written. */
const structure = new Set([
  "$ref",
  "$defs",
  "definitions",
  "type",
  "const",
  "enum",
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "items",
  "prefixItems",
  "anyOf",
  "oneOf",
  "allOf",
]);
const namedSchemas = new Set(["$defs", "definitions", "properties", "patternProperties"]);

/**
 * Compiles a serialiser that writes exactly the declared fields of a value. It throws where a required field is missing
 * or a value cannot be written as its type.
 */
export function compileSerialiser(schema: JsonSchema): (value: unknown) => string {
  // The strict mode of what tells choices apart writes its opinions to the console.
  const compiled = build(structureOf(schema), { ajv: { strict: false } });
  return (value) => compiled(value);
}

/** The schema in the words of draft 7, as far as the serialiser reads it. */
function structureOf(schema: JsonSchema): JsonSchema {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!structure.has(keyword)) continue;
    if (namedSchemas.has(keyword) && isJsonSchema(value))
      result[keyword] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, structureOrSame(one)]));
    else result[keyword] = Array.isArray(value) ? value.map(structureOrSame) : structureOrSame(value);
  }
  return nullable(tuple(result));
}

const structureOrSame = (value: unknown): unknown => (isJsonSchema(value) ? structureOf(value) : value);

/** Draft 2020-12's `prefixItems` and `items` were `items` and `additionalItems`. */
function tuple({ prefixItems, items, ...others }: Record<string, unknown>): Record<string, unknown> {
  if (prefixItems === undefined) return items === undefined ? others : { ...others, items };
  return { ...others, items: prefixItems, ...(items === undefined ? {} : { additionalItems: items }) };
}

/** "X or null" has a keyword of its own here, far faster than a choice between schemas. */
function nullable(schema: Record<string, unknown>): JsonSchema {
  if (Array.isArray(schema.type)) {
    const [type, ...more] = schema.type.filter((one) => one !== "null");
    if (more.length === 0 && type !== undefined && schema.type.length === 2 && schema.enum === undefined)
      return { ...schema, type, nullable: true };
  }
  const choices = schemasIn(schema.anyOf);
  const [one, ...more] = choices.filter(({ type }) => type !== "null");
  if (choices.length === 2 && one && more.length === 0 && typeof one.type === "string" && one.const === undefined) {
    const { anyOf: _, ...others } = schema;
    return { ...others, ...one, nullable: true };
  }
  return schema;
}
