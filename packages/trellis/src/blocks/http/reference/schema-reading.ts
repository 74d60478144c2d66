import { isJsonSchema, type JsonSchema, namedSchemasIn, schemasIn } from "../endpoint/json-schema.ts";

/** One field of a value, as a person reads it. */
export interface ReadField {
  /** The path to it, such as `links[].code`; empty for the value itself. */
  readonly name: string;
  /** `string · uri`, `list of integer`, `"a" | "b"`. */
  readonly type: string;
  readonly required: boolean;
  /** Bounds, default and description. */
  readonly notes: readonly string[];
}

/** Objects inside objects are laid open this far; deeper ones are named only. */
const depthMax = 4;

/** Reads the schemas of one document aloud. */
export class SchemaReading {
  readonly #places: Readonly<Record<string, JsonSchema>>;

  constructor(places: Readonly<Record<string, JsonSchema>>) {
    this.#places = places;
  }

  /** What a reference leads to. */
  resolved(schema: JsonSchema): JsonSchema {
    const name = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
    return name === undefined ? schema : (this.#places[name] ?? {});
  }

  /** The shapes that a value may have: each part of a union that has fields, or the schema alone. */
  shapes(schema: JsonSchema, depth = 0): readonly JsonSchema[] {
    const { anyOf, oneOf } = this.resolved(schema);
    const parts = depth >= depthMax ? [] : schemasIn(anyOf ?? oneOf);
    const shapes = parts.flatMap((part) => this.shapes(part, depth + 1));
    return shapes.some((shape) => namedSchemasIn(this.resolved(shape).properties).size > 0) ? shapes : [schema];
  }

  /** Every field, outermost first, each followed by those inside it. */
  fields(schema: JsonSchema, prefix = "", depth = 0): readonly ReadField[] {
    const whole = this.resolved(schema);
    const properties = namedSchemasIn(whole.properties);
    if (properties.size === 0) return prefix === "" ? [this.field("", schema, true)] : [];
    const required = Array.isArray(whole.required) ? whole.required : [];
    return [...properties].flatMap(([name, part]) => {
      const path = prefix === "" ? name : `${prefix}.${name}`;
      const field = this.field(path, part, required.includes(name));
      if (depth >= depthMax) return [field];
      const items = this.resolved(part).items;
      const inside = isJsonSchema(items)
        ? this.fields(items, `${path}[]`, depth + 1)
        : this.fields(part, path, depth + 1);
      return [field, ...inside];
    });
  }

  /** One field alone, without what is inside it. */
  field(name: string, schema: JsonSchema, required: boolean): ReadField {
    const whole = this.resolved(schema);
    const description = whole.description ?? schema.description;
    const notes = [...(typeof description === "string" ? [description] : []), ...bounds(whole)];
    return { name, type: this.type(schema), required, notes };
  }

  type(schema: JsonSchema): string {
    const whole = this.resolved(schema);
    if (whole.const !== undefined) return JSON.stringify(whole.const);
    if (Array.isArray(whole.enum)) return whole.enum.map((value) => JSON.stringify(value)).join(" | ");
    const variants = schemasIn(whole.anyOf ?? whole.oneOf ?? whole.allOf);
    if (variants.length > 0) return [...new Set(variants.map((variant) => this.type(variant)))].join(" | ");
    if (isJsonSchema(whole.items)) return `list of ${this.type(whole.items)}`;
    const named = Array.isArray(whole.type) ? whole.type.join(" | ") : whole.type;
    const type = typeof named === "string" ? named : "any";
    return typeof whole.format === "string" ? `${type} · ${whole.format}` : type;
  }

  /** A value that fits: the author's example, the default, or one made up from the type. */
  example(schema: JsonSchema, depth = 0): unknown {
    const whole = this.resolved(schema);
    const [given] = Array.isArray(whole.examples) ? whole.examples : [];
    const known = given ?? whole.default ?? whole.const ?? (Array.isArray(whole.enum) ? whole.enum[0] : undefined);
    if (known !== undefined) return known;
    const [variant] = schemasIn(whole.anyOf ?? whole.oneOf ?? whole.allOf);
    if (variant) return this.example(variant, depth);
    if (isJsonSchema(whole.items)) return depth >= depthMax ? [] : [this.example(whole.items, depth + 1)];
    if (isJsonSchema(whole.properties)) return this.#exampleObject(whole, depth);
    return exampleOf(whole);
  }

  #exampleObject(whole: JsonSchema, depth: number): object {
    const required = Array.isArray(whole.required) ? whole.required : [];
    const named = [...namedSchemasIn(whole.properties)];
    // What may be left out is left out, unless nothing would be left.
    const shown = named.some(([name]) => required.includes(name))
      ? named.filter(([name]) => required.includes(name))
      : named;
    return Object.fromEntries(
      depth >= depthMax ? [] : shown.map(([name, part]) => [name, this.example(part, depth + 1)]),
    );
  }
}

const formatExamples: Readonly<Record<string, string>> = {
  uri: "https://example.com",
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  email: "ada@example.com",
  uuid: "0190163d-8694-739b-aea5-966c26f8ad91",
};

function exampleOf({ type, format, minimum }: JsonSchema): unknown {
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return formatExamples[String(format)] ?? "text";
    case "integer":
    case "number":
      return typeof minimum === "number" ? minimum : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return {};
  }
}

/** Beyond these a number has no bound that anybody set. */
const isSet = (bound: unknown): bound is number =>
  typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

function bounds(schema: JsonSchema): readonly string[] {
  const { minLength, maxLength, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems } = schema;
  return [
    between(minLength, maxLength, "characters"),
    between(minItems, maxItems, "entries"),
    between(minimum, maximum, ""),
    isSet(exclusiveMinimum) ? `more than ${exclusiveMinimum}` : "",
    isSet(exclusiveMaximum) ? `less than ${exclusiveMaximum}` : "",
    typeof schema.pattern === "string" && schema.format === undefined ? `matches ${schema.pattern}` : "",
    schema.default === undefined ? "" : `${JSON.stringify(schema.default)} unless given`,
  ].filter((text) => text !== "");
}

function between(least: unknown, most: unknown, unit: string): string {
  const from = isSet(least) ? least : undefined;
  const to = isSet(most) ? most : undefined;
  if (from === undefined && to === undefined) return "";
  if (from === undefined) return `at most ${to} ${unit}`.trim();
  if (to === undefined) return `at least ${from} ${unit}`.trim();
  return `${from} to ${to} ${unit}`.trim();
}
