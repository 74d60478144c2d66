import { z } from "zod";
import { TrellisError } from "../../../model/errors.ts";
import { fieldName, type Schema } from "../../../model/schema.ts";
import { hasCodecs } from "../../has-codecs.ts";
import { AnswerMisfit } from "./answer-misfit.ts";
import { wireJsonSchema } from "./json-schema.ts";
import { compileSerialiser } from "./serialiser.ts";

/** How values of a schema are written: declared fields only, dates and the like in their form on the wire. */
export interface WireForm {
  /** The value as JSON. Throws `AnswerMisfit` where it does not fit. */
  write(value: unknown): string;
  /** The same after a full validation, for development and tests. */
  writeChecked(value: unknown): string | Promise<string>;
}

/** `of` names the schema in errors, such as `links.shorten: the answer`. Throws `invalid-app`. */
export function wireForm(schema: Schema, of: string): WireForm {
  const encode = encoderOf(schema, of);
  const serialise = serialiserOf(schema, of);
  const write = (wire: unknown): string => {
    try {
      return serialise(wire);
    } catch (cause) {
      throw new AnswerMisfit(
        of,
        [{ field: "answer", problem: cause instanceof Error ? cause.message : "cannot be written" }],
        cause,
      );
    }
  };
  return {
    write: encode ? (value) => write(encode(value)) : write,
    writeChecked: (value) => {
      const wire = encode ? encode(value) : value;
      const checked = schema["~standard"].validate(wire);
      const finish = ({ issues }: Awaited<typeof checked>): string => {
        if (!issues) return write(wire);
        throw new AnswerMisfit(
          of,
          issues.map(({ message, path }) => ({ field: fieldName(path, "answer"), problem: message })),
        );
      };
      return checked instanceof Promise ? checked.then(finish) : finish(checked);
    },
  };
}

function serialiserOf(schema: Schema, of: string): (value: unknown) => string {
  try {
    return compileSerialiser(wireJsonSchema(schema));
  } catch (cause) {
    throw new TrellisError("invalid-app", {
      says: `${of} has no form in JSON: ${cause instanceof Error ? cause.message : cause}`,
      cure: "Give dates, big integers and the like a codec, such as `z.codec(z.iso.datetime(), z.date(), …)`.",
      cause,
    });
  }
}

/** Turns values into their form on the wire, or undefined where both are the same. */
function encoderOf(schema: Schema, of: string): ((value: unknown) => unknown) | undefined {
  if (!(schema instanceof z.core.$ZodType) || !hasCodecs(schema, of)) return undefined;
  return (value) => {
    const encoded = z.safeEncode(schema, value);
    if (encoded.success) return encoded.data;
    throw new AnswerMisfit(
      of,
      encoded.error.issues.map(({ message, path }) => ({ field: fieldName(path, "answer"), problem: message })),
    );
  };
}
