import type { Contract } from "../../../model/contract.ts";
import { type FieldProblem, TrellisError } from "../../../model/errors.ts";
import type { Route } from "../../../model/route.ts";
import type { Schema, SchemaResult } from "../../../model/schema.ts";
import type { Exchange } from "./exchange.ts";
import type { Incoming } from "./incoming.ts";
import { isJsonSchema, type JsonSchema, namedSchemasIn, referredTo, schemasIn } from "./json-schema.ts";
import { checked, compileCheck, misfits, parseSent, type SchemaCheck, sentSchema, throwIfAny } from "./schema-check.ts";

/** Checks what a request brings and puts it into the exchange. Throws, or rejects with, `TrellisError`s. */
export type ReadInput = (exchange: Exchange) => Promise<void> | undefined;

type PartName = "params" | "query" | "body";

interface Part extends SchemaCheck<PartName> {
  readonly take: (incoming: Incoming) => unknown;
}

/** Compiles the schemas of a route's input. Throws `invalid-app` where one cannot travel as JSON. */
export function compileInput(contract: Contract, name: string, route: Route): ReadInput {
  const { params, query, body } = route.options;
  const of = `${contract.name}.${name}`;
  const parts: Part[] = [];
  // Which parameters there are is for the path to say, so none of them is unknown.
  if (params)
    parts.push({ ...compileCheck(params, "params", of), take: ({ params }) => params, unknownFields: undefined });
  if (query) parts.push({ ...compileCheck(query, "query", of), take: takeQuery(query, of) });
  if (body) parts.push({ ...compileCheck(body, "body", of), take: ({ body }) => parseSent(body, "body") });
  else parts.push({ name: "body", take: refuseBody, validate: (value) => ({ value }), unknownFields: undefined });
  if (!body && parts.length === 1) return noInput;
  return (exchange) => readParts(parts, exchange);
}

const noInput: ReadInput = ({ incoming }) => {
  refuseBody(incoming);
  return undefined;
};

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

function accept(name: PartName, result: SchemaResult<unknown>, exchange: Exchange, problems: FieldProblem[]): void {
  if (!result.issues) exchange[name] = result.value;
  else problems.push(...misfits(result, name));
}

function refuseBody({ body }: Incoming): undefined {
  if (body === undefined || body === "") return;
  throw new TrellisError("invalid-input", { fields: [{ field: "body", problem: "is not taken here: send none" }] });
}

/** A list may be sent as one value, so that `?tag=a` and `?tag=a&tag=b` mean the same kind of thing. */
function takeQuery(schema: Schema, of: string): (incoming: Incoming) => unknown {
  const root = sentSchema(schema, "query", of);
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
