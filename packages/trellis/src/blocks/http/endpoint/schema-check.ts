import { type FieldProblem, TrellisError } from "../../../model/errors.ts";
import { fieldName, type Schema, type SchemaResult } from "../../../model/schema.ts";
import { type JsonSchema, wireJsonSchema } from "./json-schema.ts";
import { type UnknownField, unknownFieldsOf } from "./unknown-fields.ts";

/** What is sent must fit: a part of a request, or a message. */
export interface SchemaCheck<Name extends string = string> {
  /** What problems call it. */
  readonly name: Name;
  readonly validate: Schema["~standard"]["validate"];
  readonly unknownFields: ((value: unknown) => UnknownField[]) | undefined;
}

/** Throws `invalid-app` where the schema cannot travel as JSON. */
export function compileCheck<Name extends string>(schema: Schema, name: Name, of: string): SchemaCheck<Name> {
  const unknownFields = unknownFieldsOf(sentSchema(schema, name, of), name);
  return { name, validate: schema["~standard"].validate, unknownFields };
}

/** Its form on the wire. Throws `invalid-app` where it has none. */
export function sentSchema(schema: Schema, name: string, of: string): JsonSchema {
  try {
    return wireJsonSchema(schema);
  } catch (cause) {
    throw new TrellisError("invalid-app", {
      says: `${of}: the ${name} cannot travel as JSON: ${cause instanceof Error ? cause.message : cause}`,
      cure: "Give dates, big integers and the like a codec, such as `z.codec(z.iso.datetime(), z.date(), …)`.",
      cause,
    });
  }
}

/** Adds what it can say at once to `problems`; the rest is in the result. Throws, or rejects with, `TrellisError`s. */
export function checked(
  { name, validate, unknownFields }: SchemaCheck,
  value: unknown,
  problems: FieldProblem[],
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  try {
    if (unknownFields) refuseUnknown(unknownFields(value), problems);
    const result = validate(value);
    if (!(result instanceof Promise)) return result;
    return result.catch((error) => {
      throw tooDeep(error, name);
    });
  } catch (error) {
    throw tooDeep(error, name);
  }
}

/** What does not fit, as people are told of it. */
export function misfits({ issues = [] }: SchemaResult<unknown>, name: string): readonly FieldProblem[] {
  return issues.map(({ message, path }) => ({ field: fieldName(path, name), problem: message }));
}

export function throwIfAny(fields: readonly FieldProblem[]): void {
  if (fields.length === 0) return;
  const [first] = fields;
  const more = fields.length > 1 ? `, and ${fields.length - 1} more` : "";
  throw new TrellisError("invalid-input", { says: `${first?.field}: ${first?.problem}${more}`, fields });
}

/** Undefined where nothing was sent. Throws `malformed-json`, or `invalid-input` where it would change prototypes. */
export function parseSent(text: string | undefined, name: string): unknown {
  if (text === undefined || text === "") return undefined;
  try {
    // Both spellings of a key that would change the prototype of whatever it is later copied into.
    const suspicious = text.includes("__proto__") || text.includes("\\u00");
    return suspicious ? JSON.parse(text, (key, value) => refusePrototype(key, value, name)) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof TrellisError) throw cause;
    throw new TrellisError("malformed-json", {
      says: cause instanceof Error ? cause.message : "It is not JSON",
      cause,
    });
  }
}

function refusePrototype(key: string, value: unknown, field: string): unknown {
  if (key !== "__proto__") return value;
  throw new TrellisError("invalid-input", { fields: [{ field, problem: 'may not have a field "__proto__"' }] });
}

function refuseUnknown(unknown: readonly UnknownField[], problems: FieldProblem[]): void {
  for (const { holder, key, field } of unknown) {
    problems.push({ field, problem: "is not a field here" });
    // A strict schema would say the same again, of the object around it.
    delete holder[key];
  }
}

/** A schema that contains itself runs out of stack on a value that is nested deeply enough. */
function tooDeep(error: unknown, field: string): unknown {
  if (!(error instanceof RangeError)) return error;
  return new TrellisError("invalid-input", { fields: [{ field, problem: "is nested too deeply" }], cause: error });
}
