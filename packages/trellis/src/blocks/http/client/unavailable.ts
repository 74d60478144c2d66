import { failure } from "../../../model/failure.ts";
import type { Schema, SchemaResult } from "../../../model/schema.ts";

interface UnavailableDetail {
  readonly service: string;
  readonly retryAfterMs: number;
}

const validate = (value: unknown): SchemaResult<UnavailableDetail> => {
  const { service, retryAfterMs } = Object(value) as Partial<UnavailableDetail>;
  return typeof service === "string" && typeof retryAfterMs === "number"
    ? { value: { service, retryAfterMs } }
    : { issues: [{ message: "Expected the service and when to try again" }] };
};

const describe = () => ({
  type: "object",
  properties: { service: { type: "string" }, retryAfterMs: { type: "number" } },
  required: ["service", "retryAfterMs"],
});

// By hand, because no schema library may come into a browser through the client.
const detail: Schema<UnavailableDetail> = {
  "~standard": { version: 1, vendor: "trellis", validate, jsonSchema: { input: describe, output: describe } },
};

/** The service could not be reached, could not answer, or did not in time. Every call may meet it. */
export const unavailable = failure("unavailable", {
  status: 503,
  title: "Not available for the moment",
  cure: "Try again after `retryAfterMs`, or do without.",
  detail,
});
