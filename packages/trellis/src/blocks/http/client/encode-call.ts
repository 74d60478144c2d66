import { TrellisError } from "../../../model/errors.ts";
import type { Route } from "../../../model/route.ts";
import type { WireCall } from "../port.ts";

/** What a caller gives, once its types have done their work. */
export interface AnyInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** A call without what is said about it in headers. */
export type EncodedCall = Pick<WireCall, "params" | "query" | "body">;

/**
 * Turns a call's input into what the wire carries. It checks only what no wire could carry; whether the input fits its
 * schema is for the service to say. Throws `invalid-input`.
 */
export function encodeCall(route: Route, input: AnyInput): EncodedCall {
  const body = input.body === undefined ? undefined : encodeJson(input.body, "body");
  return {
    params: encodeParams(route.path, input.params ?? {}),
    query: encodeQuery(input.query ?? {}),
    ...(body === undefined ? {} : { body }),
  };
}

/** A message of a conversation as a JSON text. Throws `invalid-input` where it is none. */
export function encodeMessage(message: unknown): string {
  const text = encodeJson(message, "message");
  if (text === undefined) throw refused("message", "is missing");
  return text;
}

/** The names of the parameters in a path, in their order. */
export function paramNames(path: string): readonly string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? "");
}

function encodeParams(path: string, params: Readonly<Record<string, unknown>>): Record<string, string> {
  const encoded: Record<string, string> = {};
  for (const name of paramNames(path)) {
    const value = params[name];
    const text = value === undefined || value === null ? "" : encodeText(value, `params.${name}`);
    if (text === "") throw refused(`params.${name}`, "is missing");
    // Every URL parser, also of the percent-encoded form, takes these for steps in the path.
    if (text === "." || text === "..") throw refused(`params.${name}`, `cannot be "${text}"`);
    encoded[name] = text;
  }
  return encoded;
}

function encodeQuery(query: Readonly<Record<string, unknown>>): Record<string, string | readonly string[]> {
  const encoded: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    const field = `query.${name}`;
    encoded[name] = Array.isArray(value)
      ? value.map((item, index) => encodeText(item, `${field}[${index}]`))
      : encodeText(value, field);
  }
  return encoded;
}

function encodeText(value: unknown, field: string): string {
  const plain = value instanceof Date ? value.toISOString() : value;
  if (plain === null || plain === undefined || typeof plain === "object" || typeof plain === "function")
    throw refused(field, "must be a text, a number or a truth value");
  const text = String(plain);
  if (!text.isWellFormed()) throw refused(field, "holds half a character");
  return text;
}

function encodeJson(value: unknown, field: "body" | "message"): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new TrellisError("invalid-input", {
      says: `The ${field} cannot be written as JSON`,
      cure: "Give dates and big integers in the form that the schema takes in.",
      fields: [{ field, problem: cause instanceof Error ? cause.message : "is not JSON" }],
      cause,
    });
  }
}

function refused(field: string, problem: string): TrellisError {
  return new TrellisError("invalid-input", { says: `${field} ${problem}`, fields: [{ field, problem }] });
}
