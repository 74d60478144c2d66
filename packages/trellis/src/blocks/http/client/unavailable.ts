import { failure } from "../../../model/failure.ts";
import type { Schema, SchemaResult } from "../../../model/schema.ts";

interface UnavailableDetail {
  readonly service: string;
  readonly retryAfterMs: number;
  readonly because: string;
}

const validate = (value: unknown): SchemaResult<UnavailableDetail> => {
  const { service, retryAfterMs, because } = Object(value) as Partial<UnavailableDetail>;
  return typeof service === "string" && typeof retryAfterMs === "number" && typeof because === "string"
    ? { value: { service, retryAfterMs, because } }
    : { issues: [{ message: "Expected the service, when to try again and why" }] };
};

const describe = () => ({
  type: "object",
  properties: { service: { type: "string" }, retryAfterMs: { type: "number" }, because: { type: "string" } },
  required: ["service", "retryAfterMs", "because"],
});

// By hand, because no schema library may come into a browser through the client.
const detail: Schema<UnavailableDetail> = {
  "~standard": { version: 1, vendor: "trellis", validate, jsonSchema: { input: describe, output: describe } },
};

/** The service could not be reached, could not answer, did not in time, or is not asked for now. Every call may meet it. */
export const unavailable = failure("unavailable", {
  status: 503,
  title: "Not available for the moment",
  cure: "Try again after `retryAfterMs`, or do without.",
  detail,
});
