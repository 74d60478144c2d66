import { TrellisError } from "../../../model/errors.ts";
import type { RequestIds } from "../../../policies/http/request-ids.ts";
import { header, lasts, type Transport, type WireAnswer, type WireCall } from "../port.ts";
import type { Endpoint } from "./endpoint.ts";
import { Exchange } from "./exchange.ts";
import { problemAnswer } from "./problem.ts";
import type { RouteFigures } from "./route-figures.ts";

/** A call that came from this same process. */
export class LocalExchange extends Exchange {
  readonly #call: WireCall;
  readonly #answer: (answer: WireAnswer) => void;
  readonly #figures: RouteFigures | undefined;
  readonly #arrivedMs: number;

  constructor(call: WireCall, endpoint: Endpoint, requestId: string, answer: (answer: WireAnswer) => void) {
    super(call, requestId, endpoint.surroundings, endpoint.timeoutMs);
    this.#call = call;
    this.#answer = answer;
    this.#figures = endpoint.callFigures;
    this.#arrivedMs = this.#figures?.arrived() ?? 0;
  }

  protected override deliver(answer: WireAnswer): void {
    this.#figures?.answered(this.#arrivedMs, answer.status, bytesOf(this.#call.body), bytesOf(answer.body));
    this.#answer({ ...answer, headers: { ...answer.headers, [header.requestId]: this.requestId } });
  }

  protected override whenGone(tell: () => void): void {
    const { signal } = this.#call;
    if (signal?.aborted) tell();
    else signal?.addEventListener("abort", tell, { once: true });
  }
}

function bytesOf(body: WireAnswer["body"] | undefined): number {
  return body === undefined || lasts(body) ? 0 : Buffer.byteLength(body);
}

/** Answers calls of this process with the endpoints that are here. */
export function dispatcher(endpoints: readonly Endpoint[], ids: RequestIds): Transport {
  const byName = new Map(endpoints.map((endpoint) => [`${endpoint.service}.${endpoint.name}`, endpoint]));
  return (call) =>
    new Promise((resolve) => {
      const requestId = ids.idOf(call.headers[header.requestId]);
      const endpoint = byName.get(`${call.service}.${call.route}`);
      if (!endpoint) resolve(problemAnswer(new TrellisError("unknown-route"), requestId));
      else if (Buffer.byteLength(call.body ?? "") > endpoint.bodyBytesMax)
        resolve(problemAnswer(new TrellisError("body-too-large"), requestId));
      else endpoint.serve(new LocalExchange(call, endpoint, requestId, resolve));
    });
}
