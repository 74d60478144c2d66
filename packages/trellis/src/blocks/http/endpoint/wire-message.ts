import { type FieldProblem, TrellisError } from "../../../model/errors.ts";
import type { Schema, SchemaResult } from "../../../model/schema.ts";
import { checked, compileCheck, misfits, parseSent, throwIfAny } from "./schema-check.ts";

/** What a message says, or a promise of it. Throws, or rejects with, `body-too-large`, `malformed-json`, `invalid-input`. */
export type ReadMessage = (text: string) => unknown;

/** Compiles the schema of the messages that a socket takes. Throws `invalid-app` where it cannot travel as JSON. */
export function compileMessage(schema: Schema, of: string, bytesMax: number): ReadMessage {
  const check = compileCheck(schema, "message", of);
  return (text) => {
    // From this process: what comes over a network was not read whole.
    if (Buffer.byteLength(text) > bytesMax)
      throw new TrellisError("body-too-large", { says: `A message may have ${bytesMax} bytes here` });
    const problems: FieldProblem[] = [];
    const accept = (result: SchemaResult<unknown>): unknown => {
      throwIfAny([...problems, ...misfits(result, "message")]);
      return (result as { readonly value: unknown }).value;
    };
    const result = checked(check, parseSent(text, "message"), problems);
    return result instanceof Promise ? result.then(accept) : accept(result);
  };
}
