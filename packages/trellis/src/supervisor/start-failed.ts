import { type ErrorCode, errorCatalogue, TrellisError } from "../model/errors.ts";
import type { InstanceEnd } from "./instance-process.ts";

/** The error of a whole start, told by the end of the first instance that never became ready. */
export function startFailed(name: string, { says, error }: InstanceEnd): TrellisError {
  return new TrellisError("start-failed", {
    says: `${name} ended before it was ready: ${error ? error.says : says}`,
    ...(error ? { cure: error.cure } : {}),
  });
}

/** The error of a start whose gateway never answered. */
export function gatewayFailed({ says, error }: InstanceEnd): TrellisError {
  const known = error && error.code in errorCatalogue ? (error.code as ErrorCode) : "start-failed";
  return new TrellisError(known, {
    says: `The gateway ended before it was ready: ${error ? error.says : says}`,
    ...(error ? { cure: error.cure } : {}),
  });
}
