import type { UpstreamFailure } from "../exchange.ts";
import { retryAfterMs } from "./limits.ts";
import type { Service } from "./service.ts";

const noInstance = (says: string): UpstreamFailure => ({ reason: "no-instance", says, retryAfterMs });
const overloaded = (says: string): UpstreamFailure => ({ reason: "overloaded", says, retryAfterMs });

/** Why a request does not get to an instance: what its client, and the log, are told. */
export const refusals = {
  none: ({ name }: Service) => noInstance(`There is no instance of ${name}`),
  noneToAsk: ({ name }: Service) => noInstance(`No instance of ${name} can be asked`),
  noneInTime: ({ name, isPaused }: Service) =>
    noInstance(isPaused ? `${name} is paused` : `No instance of ${name} was there in time`),
  tooManyWait: ({ name }: Service) => overloaded(`Too many wait for ${name}`),
  noPlace: ({ name }: Service) => overloaded(`As many as allowed are under way in ${name}`),
  noPlaceInTime: ({ name }: Service) => overloaded(`${name} had no place for it in time`),
  circuitOpen: ({ name, circuit }: Service, now: number): UpstreamFailure => ({
    reason: "circuit-open",
    says: `${name} is not asked for now: ${circuit.status(now).because ?? "it fails"}`,
    retryAfterMs: circuit.retryAfterMs(now),
  }),
};
