import { TrellisError } from "../../../model/errors.ts";
import type { Schema } from "../../../model/schema.ts";
import { isJsonSchema, type JsonSchema, wireJsonSchema } from "../endpoint/json-schema.ts";

/** A schema of a contract, and what it would be called where it gets a place of its own. */
export interface NamedSchema {
  readonly schema: Schema;
  readonly name: string;
  /** Where it is declared, for errors. */
  readonly of: string;
}

const componentsPath = "#/components/schemas/";

/**
 * The `components` of an OpenAPI document: object schemas that occur more than once in the given schemas lie here once
 * and are referred to, and so are those that refer to one another.
 */
export class SchemaShelf {
  readonly #places = new Map<string, JsonSchema>();
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  /** By their text: object schemas that were met, how often, and a name for them. */
  readonly #met = new Map<string, { count: number; name: string; whole: boolean }>();

  constructor(schemas: readonly NamedSchema[]) {
    for (const named of schemas) this.#meet(this.#lifted(named), named.name, true);
  }

  /** The schema, or a reference to its place. */
  of(named: NamedSchema): JsonSchema {
    return this.#shared(this.#lifted(named));
  }

  /** The schema itself, with what it shares inside referred to: for those whose properties are taken apart. */
  opened(named: NamedSchema): JsonSchema {
    const lifted = this.#lifted(named);
    const place =
      typeof lifted.$ref === "string" ? this.#places.get(lifted.$ref.slice(componentsPath.length)) : undefined;
    return this.#sharedInside(place ?? lifted);
  }

  /** Gives `schema` a place of its own, and returns the reference to it. */
  put(name: string, schema: JsonSchema): JsonSchema {
    const free = this.#nameFor(JSON.stringify(schema), name);
    this.#places.set(free, schema);
    return { $ref: componentsPath + free };
  }

  get components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#places].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #meet(schema: JsonSchema, name: string, whole: boolean): void {
    if (isShareable(schema)) {
      const text = JSON.stringify(schema);
      const known = this.#met.get(text) ?? { count: 0, name, whole };
      // A name of its own is better than one that comes from where it happens to be used.
      const better = whole && !known.whole;
      this.#met.set(text, { count: known.count + 1, name: better ? name : known.name, whole: known.whole || whole });
    }
    mapParts(schema, (part, key) => {
      this.#meet(part, name + pascalCase(key), false);
      return part;
    });
  }

  #shared(schema: JsonSchema): JsonSchema {
    const met = isShareable(schema) ? this.#met.get(JSON.stringify(schema)) : undefined;
    const inside = this.#sharedInside(schema);
    return met && met.count > 1 ? this.put(titleOf(schema) ?? met.name, inside) : inside;
  }

  #sharedInside(schema: JsonSchema): JsonSchema {
    return mapParts(schema, (part) => this.#shared(part));
  }

  /** The schema without definitions of its own: those get places, and its references lead there. */
  #lifted({ schema, name, of }: NamedSchema): JsonSchema {
    const { $schema: _, $defs, ...root } = wireSchema(schema, of);
    const definitions = { ...(isJsonSchema($defs) ? $defs : {}) };
    const refersToItself = JSON.stringify([root, $defs]).includes('"$ref":"#"');
    const parts = Object.entries(definitions).map(([key, part]): [string, JsonSchema] => [
      `#/$defs/${key}`,
      Object(part),
    ]);
    if (refersToItself) parts.push(["#", root]);
    const names = new Map(
      parts.map(([reference, part]) => {
        const text = JSON.stringify(part);
        const wanted = titleOf(part) ?? definedName(reference, name);
        return [reference, this.#nameFor(text.includes('"$ref"') ? text + JSON.stringify($defs) : text, wanted)];
      }),
    );
    for (const [reference, part] of parts) this.#places.set(names.get(reference) ?? reference, relinked(part, names));
    return refersToItself ? { $ref: componentsPath + names.get("#") } : relinked(root, names);
  }

  /** The same name for the same text, and no name twice. */
  #nameFor(text: string, wanted: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    let free = wanted;
    for (let number = 2; this.#taken.has(free); number += 1) free = `${wanted}${number}`;
    this.#names.set(text, free);
    this.#taken.add(free);
    return free;
  }
}

/** `alias-taken` as `AliasTaken`. */
export function pascalCase(text: string): string {
  return text.replace(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9]?)/g, (_, first: string) => first.toUpperCase());
}

function wireSchema(schema: Schema, of: string): JsonSchema {
  try {
    return wireJsonSchema(schema);
  } catch (cause) {
    throw new TrellisError("invalid-app", {
      says: `${of} has no form in JSON: ${cause instanceof Error ? cause.message : cause}`,
      cure: "Give dates, big integers and the like a codec, such as `z.codec(z.iso.datetime(), z.date(), …)`.",
      cause,
    });
  }
}

function isShareable(schema: JsonSchema): boolean {
  return schema.type === "object" && isJsonSchema(schema.properties) && Object.keys(schema.properties).length > 0;
}

function titleOf({ title }: JsonSchema): string | undefined {
  return typeof title === "string" ? pascalCase(title) : undefined;
}

/** The name that the author gave (zod's `.meta({ id })`), or one after where it is used: zod numbers what has none. */
function definedName(reference: string, user: string): string {
  const key = reference.replace(/^#(?:\/\$defs\/)?/, "");
  return key === "" || key.startsWith("__") ? user + pascalCase(key) : key.replaceAll(/[^\w.-]/g, "-");
}

/** References as they are in the document. */
function relinked(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  const linked = mapParts(schema, (part) => relinked(part, names));
  const name = names.get(String(linked.$ref));
  return name === undefined ? linked : { ...linked, $ref: componentsPath + name };
}

const partKeywords = new Set([
  "items",
  "additionalProperties",
  "propertyNames",
  "contains",
  "not",
  "if",
  "then",
  "else",
]);
const listKeywords = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const namedKeywords = new Set(["properties", "patternProperties", "dependentSchemas"]);

/** The schema with the schemas right inside it changed. Values in it, such as a `default`, are none. */
function mapParts(schema: JsonSchema, change: (part: JsonSchema, name: string) => JsonSchema): JsonSchema {
  const changed = (value: unknown, name: string): unknown => (isJsonSchema(value) ? change(value, name) : value);
  const entries = Object.entries(schema).map(([keyword, value]) => {
    if (partKeywords.has(keyword)) return [keyword, changed(value, keyword)];
    if (listKeywords.has(keyword) && Array.isArray(value))
      return [keyword, value.map((part) => changed(part, keyword))];
    if (!namedKeywords.has(keyword) || !isJsonSchema(value)) return [keyword, value];
    const parts = Object.entries(value).map(([name, part]) => [name, changed(part, name)]);
    return [keyword, Object.fromEntries(parts)];
  });
  return Object.fromEntries(entries);
}
