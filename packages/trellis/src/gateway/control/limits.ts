import type { Limit } from "../../model/limit.ts";

/** Between two reports of figures. */
export const figuresEveryMs = 1_000;
/** Whoever has started a gateway connects at once. */
export const expectedMs = 10_000;
/** A routing table of ten thousand upstreams is about a megabyte. */
export const lineCharactersMax = 16_777_216;
/** Unix(7): 108 bytes with the closing zero. */
export const pathBytesMax = 107;

export const controlLimits: readonly Limit[] = [
  {
    name: "order to a gateway",
    value: lineCharactersMax,
    unit: "characters",
    set: "fixed: a routing table of ten thousand origins is about a megabyte",
  },
  {
    name: "path of a gateway's control socket",
    value: pathBytesMax,
    unit: "bytes",
    set: "fixed: the system takes no longer one",
  },
  {
    name: "wait of a gateway for whoever gives it orders",
    value: expectedMs,
    unit: "ms",
    set: "fixed: whoever has started it connects at once",
  },
  {
    name: "pause between two reports of a gateway's figures",
    value: figuresEveryMs,
    unit: "ms",
    set: "fixed: what is newer is asked for",
  },
];
