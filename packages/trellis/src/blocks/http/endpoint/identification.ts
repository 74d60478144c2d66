import type { Actor } from "../../../model/actor.ts";
import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import { header } from "../port.ts";
import { verifyCaller } from "./caller-header.ts";
import type { Identify, Sent } from "./endpoint.ts";
import type { IncomingHeaders } from "./incoming.ts";

/** Who sends a request with these headers; undefined where nobody is signed in. */
export type Authenticate = (headers: IncomingHeaders, at: Sent) => Actor | undefined | Promise<Actor | undefined>;

interface Facts {
  readonly authenticate?: Authenticate;
  readonly secret: string;
  readonly clock: Clock;
}

/** Another of our instances says who asks, under its signature; anyone else proves it by a key. */
export function identification({ authenticate, secret, clock }: Facts): Identify {
  return (headers, service, at) => {
    const signed = headers[header.caller];
    if (signed === undefined) return authenticate?.(headers, at);
    const caller =
      typeof signed === "string" ? verifyCaller(signed, secret, { service, nowMs: clock.now() }) : undefined;
    if (caller) return caller.actor;
    throw new TrellisError("unauthenticated", {
      says: `The header ${header.caller} was not signed by this app for this service, or is too old`,
      cure: `Send a key as \`authorization: Bearer KEY\`; ${header.caller} is for instances of the app alone.`,
    });
  };
}
