import { fieldName } from "../../../model/schema.ts";
import { isJsonSchema, type JsonSchema, namedSchemasIn, referredTo, schemasIn } from "./json-schema.ts";

/** A field that its schema does not know, and the object that has it. */
export interface UnknownField {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  /** The path to it, such as `body.items[0].nmae`. */
  readonly field: string;
}

/** Adds to `found` what is unknown in `value`. `trail` leads to the value and is given back unchanged. */
type Find = (value: unknown, trail: Trail, found: UnknownField[]) => void;
type Trail = (string | number)[];

/**
 * Finds the fields of a value that its schema does not declare: schema libraries drop them silently, but a field that
 * has no effect is a mistake the sender should hear of. Objects whose `additionalProperties` are declared, or that
 * declare no properties at all, may have any. Undefined where nothing can be unknown.
 */
export function unknownFieldsOf(schema: JsonSchema, root: string): ((value: unknown) => UnknownField[]) | undefined {
  const find = new Compiler(schema).compile(schema);
  if (!find) return undefined;
  return (value) => {
    const found: UnknownField[] = [];
    find(value, [root], found);
    return found;
  };
}

class Compiler {
  readonly #root: JsonSchema;
  /** By reference, so that a schema may contain itself. */
  readonly #referred = new Map<string, { find: Find | undefined }>();

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  compile(schema: JsonSchema): Find | undefined {
    if (typeof schema.$ref === "string") return this.#reference(schema.$ref);
    const variants = schemasIn(schema.anyOf ?? schema.oneOf);
    if (variants.length > 0) return this.#oneOf(variants);
    if (Array.isArray(schema.allOf)) return this.#allOf(schema);
    if (isJsonSchema(schema.properties)) return this.#object(schema);
    if (isJsonSchema(schema.additionalProperties)) return this.#record(schema.additionalProperties);
    return this.#list(schema);
  }

  #reference(reference: string): Find | undefined {
    const known = this.#referred.get(reference);
    if (known) return (value, trail, found) => known.find?.(value, trail, found);
    const target = referredTo(this.#root, reference);
    if (!target) return undefined;
    const entry: { find: Find | undefined } = { find: undefined };
    this.#referred.set(reference, entry);
    entry.find = this.compile(target);
    return entry.find;
  }

  #object(schema: JsonSchema): Find {
    const fields = new Map<string, Find | undefined>();
    for (const [name, field] of namedSchemasIn(schema.properties)) fields.set(name, this.compile(field));
    const { additionalProperties: rest } = schema;
    const patterns = [...namedSchemasIn(schema.patternProperties).keys()].map((pattern) => new RegExp(pattern, "u"));
    const restMayBe = rest === true || isJsonSchema(rest);
    const findInRest = isJsonSchema(rest) ? this.compile(rest) : undefined;
    return (value, trail, found) => {
      if (!isRecord(value)) return;
      for (const key in value) {
        const find = fields.get(key);
        if (find) within(find, value[key], key, trail, found);
        else if (fields.has(key)) continue;
        else if (findInRest) within(findInRest, value[key], key, trail, found);
        else if (!restMayBe && !patterns.some((pattern) => pattern.test(key)))
          found.push({ holder: value, key, field: `${fieldName(trail)}.${key}` });
      }
    };
  }

  #record(schema: JsonSchema): Find | undefined {
    const find = this.compile(schema);
    if (!find) return undefined;
    return (value, trail, found) => {
      if (!isRecord(value)) return;
      for (const key in value) within(find, value[key], key, trail, found);
    };
  }

  #list({ items, prefixItems }: JsonSchema): Find | undefined {
    const first = schemasIn(prefixItems).map((schema) => this.compile(schema));
    const rest = isJsonSchema(items) ? this.compile(items) : undefined;
    if (!rest && first.every((find) => find === undefined)) return undefined;
    return (value, trail, found) => {
      if (!Array.isArray(value)) return;
      value.forEach((item, index) => {
        const find = index < first.length ? first[index] : rest;
        if (find) within(find, item, index, trail, found);
      });
    };
  }

  /** Of the variants that the value may be meant as, the one that knows most of it decides. */
  #oneOf(schemas: readonly JsonSchema[]): Find | undefined {
    const variants = schemas.map((schema) => ({ find: this.compile(schema), schema: this.#resolved(schema) }));
    if (variants.every(({ find }) => find === undefined)) return undefined;
    return (value, trail, found) => {
      let least: UnknownField[] | undefined;
      for (const { find, schema } of variants) {
        if (!this.#mayBeMeantAs(schema, value)) continue;
        const here: UnknownField[] = [];
        find?.(value, trail, here);
        if (!least || here.length < least.length) least = here;
        if (least.length === 0) return;
      }
      if (least) found.push(...least);
    };
  }

  /** A field is known where any member knows it; one member that takes any field opens them all. */
  #allOf(schema: JsonSchema): Find | undefined {
    const members = schemasIn(schema.allOf).flatMap((member) => this.#members(member));
    const choice = members.findIndex((member) => schemasIn(member.anyOf ?? member.oneOf).length > 0);
    const chosen = members[choice];
    if (chosen) {
      const others = members.toSpliced(choice, 1);
      return this.#oneOf(schemasIn(chosen.anyOf ?? chosen.oneOf).map((one) => ({ allOf: [...others, one] })));
    }
    const properties = new Map<string, JsonSchema>();
    for (const member of members) {
      if (!isJsonSchema(member.properties)) return undefined;
      for (const [name, field] of namedSchemasIn(member.properties)) {
        const before = properties.get(name);
        properties.set(name, before ? { allOf: [before, field] } : field);
      }
    }
    const open = members.find(({ additionalProperties: rest }) => rest === true || isJsonSchema(rest));
    return this.#object({ properties: Object.fromEntries(properties), additionalProperties: open !== undefined });
  }

  #members(schema: JsonSchema): readonly JsonSchema[] {
    const resolved = this.#resolved(schema);
    return Array.isArray(resolved.allOf) ? schemasIn(resolved.allOf).flatMap((one) => this.#members(one)) : [resolved];
  }

  #resolved(schema: JsonSchema): JsonSchema {
    let resolved = schema;
    // Bounded, for references that lead in a circle.
    for (let hops = 0; hops < 8 && typeof resolved.$ref === "string"; hops += 1)
      resolved = referredTo(this.#root, resolved.$ref) ?? {};
    return resolved;
  }

  /** Whether type and fixed values speak for this variant: what tells the members of a union apart. */
  #mayBeMeantAs(schema: JsonSchema, value: unknown): boolean {
    if (Array.isArray(schema.allOf))
      return schemasIn(schema.allOf).every((member) => this.#mayBeMeantAs(this.#resolved(member), value));
    if (schema.const !== undefined) return schema.const === value;
    if (Array.isArray(schema.enum)) return schema.enum.includes(value);
    if (schema.type !== undefined && ![schema.type].flat().includes(jsonType(value))) return false;
    if (!isRecord(value)) return true;
    for (const [name, field] of namedSchemasIn(schema.properties))
      if (name in value && (field.const !== undefined || Array.isArray(field.enum)))
        if (!this.#mayBeMeantAs(field, value[name])) return false;
    return true;
  }
}

function within(find: Find, value: unknown, step: string | number, trail: Trail, found: UnknownField[]): void {
  trail.push(step);
  find(value, trail, found);
  trail.pop();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
