import type { Clock } from "../../model/clock.ts";
import type { ForwardReason } from "../../policies/http-cache/cache-status.ts";
import { invalidatedBy, isSafe } from "../../policies/http-cache/invalidation.ts";
import { decideReuse } from "../../policies/http-cache/reuse.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop, UpgradeSink } from "../exchange.ts";
import { type Asked, askedOf, isPlain } from "./asked.ts";
import { HeldAnswer } from "./events/held-answer.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import type { FlightPlan } from "./flight-plan.ts";
import type { Flights } from "./flights.ts";
import { give } from "./give.ts";
import { giveNoted } from "./give-noted.ts";
import { updateByHead } from "./head-update.ts";
import { isBeginning } from "./parts.ts";
import { PassingSink } from "./passing-sink.ts";
import { PostSink } from "./post-sink.ts";
import { Reader } from "./reader.ts";
import { completing, keyOf, keysOfUrl, refreshing, validating } from "./requests.ts";
import { EdgeStore, type Resource } from "./store.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/** For an answer that was whole before the client could do anything with it. */
const answered: Forwarding = { resume: () => {}, abort: () => {} };

/** The cache as a hop: answers what is kept, passes on the rest, keeps what comes back. */
export class EdgeHop implements Hop {
  readonly #next: Hop;
  readonly #clock: Clock;
  readonly #store: EdgeStore;
  readonly #flights: Flights;

  constructor(next: Hop, flights: Flights) {
    this.#next = next;
    this.#clock = flights.clock;
    this.#store = flights.store;
    this.#flights = flights;
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    const { method, headers } = request;
    if (method !== "GET" && method !== "HEAD") return this.#passMethod(request, sink);
    const key = keyOf(request);
    const resource = this.#store.resource(key);
    if (resource !== undefined && request.body === undefined && isPlain(headers)) {
      const stored = EdgeStore.match(resource, headers);
      const now = this.#clock.now();
      if (stored !== undefined && now < stored.plainUntilMs) {
        noteHit(stored, request, now);
        const { event } = stored;
        const held = event && this.#note(event, stored.status, request, sink, now);
        (held ?? sink).whole(stored.status, stored.flatAt(now), method === "GET" ? stored.body : "");
        return held ?? answered;
      }
    }
    return this.#decide(request, sink, key, resource);
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    return this.#next.upgrade(request, sink);
  }

  /** Takes out what is kept of an address, and what is on its way. Returns how much was kept. */
  invalidate(key: string): number {
    this.#flights.overtakeKey(key);
    return this.#store.deleteKey(key);
  }

  #decide(request: GatewayRequest, sink: AnswerSink, key: string, resource: Resource | undefined): Forwarding {
    const asked = askedOf(request.headers);
    if (request.body !== undefined || asked.guarded)
      return this.#next.forward(request, new PassingSink(sink, request, "bypass"));
    const stored = resource && EdgeStore.match(resource, request.headers);
    const given = stored && this.#giveStored(stored, request, asked, sink);
    if (given) return given;
    if (asked.control?.onlyIfCached) {
      sink.whole(504, ["content-length", "0", "cache-status", "trellis; detail=only-if-cached"], "");
      return answered;
    }
    if (request.method === "HEAD") return this.#passHead(request, sink, asked, stored);
    return this.#fetch(request, sink, asked, key, resource, stored);
  }

  /** RFC 9111 §4: undefined where the origin has to be asked first. */
  #giveStored(stored: StoredAnswer, request: GatewayRequest, asked: Asked, sink: AnswerSink): Forwarding | undefined {
    const now = this.#clock.now();
    const reuse = decideReuse(stored.keeping, asked.control, now);
    if (reuse === "validate") return undefined;
    const { events } = this.#flights;
    const giving = { stored, request, asked, sink, now };
    const given = events && stored.event ? giveNoted(events, stored.event, giving) : give(giving) && answered;
    if (!given) return undefined;
    noteHit(stored, request, now);
    if (reuse === "stale-while-revalidate") this.#refresh(stored, request, now);
    return given;
  }

  #fetch(
    request: GatewayRequest,
    sink: AnswerSink,
    asked: Asked,
    key: string,
    resource: Resource | undefined,
    stored: StoredAnswer | undefined,
  ): Forwarding {
    const reader = new Reader(request, sink, asked);
    const plan = planFor(request, asked, key, resource, stored, this.#clock.now());
    const alone = asked.noStore || asked.control?.noCache || asked.authorized;
    if (alone || (plan.seeks === "answer" && asked.conditional)) this.#flights.launch(plan, reader);
    else this.#flights.joinOrLaunch(plan, resource?.vary ?? noNames, reader);
    return reader;
  }

  /** What is given to the one that it returns leaves when the event is written down. */
  #note(event: PlannedEvent, status: number, request: GatewayRequest, sink: AnswerSink, now: number): HeldAnswer {
    const held = new HeldAnswer(sink);
    this.#flights.events?.note(event, request, status, now);
    this.#flights.events?.hold(held);
    return held;
  }

  /** RFC 5861 §3: a successor is fetched once, however many are given the stale one meanwhile. */
  #refresh(stored: StoredAnswer, request: GatewayRequest, now: number): void {
    if (now < stored.refreshFromMs) return;
    const background = refreshing(request, stored, now);
    stored.refreshFromMs = background.deadlineMs;
    const plan: FlightPlan = {
      key: stored.key,
      request: background,
      asked: askedOf(background.headers),
      reason: "stale",
      stored,
      seeks: isValidatable(stored) ? "validation" : "answer",
    };
    this.#flights.launchInBackground(plan, stored.keeping.vary);
  }

  #passHead(request: GatewayRequest, sink: AnswerSink, asked: Asked, stored: StoredAnswer | undefined): Forwarding {
    if (!stored) return this.#next.forward(request, new PassingSink(sink, request, "miss"));
    const requestedMs = this.#clock.now();
    const passing = new PassingSink(sink, request, "stale", (status, headers) => {
      const times = { requestedMs, answeredMs: this.#clock.now() };
      updateByHead(this.#store, stored, { headers: request.headers, asked }, { status, headers }, times);
    });
    return this.#next.forward(request, passing);
  }

  #passMethod(request: GatewayRequest, sink: AnswerSink): Forwarding {
    if (isSafe(request.method)) return this.#next.forward(request, new PassingSink(sink, request, "method"));
    const invalidate = (status: number, headers: HeaderList) => {
      const own = keyOf(request);
      for (const address of invalidatedBy(status, headers, own))
        for (const key of address === own ? [own] : keysOfUrl(address)) this.invalidate(key);
    };
    const passing =
      request.method === "POST"
        ? new PostSink({ sink, request, flights: this.#flights, seen: invalidate })
        : new PassingSink(sink, request, "method", invalidate);
    return this.#next.forward(request, passing);
  }
}

const noNames: readonly string[] = [];

function noteHit(stored: StoredAnswer, request: GatewayRequest, now: number): void {
  if (stored.uses < 3) stored.uses += 1;
  if (now < stored.keeping.freshUntilMs) stored.route.hits += 1;
  else stored.route.stale += 1;
  request.facts.cache = stored.hitStatusAt(now);
}

function planFor(
  request: GatewayRequest,
  asked: Asked,
  key: string,
  resource: Resource | undefined,
  stored: StoredAnswer | undefined,
  now: number,
): FlightPlan {
  const plan = { key, asked, reason: reasonFor(resource, stored, now), stored } as const;
  // What is for one person is neither asked about nor completed by what is kept for all.
  if (stored && !asked.noStore && !asked.authorized) {
    if (isValidatable(stored)) return { ...plan, request: validating(request, stored), seeks: "validation" };
    if (!asked.conditional && isBeginning(stored))
      return { ...plan, request: completing(request, stored), seeks: "rest" };
  }
  return { ...plan, request, seeks: "answer" };
}

function isValidatable({ part, validators }: StoredAnswer): boolean {
  return part === undefined && (validators.etag !== undefined || validators.lastModified !== undefined);
}

function reasonFor(resource: Resource | undefined, stored: StoredAnswer | undefined, now: number): ForwardReason {
  if (!resource) return "uri-miss";
  if (!stored) return "vary-miss";
  if (stored.part) return "partial";
  // What is fresh is passed by only where the request says so.
  return now < stored.plainUntilMs ? "request" : "stale";
}
