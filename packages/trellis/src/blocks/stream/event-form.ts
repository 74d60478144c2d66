import build from "fast-json-stringify";
import { z } from "zod";
import { type FieldProblem, TrellisError } from "../../model/errors.ts";
import { jsonStructure } from "../../model/json-structure.ts";
import { fieldName, type Schema, type SchemaIssue, type SchemaResult } from "../../model/schema.ts";
import { hasCodecs } from "../has-codecs.ts";

/** How events of a schema are kept as JSON: declared fields only, dates and the like by way of their codecs. */
export interface EventForm<Event> {
  /** After a full validation. Throws `invalid-input`, with the fields, where the event does not fit. */
  writeChecked(event: Event): string | Promise<string>;
  /** As fast as can be: what is missing throws `invalid-input`, what is of another type may be written as its own. */
  write(event: Event): string;
  /** The event, from what `JSON.parse` gave; or what is wrong with it. */
  read(wire: unknown): Reading<Event> | Promise<Reading<Event>>;
}

export type Reading<Event> = { readonly event: Event } | { readonly problem: string };

/** Throws `invalid-app` where events of this schema cannot be kept as JSON. */
export function eventForm<Event>(schema: Schema<unknown, Event>): EventForm<Event> {
  const serialise = serialiserOf(schema);
  const encode = encoderOf(schema);
  const validate = (value: unknown): unknown => {
    const result = schema["~standard"].validate(value);
    return result instanceof Promise ? result.then(validValue) : validValue(result);
  };
  return {
    writeChecked(event) {
      const wire = encode ? encode(event) : validate(event);
      return wire instanceof Promise ? wire.then(serialise) : serialise(wire);
    },
    write: encode ? (event) => serialise(encode(event)) : serialise,
    read(wire) {
      const result = schema["~standard"].validate(wire);
      return result instanceof Promise ? result.then(reading<Event>) : reading(result);
    },
  };
}

function reading<Event>(result: SchemaResult<Event>): Reading<Event> {
  if (!result.issues) return { event: result.value };
  return {
    problem: problemsOf(result.issues)
      .map(({ field, problem }) => `${field}: ${problem}`)
      .join("; "),
  };
}

function validValue(result: SchemaResult<unknown>): unknown {
  if (result.issues) throw misfit(problemsOf(result.issues));
  return result.value;
}

function serialiserOf(schema: Schema): (wire: unknown) => string {
  let compiled: (wire: unknown) => string;
  try {
    const described = schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
    // The strict mode of what tells choices apart writes its opinions to the console.
    compiled = build(jsonStructure(described), { ajv: { strict: false } });
  } catch (cause) {
    throw new TrellisError("invalid-app", {
      says: `Events of this schema cannot be kept as JSON: ${cause instanceof Error ? cause.message : cause}`,
      cure: "Give dates, big integers and the like a codec, such as `z.codec(z.iso.datetime(), z.date(), …)`.",
      cause,
    });
  }
  return (wire) => {
    try {
      return compiled(wire);
    } catch (cause) {
      throw misfit([{ field: "event", problem: cause instanceof Error ? cause.message : "cannot be written" }]);
    }
  };
}

/** Turns events into their form in JSON, or undefined where both are the same. */
function encoderOf(schema: Schema): ((event: unknown) => unknown) | undefined {
  if (!(schema instanceof z.core.$ZodType) || !hasCodecs(schema, "An event")) return undefined;
  return (event) => {
    const encoded = z.safeEncode(schema, event);
    if (encoded.success) return encoded.data;
    throw misfit(problemsOf(encoded.error.issues));
  };
}

function problemsOf(issues: readonly SchemaIssue[]): readonly FieldProblem[] {
  return issues.map(({ path, message }) => ({ field: fieldName(path, "event"), problem: message }));
}

function misfit(fields: readonly FieldProblem[]): TrellisError {
  const [first] = fields;
  const more = fields.length > 1 ? `, and ${fields.length - 1} more` : "";
  return new TrellisError("invalid-input", { says: `${first?.field}: ${first?.problem}${more}`, fields });
}
