import {
  cachedResources,
  calledBy,
  type HandlerText,
  handlersOf,
  resources,
  serviceNames,
  tablesText,
} from "./handlers.ts";

/**
 * The same app with every type written out: an interface for each body, answer, failure, request and call, and handlers
 * that are annotated with them. It has the same handlers and handles, but nothing is inferred from a contract.
 */
export function handWrittenApp(): Readonly<Record<string, string>> {
  const files = serviceNames.flatMap((service, index) => [
    [`${service}/contract.ts`, contractText(service)],
    [`${service}/service.ts`, serviceText(service, calledBy(index))],
  ]);
  return Object.fromEntries([...files, ["shared.ts", sharedText], ["app.ts", appText()]]);
}

const sharedText = `import type { Context } from "trellis";

export interface Actor {
  readonly id: string;
  readonly workspace: string;
  readonly scopes: readonly string[];
}

export interface Request extends Context {
  readonly actor: Actor;
  readonly headers: Headers;
  readonly origin: string;
  readonly requestId: string;
}

export interface Unavailable {
  readonly code: "unavailable";
  readonly detail: { readonly service: string; readonly retryAfterMs: number };
  readonly failed: true;
}

export type Result<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };
`;

const contractText = (service: string) => `import type { Request, Result, Unavailable } from "../shared.ts";
${resources.map((resource) => typesText(resource)).join("\n")}

export interface ${clientName(service)} {
${resources.map((resource) => callsText(resource)).join("\n")}
}
`;

const clientName = (service: string) => `${service[0]?.toUpperCase()}${service.slice(1)}Client`;

const typesText = (resource: number) => `
export interface NewThing${resource} {
  readonly name: string;
  readonly priority: number;
  readonly gift: boolean;
}
export interface Thing${resource} extends NewThing${resource} {
  readonly id: string;
  readonly version: number;
}
export interface Taken${resource} {
  readonly code: "taken-${resource}";
  readonly detail: { readonly name: string };
  readonly failed: true;
}
export interface Unknown${resource} {
  readonly code: "unknown-${resource}";
  readonly detail: { readonly id: string };
  readonly failed: true;
}
export const Taken${resource} = (detail: Taken${resource}["detail"]): Taken${resource} => ({ code: "taken-${resource}", detail, failed: true });
export const Unknown${resource} = (detail: Unknown${resource}["detail"]): Unknown${resource} => ({ code: "unknown-${resource}", detail, failed: true });
export interface Things${resource} {
  readonly things: readonly Thing${resource}[];
  readonly next: string | null;
}
export interface Change${resource} {
  readonly name: string;
  readonly priority: number;
}
export interface Create${resource}Request extends Request {
  readonly body: NewThing${resource};
}
export interface Read${resource}Request extends Request {
  readonly params: { readonly id: string };
}
export interface List${resource}Request extends Request {
  readonly query: { readonly least: number; readonly limit: number };
}
export interface Change${resource}Request extends Request {
  readonly params: { readonly id: string };
  readonly body: Change${resource};
}`;

const callsText = (resource: number) =>
  [
    callText(`create${resource}`, `{ body: NewThing${resource} }`, `Thing${resource}`, `Taken${resource}`),
    callText(`read${resource}`, "{ params: { id: string } }", `Thing${resource}`, `Unknown${resource}`),
    callText(`list${resource}`, "{ query?: { least?: number; limit?: number } }", `Things${resource}`, "never"),
    callText(
      `change${resource}`,
      `{ params: { id: string }; body: Change${resource} }`,
      `Thing${resource}`,
      `Unknown${resource}`,
    ),
  ].join("\n");

const callText = (route: string, input: string, output: string, failure: string) => `  readonly ${route}: {
    (input: ${input}): Promise<${output}>;
    try(input: ${input}): Promise<Result<${output}, ${failure} | Unavailable>>;
  };`;

const serviceText = (service: string, called: string) => `import type { Cache, Database } from "trellis";
import type { ${clientName(called)} } from "../${called}/contract.ts";
import { ${resources
  .flatMap((resource) => [
    `Taken${resource}`,
    `Unknown${resource}`,
    ...[`Thing${resource}`, `Things${resource}`].map((name) => `type ${name}`),
    ...["Create", "Read", "List", "Change"].map((verb) => `type ${verb}${resource}Request`),
  ])
  .join(", ")} } from "./contract.ts";

${tablesText}

interface Use {
  readonly db: Database<Tables>;
${cachedResources.map((resource) => `  readonly hot${resource}: Cache<string, Thing${resource}>;`).join("\n")}
  readonly peer: ${clientName(called)};
}

export const ${service} = {
${resources.flatMap((resource) => handlersOf(resource).map((handler) => handlerText(handler, resource))).join("\n")}
};
`;

function handlerText({ route, request, use, body }: HandlerText, resource: number): string {
  const verb = `${route[0]?.toUpperCase()}${route.slice(1)}`;
  return `  ${route}: async (${request}: ${verb}Request, ${use}: Use): Promise<${answerOf(route, resource)}> => ${body},`;
}

function answerOf(route: string, resource: number): string {
  if (route.startsWith("list")) return `Things${resource}`;
  return `Thing${resource} | ${route.startsWith("create") ? "Taken" : "Unknown"}${resource}`;
}

const appText =
  () => `${serviceNames.map((service) => `import { ${service} } from "./${service}/service.ts";`).join("\n")}

export const services = { ${serviceNames.join(", ")} };
`;
