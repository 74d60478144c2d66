/** What a serialiser needs to know of a schema. The rest describes values, not how they are written. */
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

type JsonSchema = Readonly<Record<string, unknown>>;

/** A JSON Schema (draft 2020-12) in the words of draft 7, as far as a serialiser reads it. */
export function jsonStructure(schema: JsonSchema): JsonSchema {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!structure.has(keyword)) continue;
    if (namedSchemas.has(keyword) && isSchema(value))
      result[keyword] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, structureOrSame(one)]));
    else result[keyword] = Array.isArray(value) ? value.map(structureOrSame) : structureOrSame(value);
  }
  return nullable(tuple(result));
}

const structureOrSame = (value: unknown): unknown => (isSchema(value) ? jsonStructure(value) : value);

/** Draft 2020-12's `prefixItems` and `items` were `items` and `additionalItems`. */
function tuple({ prefixItems, items, ...others }: Record<string, unknown>): Record<string, unknown> {
  if (prefixItems === undefined) return items === undefined ? others : { ...others, items };
  return { ...others, items: prefixItems, ...(items === undefined ? {} : { additionalItems: items }) };
}

/** "X or null" has a keyword of its own there, far faster than a choice between schemas. */
function nullable(schema: Record<string, unknown>): JsonSchema {
  if (Array.isArray(schema.type)) {
    const [type, ...more] = schema.type.filter((one) => one !== "null");
    if (more.length === 0 && type !== undefined && schema.type.length === 2 && schema.enum === undefined)
      return { ...schema, type, nullable: true };
  }
  const choices = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isSchema) : [];
  const [one, ...more] = choices.filter(({ type }) => type !== "null");
  if (choices.length === 2 && one && more.length === 0 && typeof one.type === "string" && one.const === undefined) {
    const { anyOf: _, ...others } = schema;
    return { ...others, ...one, nullable: true };
  }
  return schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
