import type { Limit } from "../model/limit.ts";

/** Of a request or an answer, without its body. */
export const headBytesMax = 262_144;
/** Of body in one frame. */
export const dataBytesMax = 65_536;
/** What may be under way on one stream in one direction before the other side has taken it. */
export const windowBytes = 262_144;
/** At once on one connection. */
export const streamsMax = 65_536;
/** What is to be purged: an address, or a tag and its service. */
export const purgeBytesMax = 32_768;
/** What a gateway says of itself: some hundred bytes for each service, instance and route. */
export const figuresBytesMax = 4_194_304;
/** For the other side's hello to come. */
export const helloMsMax = 5_000;

export const frameLimits: readonly Limit[] = [
  {
    name: "head between gateway and instance",
    value: headBytesMax,
    unit: "bytes",
    set: "fixed: far above what clients may send",
  },
  {
    name: "frame of a body between gateway and instance",
    value: dataBytesMax,
    unit: "bytes",
    set: "fixed: longer ones travel in pieces",
  },
  {
    name: "body under way between gateway and instance",
    value: windowBytes,
    unit: "bytes",
    set: "fixed: for each request and direction, until the other side has taken it",
  },
  {
    name: "requests at once on a connection of the gateway to an instance",
    value: streamsMax,
    unit: "requests",
    set: "fixed: more wait at the gateway",
  },
  {
    name: "purge that an instance tells a gateway",
    value: purgeBytesMax,
    unit: "bytes",
    set: "fixed: an address or a tag",
  },
  {
    name: "figures that a gateway tells an instance",
    value: figuresBytesMax,
    unit: "bytes",
    set: "fixed: some hundred for each service, instance and route; of more there is nothing at /metrics",
  },
  {
    name: "greeting between gateway and instance",
    value: helloMsMax,
    unit: "ms",
    set: "fixed: both are on one machine",
  },
];
