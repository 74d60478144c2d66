import { type ReadTarget, readTarget } from "../blocks/http/endpoint/read-target.ts";
import type { MakeEdgeEvent, Serving } from "../model/block.ts";
import type { EdgeEvent, EdgeEventRecord } from "../model/edge-event.ts";
import { TrellisError } from "../model/errors.ts";
import type { OpenService } from "./open-services.ts";

type Mapping = (edge: EdgeEvent, use: unknown) => unknown;

/** From now on the services' mappings make events of what gateways have recorded, until it is stopped. */
export function takeEdgeEvents(services: readonly OpenService[]): Serving {
  const takings = services.flatMap((service) => streamsWithEdgeEvents(service).map((stream) => take(service, stream)));
  return { stop: async () => void (await Promise.all(takings.map((taking) => taking.stop()))) };
}

/** By their names in `uses`. */
function streamsWithEdgeEvents({ service }: OpenService): readonly string[] {
  return [...new Set(Object.values(service.edgeEvents).map(({ stream }) => stream))];
}

function take(open: OpenService, stream: string): Serving {
  const block = open.blocks.find(({ name }) => name === stream);
  if (block?.opened.takeEdgeEvents) return block.opened.takeEdgeEvents(makerOf(open, stream));
  throw new TrellisError("invalid-app", {
    says: `${open.service.contract.name}.${stream} takes no events of the edge`,
    cure: "Name a stream of `uses` in `edgeEvents`.",
  });
}

/** Makes events of one stream, whichever route the edge has answered. */
function makerOf({ service, handles }: OpenService, stream: string): MakeEdgeEvent {
  const { contract, edgeEvents } = service;
  const routes = new Map<string, { readonly read: ReadTarget; readonly map: Mapping }>();
  for (const [name, mapping] of Object.entries(edgeEvents)) {
    const route = contract.routes[name];
    if (route && mapping.stream === stream)
      routes.set(name, { read: readTarget(route), map: mapping.event as Mapping });
  }
  return async (name, record) => {
    const route = routes.get(name);
    // Another release of the service had it.
    if (!route)
      throw new TrellisError("unknown-route", { says: `${contract.name} has no mapping from "${name}" to ${stream}` });
    const params = (await route.read(record.target)) as EdgeEvent["params"];
    return await route.map(edgeEvent(record, params), handles);
  };
}

function edgeEvent(
  { method, target, at, status, headers, country, visitor }: EdgeEventRecord,
  params: EdgeEvent["params"],
): EdgeEvent {
  return { method, params, url: target, at, status, headers, client: { country, visitor } };
}
