import { z } from "zod";
import { type FieldProblem, TrellisError } from "../../model/errors.ts";
import { fieldName, type Schema, type SchemaIssue } from "../../model/schema.ts";
import { hasCodecs } from "../has-codecs.ts";
import { payloadCharactersMax } from "./limits.ts";

/** How values of a schema are kept as JSON: dates and the like by way of their codecs. */
export interface PayloadForm<Value> {
  /** Throws `invalid-input`, with the fields, where the value does not fit. */
  write(value: Value): Promise<string>;
  /** The value, from what `JSON.parse` gave; or what is wrong with it. */
  read(wire: unknown): Promise<{ readonly value: Value } | { readonly problems: readonly FieldProblem[] }>;
}

/** `of` names the values in errors, such as `job`. Throws `invalid-app` where they cannot be kept as JSON. */
export function payloadForm<Value>(schema: Schema<unknown, Value>, of: string): PayloadForm<Value> {
  const encode = encoderOf(schema, of) ?? ((value: Value) => validated(schema, value, of));
  return {
    async write(value) {
      const text = JSON.stringify(await encode(value)) ?? "null";
      if (text.length > payloadCharactersMax)
        throw new TrellisError("invalid-input", {
          says: `${of}: is ${text.length} characters long, of at most ${payloadCharactersMax}`,
          cure: "Keep what is large elsewhere, such as in a table or a file, and put its name into the job.",
          fields: [{ field: of, problem: `may be ${payloadCharactersMax} characters long` }],
        });
      return text;
    },
    async read(wire) {
      const result = await schema["~standard"].validate(wire);
      return result.issues ? { problems: problemsOf(result.issues, of) } : { value: result.value };
    },
  };
}

async function validated(schema: Schema, value: unknown, of: string): Promise<unknown> {
  const result = await schema["~standard"].validate(value);
  if (result.issues) throw misfit(problemsOf(result.issues, of));
  return result.value;
}

/** Turns values into their form in JSON, or undefined where both are the same. */
function encoderOf(schema: Schema, of: string): ((value: unknown) => unknown) | undefined {
  const describe = (): unknown => schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  try {
    describe();
  } catch (cause) {
    throw new TrellisError("invalid-app", {
      says: `The ${of} cannot be kept as JSON: ${cause instanceof Error ? cause.message : cause}`,
      cure: "Give dates, big integers and the like a codec, such as `z.codec(z.iso.datetime(), z.date(), …)`.",
      cause,
    });
  }
  if (!(schema instanceof z.core.$ZodType) || !hasCodecs(schema, `The ${of}`)) return undefined;
  return async (value) => {
    const encoded = await z.safeEncodeAsync(schema, value);
    if (encoded.success) return encoded.data;
    throw misfit(problemsOf(encoded.error.issues, of));
  };
}

function problemsOf(issues: readonly SchemaIssue[], of: string): readonly FieldProblem[] {
  return issues.map(({ path, message }) => ({ field: fieldName(path, of), problem: message }));
}

function misfit(fields: readonly FieldProblem[]): TrellisError {
  const [first] = fields;
  const more = fields.length > 1 ? `, and ${fields.length - 1} more` : "";
  return new TrellisError("invalid-input", { says: `${first?.field}: ${first?.problem}${more}`, fields });
}
