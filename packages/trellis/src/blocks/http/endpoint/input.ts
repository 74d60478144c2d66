import type { Contract } from "../../../model/contract.ts";
import { type FieldProblem, TrellisError } from "../../../model/errors.ts";
import type { Route } from "../../../model/route.ts";
import { fieldName, type Schema, type SchemaResult } from "../../../model/schema.ts";
import type { Exchange } from "./exchange.ts";
import type { Incoming } from "./incoming.ts";
import { isJsonSchema, type JsonSchema, namedSchemasIn, referredTo, schemasIn, wireJsonSchema } from "./json-schema.ts";
import { type UnknownField, unknownFieldsOf } from "./unknown-fields.ts";

/** Checks what a request brings and puts it into the exchange. Throws, or rejects with, `TrellisError`s. */
export type ReadInput = (exchange: Exchange) => Promise<void> | undefined;

type PartName = "params" | "query" | "body";

interface Part {
  readonly name: PartName;
  readonly take: (incoming: Incoming) => unknown;
  readonly validate: Schema["~standard"]["validate"];
  readonly unknownFields: ((value: unknown) => UnknownField[]) | undefined;
}

/** Compiles the schemas of a route's input. Throws `invalid-app` where one cannot travel as JSON. */
export function compileInput(contract: Contract, name: string, route: Route): ReadInput {
  const { params, query, body } = route.options;
  const of = `${contract.name}.${name}`;
  const parts: Part[] = [];
  // Which parameters there are is for the path to say, so none of them is unknown.
  if (params)
    parts.push({
      name: "params",
      take: ({ params }) => params,
      ...checks(params, "params", of),
      unknownFields: undefined,
    });
  if (query) parts.push({ name: "query", take: takeQuery(query, of), ...checks(query, "query", of) });
  if (body) parts.push({ name: "body", take: ({ body }) => parseBody(body), ...checks(body, "body", of) });
  else parts.push({ name: "body", take: refuseBody, validate: (value) => ({ value }), unknownFields: undefined });
  if (!body && parts.length === 1) return noInput;
  return (exchange) => readParts(parts, exchange);
}

const noInput: ReadInput = ({ incoming }) => {
  refuseBody(incoming);
  return undefined;
};

function checks(schema: Schema, name: PartName, of: string): Pick<Part, "validate" | "unknownFields"> {
  return { validate: schema["~standard"].validate, unknownFields: unknownFieldsOf(jsonOf(schema, name, of), name) };
}

function jsonOf(schema: Schema, name: PartName, of: string): JsonSchema {
  try {
    return wireJsonSchema(schema);
  } catch (cause) {
    throw new TrellisError("invalid-app", {
      says: `${of}: the ${name} cannot travel as JSON: ${cause instanceof Error ? cause.message : cause}`,
      cure: "Give dates, big integers and the like a codec, such as `z.codec(z.iso.datetime(), z.date(), …)`.",
      cause,
    });
  }
}

function readParts(parts: readonly Part[], exchange: Exchange): Promise<void> | undefined {
  const problems: FieldProblem[] = [];
  let waiting: Promise<void>[] | undefined;
  for (const part of parts) {
    const result = checked(part, part.take(exchange.incoming), problems);
    if (result instanceof Promise) {
      waiting ??= [];
      waiting.push(result.then((later) => accept(part.name, later, exchange, problems)));
    } else accept(part.name, result, exchange, problems);
  }
  if (waiting) return Promise.all(waiting).then(() => throwIfAny(problems));
  throwIfAny(problems);
  return undefined;
}

function checked(
  { name, validate, unknownFields }: Part,
  value: unknown,
  problems: FieldProblem[],
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  try {
    if (unknownFields) refuseUnknown(unknownFields(value), problems);
    const result = validate(value);
    if (!(result instanceof Promise)) return result;
    return result.catch((error) => {
      throw tooDeep(error, name);
    });
  } catch (error) {
    throw tooDeep(error, name);
  }
}

/** A schema that contains itself runs out of stack on a value that is nested deeply enough. */
function tooDeep(error: unknown, field: PartName): unknown {
  if (!(error instanceof RangeError)) return error;
  return new TrellisError("invalid-input", { fields: [{ field, problem: "is nested too deeply" }], cause: error });
}

function accept(name: PartName, result: SchemaResult<unknown>, exchange: Exchange, problems: FieldProblem[]): void {
  if (!result.issues) exchange[name] = result.value;
  else for (const { message, path } of result.issues) problems.push({ field: fieldName(path, name), problem: message });
}

function refuseUnknown(unknown: readonly UnknownField[], problems: FieldProblem[]): void {
  for (const { holder, key, field } of unknown) {
    problems.push({ field, problem: "is not a field here" });
    // A strict schema would say the same again, of the object around it.
    delete holder[key];
  }
}

function throwIfAny(fields: readonly FieldProblem[]): void {
  if (fields.length === 0) return;
  const [first] = fields;
  const more = fields.length > 1 ? `, and ${fields.length - 1} more` : "";
  throw new TrellisError("invalid-input", { says: `${first?.field}: ${first?.problem}${more}`, fields });
}

function parseBody(text: string | undefined): unknown {
  if (text === undefined || text === "") return undefined;
  try {
    // Both spellings of a key that would change the prototype of whatever it is later copied into.
    const suspicious = text.includes("__proto__") || text.includes("\\u00");
    return suspicious ? JSON.parse(text, refusePrototypes) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof TrellisError) throw cause;
    throw new TrellisError("malformed-json", {
      says: cause instanceof Error ? cause.message : "It is not JSON",
      cause,
    });
  }
}

function refusePrototypes(key: string, value: unknown): unknown {
  if (key !== "__proto__") return value;
  throw new TrellisError("invalid-input", { fields: [{ field: "body", problem: 'may not have a field "__proto__"' }] });
}

function refuseBody({ body }: Incoming): undefined {
  if (body === undefined || body === "") return;
  throw new TrellisError("invalid-input", { fields: [{ field: "body", problem: "is not taken here: send none" }] });
}

/** A list may be sent as one value, so that `?tag=a` and `?tag=a&tag=b` mean the same kind of thing. */
function takeQuery(schema: Schema, of: string): (incoming: Incoming) => unknown {
  const root = jsonOf(schema, "query", of);
  const lists = [...namedSchemasIn(root.properties)]
    .filter(([, field]) => wantsList(root, field))
    .map(([name]) => name);
  return ({ query }) => {
    const taken: Record<string, unknown> = { ...query };
    for (const name of lists) if (typeof taken[name] === "string") taken[name] = [taken[name]];
    return taken;
  };
}

function wantsList(root: JsonSchema, field: JsonSchema): boolean {
  if (typeof field.$ref === "string") {
    const target = referredTo(root, field.$ref);
    return isJsonSchema(target) && wantsList(root, target);
  }
  const choices = schemasIn(field.anyOf ?? field.oneOf);
  return field.type === "array" || (choices.length > 0 && choices.every((choice) => wantsList(root, choice)));
}
