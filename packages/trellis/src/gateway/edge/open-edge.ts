import type { Edge, EdgeOptions } from "./edge.ts";
import { EdgeHop } from "./edge-hop.ts";
import { Flights } from "./flights.ts";
import { edgeBodyBytesMax } from "./limits.ts";
import { keysOfUrl } from "./requests.ts";
import { EdgeStore } from "./store.ts";

/** Opens a cache before a hop. It holds nothing but memory: there is nothing to close. */
export function openEdge({ next, clock, bytesMax, bodyBytesMax = edgeBodyBytesMax, events }: EdgeOptions): Edge {
  const store = new EdgeStore(bytesMax);
  const flights = new Flights({ next, clock, store, bodyBytesMax, events });
  const hop = new EdgeHop(next, flights);
  return {
    hop,
    purge: (purge) => {
      if ("url" in purge) return keysOfUrl(purge.url).reduce((sum, key) => sum + hop.invalidate(key), 0);
      if ("tag" in purge) {
        flights.overtake(purge.tag, purge.service);
        return store.deleteTag(purge.tag, purge.service);
      }
      flights.overtake(undefined, purge.service);
      return store.deleteAll(purge.service);
    },
    figures: () => ({
      entries: store.entries,
      bytes: store.bytes,
      bytesMax,
      routes: flights.counts.all(),
      eventsUnlogged: events?.unlogged ?? 0,
      waiting: flights.waiting,
      filling: flights.filling,
    }),
  };
}
