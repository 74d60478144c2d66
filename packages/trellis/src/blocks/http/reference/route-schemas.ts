import type { AnyFailureKind } from "../../../model/failure.ts";
import { isReply, type Reply } from "../../../model/reply.ts";
import type { Route } from "../../../model/route.ts";
import type { Schema } from "../../../model/schema.ts";
import { type NamedSchema, pascalCase } from "./schema-shelf.ts";

/** One route with its schemas named, for the reference. */
export interface RouteSchemas {
  readonly service: string;
  readonly name: string;
  readonly route: Route;
  readonly params?: NamedSchema;
  readonly query?: NamedSchema;
  readonly body?: NamedSchema;
  /** What it answers; of a WebSocket, each message that it sends. */
  readonly answer?: NamedSchema;
  /** Each message that a WebSocket takes. */
  readonly received?: NamedSchema;
  readonly fails: readonly { readonly kind: AnyFailureKind; readonly detail: NamedSchema }[];
}

export function routeSchemas(service: string, name: string, route: Route): RouteSchemas {
  const { params, query, body, returns, fails = [] } = route.options;
  const stem = pascalCase(service) + pascalCase(name);
  const named = (schema: Schema, part: string): NamedSchema => ({
    schema,
    name: stem + pascalCase(part),
    of: `${service}.${name}: the ${part}`,
  });
  const { schema: answer, receives }: Pick<Reply, "schema" | "receives"> = isReply(returns)
    ? returns
    : { schema: returns };
  return {
    service,
    name,
    route,
    ...(params ? { params: named(params, "params") } : {}),
    ...(query ? { query: named(query, "query") } : {}),
    ...(body ? { body: named(body, "body") } : {}),
    ...(answer ? { answer: named(answer, receives ? "sent message" : "answer") } : {}),
    ...(receives ? { received: named(receives, "received message") } : {}),
    fails: fails.map((kind) => {
      const detail = {
        schema: kind.text.detail,
        name: `${pascalCase(kind.code)}Detail`,
        of: `The failure ${kind.code}`,
      };
      return { kind, detail };
    }),
  };
}

/** The schemas that answer or take input as a whole, which may be those of another route too. */
export function wholeSchemas({ body, answer, received }: RouteSchemas): readonly NamedSchema[] {
  return [body, answer, received].filter((schema) => schema !== undefined);
}
