import { createHash } from "node:crypto";
import { TrellisError } from "../../model/errors.ts";
import { fieldName, type Schema } from "../../model/schema.ts";

const target = { target: "draft-2020-12" } as const;

/** A fingerprint of what a schema's values look like: releases with another shape have another. 16 characters. */
export function shapeOf(schema: Schema): string {
  const text = JSON.stringify(schema["~standard"].jsonSchema.input(target));
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

/**
 * Throws where a value does not fit. Schemas whose input and output differ (codecs) describe only what they read, not
 * what they give, and those that check asynchronously cannot be asked here: they admit everything.
 */
export function checkOf<Value>(schema: Schema<unknown, Value>, cacheName: string): (value: Value) => void {
  if (!isSameBothWays(schema)) return () => {};
  return (value) => {
    const result = schema["~standard"].validate(value);
    if (result instanceof Promise || !result.issues) return;
    throw new TrellisError("internal", {
      says: `${cacheName} was given a value that does not fit its schema`,
      cure: "Correct the load or the schema. Production does not check this.",
      fields: result.issues.map(({ path, message }) => ({ field: fieldName(path), problem: message })),
    });
  };
}

function isSameBothWays(schema: Schema): boolean {
  const { input, output } = schema["~standard"].jsonSchema;
  try {
    return JSON.stringify(input(target), withoutStrictness) === JSON.stringify(output(target), withoutStrictness);
  } catch {
    // A schema whose output JSON Schema cannot describe, such as a date.
    return false;
  }
}

/** Defaults make a field required and unknown fields are stripped on the way out: neither changes a field's form. */
function withoutStrictness(key: string, value: unknown): unknown {
  return key === "required" || key === "additionalProperties" ? undefined : value;
}
