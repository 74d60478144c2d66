import type { AnswerSink, Forwarding, GatewayRequest, Hop } from "../exchange.ts";

const done: Forwarding = { resume: () => undefined, abort: () => undefined };

/** Sends everyone to the same address by HTTPS. 308 keeps the method and the body (RFC 9110, section 15.4.9). */
export function redirectHop(securePort: number): Hop {
  const port = securePort === 443 ? "" : `:${securePort}`;
  const forward = ({ authority, target }: GatewayRequest, sink: AnswerSink): Forwarding => {
    const host = authority.replace(/:\d*$/, "");
    if (host === "") sink.fail({ reason: "unknown-host", says: "It names no host that it could be sent to" });
    else sink.whole(308, ["location", `https://${host}${port}${target === "*" ? "/" : target}`], "");
    return done;
  };
  return { forward, upgrade: forward };
}
