import build from "fast-json-stringify";
import { jsonStructure } from "../../../model/json-structure.ts";
import type { JsonSchema } from "./json-schema.ts";

/**
 * Compiles a serialiser that writes exactly the declared fields of a value. It throws where a required field is missing
 * or a value cannot be written as its type.
 */
export function compileSerialiser(schema: JsonSchema): (value: unknown) => string {
  // The strict mode of what tells choices apart writes its opinions to the console.
  const compiled = build(jsonStructure(schema), { ajv: { strict: false } });
  return (value) => compiled(value);
}
