import type { Limit } from "../../model/limit.ts";

/** A larger answer is passed on and not kept, unless said otherwise. */
export const edgeBodyBytesMax = 8 * 1024 * 1024;
/** Of one address, by what `Vary` names: the one longest unused makes room. */
export const variantsMax = 64;
/** Of what is on its way in, as a share of what is kept: beyond it answers are passed on and not kept. */
export const fillingShareMax = 0.25;
/** What a client has not taken yet of an answer that is not kept: then the origin rests. */
export const waitingBytesMax = 256 * 1024;
/** How long others do not wait for an answer of an address whose last one was not for all. */
export const unshareableMs = 10_000;
/** Addresses of which that is remembered. */
export const unshareableMax = 10_000;
/** For fetching an answer anew while the stale one is given. */
export const revalidationMsMax = 30_000;
/** After fetching it anew has failed. */
export const refreshPauseMs = 1_000;
/** Routes of which hits are counted apart. */
export const routesMax = 1_000;

export const edgeLimits: readonly Limit[] = [
  {
    name: "answer kept at the edge",
    value: edgeBodyBytesMax,
    unit: "bytes",
    set: "fixed: a larger one is passed on",
  },
  {
    name: "answers kept at the edge for one address",
    value: variantsMax,
    unit: "entries",
    set: "fixed: the one longest unused makes room",
  },
  {
    name: "answer waiting for a slow client, where it is not kept",
    value: waitingBytesMax,
    unit: "bytes",
    set: "fixed: then the origin rests",
  },
  {
    name: "fetching anew what is given stale",
    value: revalidationMsMax,
    unit: "ms",
    set: "fixed: then the stale one is given on",
  },
];
