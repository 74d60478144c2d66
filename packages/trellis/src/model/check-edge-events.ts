import { neverInEdgeEvents } from "./edge-event.ts";
import { TrellisError } from "./errors.ts";
import { edgeEventHeaders, type Route } from "./route.ts";
import type { Service } from "./service.ts";

/** A token of HTTP (RFC 9110 §5.6.2). */
const headerForm = /^[\w!#$%&'*+.^`|~-]+$/;
/** Names stand between spaces and in folders' names. */
const nameForm = /^[\w-]+$/;

/** Throws `invalid-app` where answers of the edge could not become the events that contract and service say. */
export function checkEdgeEvents(services: readonly Service[]): void {
  for (const service of services) {
    const { contract, edgeEvents } = service;
    for (const [name, route] of Object.entries(contract.routes)) {
      const headers = edgeEventHeaders(route);
      if (!headers) continue;
      const of = `${contract.name}.${name}`;
      checkHeaders(of, headers);
      checkMapping(of, name, service);
    }
    for (const name of Object.keys(edgeEvents)) checkRoute(`${contract.name}.${name}`, contract.routes[name]);
  }
}

function checkHeaders(of: string, headers: readonly string[]): void {
  const wrong = headers.find((header) => !headerForm.test(header));
  if (wrong !== undefined)
    throw new TrellisError("invalid-app", {
      says: `${of}: "${wrong}" cannot be the name of a header of an edge event`,
      cure: 'Name headers such as "referer" and "user-agent" in `edge.event.headers`.',
    });
  const secret = headers.find((header) => neverInEdgeEvents.has(header));
  if (secret !== undefined)
    throw new TrellisError("invalid-app", {
      says: `${of}: the header "${secret}" may not be written down with an edge event`,
      cure: "Leave it out: it holds a secret, or says whose request it is. `client` has what may be known of that.",
    });
}

function checkMapping(of: string, name: string, { uses, edgeEvents }: Service): void {
  const mapping = edgeEvents[name];
  if (!mapping)
    throw new TrellisError("invalid-app", {
      says: `${of}: the edge's answers are events by its contract, but its service makes none of them`,
      cure: `Write \`edgeEvents: { ${name}: { stream, event } }\` in the service, or leave out \`edge.event\`.`,
    });
  if (uses[mapping.stream]?.kind !== "stream")
    throw new TrellisError("invalid-app", {
      says: `${of}: events of the edge end in "${mapping.stream}", which is no stream that the service uses`,
      cure: "Name a stream of `uses` in `edgeEvents`.",
    });
  const unfit = [name, mapping.stream].find((word) => !nameForm.test(word));
  if (unfit !== undefined)
    throw new TrellisError("invalid-app", {
      says: `${of}: "${unfit}" cannot be a name where the edge's answers are events`,
      cure: "Use letters, digits, hyphens and underscores.",
    });
}

function checkRoute(of: string, route: Route | undefined): void {
  if (route && edgeEventHeaders(route)) return;
  throw new TrellisError("invalid-app", {
    says: `${of} has a mapping in \`edgeEvents\`, but its contract makes no events of the edge's answers`,
    cure: "Add `edge: { …, event: {} }` to the route, or take out the mapping.",
  });
}
