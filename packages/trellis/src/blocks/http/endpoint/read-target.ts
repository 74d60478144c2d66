import { TrellisError } from "../../../model/errors.ts";
import type { Route } from "../../../model/route.ts";
import { fieldName, type SchemaResult } from "../../../model/schema.ts";

/** The parameters of a path, as handlers get them. Throws, or rejects with, `invalid-input` where it is not the route's. */
export type ReadTarget = (target: string) => unknown;

/** Reads of a request's target what a server reads of it when it serves the route. */
export function readTarget({ path, options: { params } }: Route): ReadTarget {
  const pattern = path.split("/");
  if (!params) return (target) => valuesOf(pattern, target);
  const { validate } = params["~standard"];
  return (target) => {
    const result = validate(valuesOf(pattern, target));
    return result instanceof Promise ? result.then(valid) : valid(result);
  };
}

function valuesOf(pattern: readonly string[], target: string): Readonly<Record<string, string>> {
  const segments = pathOf(target).split("/");
  const values: Record<string, string> = {};
  const fits =
    segments.length === pattern.length &&
    pattern.every((wanted, index) => {
      const segment = decoded(segments[index] as string);
      if (!wanted.startsWith(":")) return segment === wanted;
      if (segment !== undefined) values[wanted.slice(1)] = segment;
      return segment !== undefined;
    });
  if (!fits) throw misfit(`"${target}" is not an address of ${pattern.join("/")}`);
  return values;
}

function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

/** Undefined where it cannot be. */
function decoded(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function valid(result: SchemaResult<unknown>): unknown {
  if (!result.issues) return result.value;
  throw misfit(result.issues.map(({ path, message }) => `${fieldName(path, "params")}: ${message}`).join("; "));
}

function misfit(says: string): TrellisError {
  return new TrellisError("invalid-input", { says, fields: [{ field: "params", problem: says }] });
}
