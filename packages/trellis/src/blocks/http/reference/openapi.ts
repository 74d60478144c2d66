import type { Contract } from "../../../model/contract.ts";
import { sessionCookie } from "../../../model/session-cookie.ts";
import type { OpenApiDocument, Operation } from "./openapi-document.ts";
import { Operations } from "./openapi-operation.ts";
import { ProblemSchemas } from "./problem-schemas.ts";
import { routeSchemas, wholeSchemas } from "./route-schemas.ts";
import { SchemaShelf } from "./schema-shelf.ts";

/** A key wins over a session, as it is sent on purpose. */
const securitySchemes = {
  key: { type: "http", scheme: "bearer" },
  session: { type: "apiKey", in: "cookie", name: sessionCookie },
} as const;

export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  /** Addresses where the app answers; unless given, where the document comes from. */
  readonly servers?: readonly string[];
}

/** Describes what services promise, from their contracts alone. Throws `invalid-app` where a schema has no JSON form. */
export function openApiDocument(
  services: readonly { readonly contract: Contract }[],
  { title, version, servers }: OpenApiInfo,
): OpenApiDocument {
  const routes = services.flatMap(({ contract }) =>
    Object.entries(contract.routes).map(([name, route]) => routeSchemas(contract.name, name, route)),
  );
  const shelf = new SchemaShelf(routes.flatMap(wholeSchemas));
  const operations = new Operations(shelf, new ProblemSchemas(shelf));
  const paths: Record<string, Record<string, Operation>> = {};
  for (const schemas of routes) {
    const { method, path } = schemas.route;
    const place = path.replaceAll(/:(\w+)/g, "{$1}");
    paths[place] = { ...paths[place], [method.toLowerCase()]: operations.of(schemas) };
  }
  return {
    openapi: "3.1.0",
    info: { title, version },
    ...(servers ? { servers: servers.map((url) => ({ url })) } : {}),
    tags: services.map(({ contract }) => ({ name: contract.name })),
    paths,
    components: { schemas: shelf.components, securitySchemes },
  };
}
