import type { Forwarding, UpstreamFailure } from "../exchange.ts";

/** Of a request that was answered at once. */
export const notForwarded: Forwarding = { resume() {}, abort() {} };

export const unknownHost: UpstreamFailure = { reason: "unknown-host", says: "No service answers at this host" };
