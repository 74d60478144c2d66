import { signCaller, signedCallerMsMax } from "../blocks/http/endpoint/caller-header.ts";
import { type Authenticate, identification } from "../blocks/http/endpoint/identification.ts";
import { headerOf } from "../blocks/http/endpoint/incoming.ts";
import { header, type WireAnswer } from "../blocks/http/port.ts";
import type { OwnAnswer } from "../blocks/http/server/own-answer.ts";
import { type Actor, scope } from "../model/actor.ts";
import type { Clock } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import { exposition, expositionType } from "../telemetry/exposition.ts";
import type { InstanceMetrics } from "../telemetry/instance-metrics.ts";
import type { Peer } from "../telemetry/peer.ts";
import { lookEverywhere } from "../telemetry/whole-system.ts";

interface Parts {
  readonly metrics: InstanceMetrics;
  readonly peers: () => Promise<readonly Peer[]>;
  /** What each gateway says of itself, as JSON, as soon as it comes. */
  readonly gateways: () => readonly Promise<string | undefined>[];
  readonly authenticate: Authenticate;
  readonly secret: string;
  readonly clock: Clock;
}

const path = "/metrics";
const permission = scope("metrics:read");
/** No service can have this name: what is signed for it opens nothing else. */
const audience = "trellis:metrics";
const instanceActor: Actor = { id: "trellis", workspace: "trellis", scopes: ["metrics:read"] };

/** `/metrics`: this instance's figures at its own port, those of all at the shared one, to whoever may read them. */
export function metricsAnswer({ metrics, peers, gateways, authenticate, secret, clock }: Parts): OwnAnswer {
  const identify = identification({ authenticate, secret, clock });
  const headers = () => {
    const expiresMs = clock.now() + signedCallerMsMax;
    return { [header.caller]: signCaller({ actor: instanceActor, service: audience, expiresMs }, secret) };
  };
  return {
    path,
    async answer({ headers: sent, ownPort }) {
      admit(await identify(sent, audience, { method: "GET", origin: "" }));
      if (!ownPort) {
        const system = { metrics, peers, gateways, path, headers, clock };
        return textAnswer(await exposition(await lookEverywhere(system)));
      }
      const families = await metrics.look();
      if (headerOf(sent, "accept") !== "application/json") return textAnswer(await exposition([families]));
      return answer("application/json", JSON.stringify({ instance: metrics.instance, families }));
    },
  };
}

function admit(actor: Actor | undefined): void {
  if (actor === undefined) throw new TrellisError("unauthenticated");
  if (permission.admits(actor)) return;
  throw new TrellisError("forbidden", {
    says: `This needs: ${permission.says}`,
    cure: "Make a key for it: `trellis key new --scopes metrics:read`.",
  });
}

function textAnswer(text: string): WireAnswer {
  return answer(expositionType, text);
}

function answer(type: string, body: string): WireAnswer {
  return { status: 200, headers: { "content-type": type, "cache-control": "no-store" }, body };
}
