import type { Limit } from "../../model/limit.ts";

/** To one origin at once; what is more waits. */
export const connectionsMaxDefault = 256;
export const connectMsMax = 3_000;
/** Node's own servers close after 5 s, and say so; one that says nothing gets no request after this long. */
export const idleMsMax = 4_000;
export const answerHeadBytesMax = 65_536;
/** 102 and 103 before one answer. More of them are a fault. */
export const interimAnswersMax = 32;

export const httpUpstreamLimits: readonly Limit[] = [
  {
    name: "connections of the gateway to one origin",
    value: connectionsMaxDefault,
    unit: "connections",
    set: "fixed: more requests wait for one of them",
  },
  {
    name: "making a connection to an origin",
    value: connectMsMax,
    unit: "ms",
    set: "fixed: then another origin is asked",
  },
  {
    name: "idle connection to an origin",
    value: idleMsMax,
    unit: "ms",
    set: "fixed, or less where the origin says so",
  },
  {
    name: "headers of an origin's answer",
    value: answerHeadBytesMax,
    unit: "bytes",
    set: "fixed: no client takes more",
  },
  {
    name: "interim answers before an origin's answer",
    value: interimAnswersMax,
    unit: "entries",
    set: "fixed: more are a fault",
  },
];
