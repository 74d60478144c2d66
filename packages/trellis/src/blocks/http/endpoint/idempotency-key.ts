import { TrellisError } from "../../../model/errors.ts";

/** The header's value where it can be a key. Throws `invalid-input` where it cannot, or came twice. */
export function idempotencyKey(given: string | readonly string[]): string {
  if (typeof given === "string" && /^[\x20-\x7e]{1,255}$/.test(given)) return given;
  throw new TrellisError("invalid-input", {
    fields: [{ field: "headers.idempotency-key", problem: "must be 1 to 255 printable ASCII characters" }],
  });
}
