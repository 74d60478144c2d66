import type { Limit } from "../../model/limit.ts";

/** For the head of a request to arrive. */
export const headMsMax = 10_000;
/** How long an idle connection is kept: longer than balancers in front keep theirs, so that they close first. */
export const keepAliveMsDefault = 65_000;
/** Deadlines are looked at this often: an answer that is too late is told so at most this much later. */
export const lookEveryMsDefault = 100;
/** How long a client that takes nothing of its answer is waited for. */
export const stalledMsMax = 60_000;
/** After so long without anybody who takes a body, it is looked whether its client is still there; then after twice as long, and so on. */
export const listenMsMin = 1_000;
/** For a TLS handshake. */
export const handshakeMsMax = 10_000;
/** Requests of one HTTP/2 connection that are under way at once. */
export const streamsMax = 128;
/** How long answers ask clients to close before idle connections are closed. */
export const drainWindowMsDefault = 1_000;
export const drainMsMaxDefault = 20_000;
/** Lines of the access log wait this long for company. */
export const accessLogMs = 200;
export const accessLogCharactersMax = 65_536;

export const frontLimits: readonly Limit[] = [
  {
    name: "arrival of a request's head at the gateway",
    value: headMsMax,
    unit: "ms",
    set: "fixed, or TRELLIS_REQUEST_TIMEOUT where that is less",
  },
  {
    name: "idle connection of a client at the gateway",
    value: keepAliveMsDefault,
    unit: "ms",
    set: "fixed: longer than load balancers keep theirs",
  },
  {
    name: "rest of a client that is sent an answer",
    value: stalledMsMax,
    unit: "ms",
    set: "fixed: whoever takes nothing for so long has left",
  },
  {
    name: "pause before the gateway looks whether the client of a body that nobody takes is still there",
    value: listenMsMin,
    unit: "ms",
    set: "fixed: for HTTP/1.1, and twice as long each time",
  },
  {
    name: "TLS handshake",
    value: handshakeMsMax,
    unit: "ms",
    set: "fixed: nobody slower is waited for",
  },
  {
    name: "requests at once on a connection of HTTP/2",
    value: streamsMax,
    unit: "requests",
    set: "fixed: browsers ask for no more than about a hundred",
  },
  {
    name: "time between looks at deadlines in the gateway",
    value: lookEveryMsDefault,
    unit: "ms",
    set: "fixed: a timer for each request would cost more",
  },
];
