import { Readable } from "node:stream";
import { errors } from "undici";
import type { GatewayRequest, UpstreamFailure } from "../exchange.ts";

/** Why an origin gave no answer, from the error of its client. `began`: the request may have been written. */
export function originFailure(error: Error, began: boolean, request: GatewayRequest, origin: string): UpstreamFailure {
  return { reason: reasonOf(error, began, request), says: `${origin}: ${wordsOf(error)}` };
}

function reasonOf(error: Error, began: boolean, { body }: GatewayRequest): UpstreamFailure["reason"] {
  if (body instanceof Readable && body.errored) return "body-failed";
  // What was asked cannot be said in HTTP/1.1; another origin would not understand it either.
  if (error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError) return "body-failed";
  if (error instanceof errors.RequestContentLengthMismatchError) return "body-failed";
  if (!began) return "connect";
  if (error instanceof errors.HeadersOverflowError || codeOf(error) === "HPE_HEADER_OVERFLOW") return "too-large";
  if (error instanceof errors.ResponseContentLengthMismatchError) return "invalid-answer";
  if (error instanceof errors.HTTPParserError || codeOf(error).startsWith("HPE_")) return "invalid-answer";
  // Not HTTP either, though each line of it is: an answer that nobody asked for, or a switch of protocols.
  if (error instanceof errors.SocketError && error.message.startsWith("bad ")) return "invalid-answer";
  return "reset";
}

/** Several addresses of one name may have failed, each in its own way. */
function wordsOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error.message || codeOf(error) || error.name;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
