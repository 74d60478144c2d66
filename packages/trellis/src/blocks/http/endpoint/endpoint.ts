import { hash } from "node:crypto";
import type { Actor, Permission } from "../../../model/actor.ts";
import type { Contract } from "../../../model/contract.ts";
import type { Departures } from "../../../model/departures.ts";
import { milliseconds } from "../../../model/duration.ts";
import { TrellisError } from "../../../model/errors.ts";
import { isFailure } from "../../../model/failure.ts";
import { isConversation, keepsAnswers, permissionOf, type Route } from "../../../model/route.ts";
import type { Service } from "../../../model/service.ts";
import { bytes } from "../../../model/size.ts";
import type { SpanFacts, Tracing } from "../../../model/tracing.ts";
import { header, type Idempotency, isSocket, type KeepAnswer, lasts, type WireAnswer } from "../port.ts";
import { statusAttributes } from "../status-attributes.ts";
import { callerStorage } from "./caller-storage.ts";
import type { Exchange, Surroundings } from "./exchange.ts";
import { compileFailures, type WriteFailure } from "./failures.ts";
import type { Flights } from "./flights.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import { headerOf, type IncomingHeaders } from "./incoming.ts";
import { compileInput, type ReadInput } from "./input.ts";
import { compileOutput, type WriteOutput } from "./output.ts";
import { problemAnswer, thrownByHandler } from "./problem.ts";
import type { HttpFigures, RouteFigures } from "./route-figures.ts";
import { WireEvents } from "./wire-events.ts";

/** Who sends a request with these headers to this service. Throws `unauthenticated` where they claim what is not so. */
export type Identify = (
  headers: IncomingHeaders,
  service: string,
  at: Sent,
) => Actor | undefined | Promise<Actor | undefined>;

/** What else counts when it is asked who sends a request. */
export interface Sent {
  readonly method: string;
  /** Where the request was sent: the address of the app as its callers see it. */
  readonly origin: string;
}

/** What all endpoints of an instance share. */
export interface EndpointFacts extends Omit<Surroundings, "now"> {
  readonly identify: Identify;
  readonly flights: Flights;
  /** Holds answers until what must be written down before they leave is written. Without it nothing is. */
  readonly departures?: Departures | undefined;
  /** Without it, idempotency keys have no effect. */
  readonly idempotency: Idempotency | undefined;
  readonly requestTimeoutMs: number;
  readonly bodyBytesMax: number;
  /** Without them nothing is counted. */
  readonly figures: HttpFigures | undefined;
  readonly tracing: Tracing;
}

type Handler = (request: unknown, use: unknown) => unknown;

/**
 * One route of one service made executable: from what came in to what goes out, with nothing of HTTP in it. Requests
 * over HTTP and calls in process pass the same permission, validation, encoding, deadline and errors here.
 */
export class Endpoint {
  readonly service: string;
  readonly name: string;
  readonly route: Route;
  readonly surroundings: Surroundings;
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
  /** Of the requests that come over HTTP. */
  readonly figures: RouteFigures | undefined;
  readonly #facts: EndpointFacts;
  readonly #handler: Handler;
  readonly #handles: unknown;
  readonly #permission: Permission<Actor | undefined>;
  readonly #readInput: ReadInput;
  readonly #writeOutput: WriteOutput;
  readonly #writeFailure: WriteFailure;
  readonly #entersContext: boolean;
  readonly #keepsAnswers: boolean;
  readonly #isSocket: boolean;
  #callFigures: RouteFigures | undefined;

  /** Throws `invalid-app` where the route's schemas cannot travel. */
  constructor(service: Service, name: string, route: Route, handles: unknown, facts: EndpointFacts) {
    const contract: Contract = service.contract;
    const of = `${contract.name}.${name}`;
    this.service = contract.name;
    this.name = name;
    this.route = route;
    this.timeoutMs = route.options.timeout
      ? milliseconds(route.options.timeout, `${of}: timeout`)
      : facts.requestTimeoutMs;
    this.bodyBytesMax = route.options.bodyMax ? bytes(route.options.bodyMax, `${of}: bodyMax`) : facts.bodyBytesMax;
    const { clock, random, mode, origin, clients } = facts;
    const log = facts.log.with({ service: contract.name, route: name });
    this.surroundings = { clock, now: () => clock.now(), random, log, mode, origin, clients };
    this.figures = facts.figures?.of(contract.name, name, "http");
    this.#facts = facts;
    this.#handler = handlerOf(service, name);
    this.#handles = handles;
    this.#permission = permissionOf(route);
    this.#readInput = compileInput(contract, name, route);
    this.#writeOutput = compileOutput(service, name, route, { ...facts, bodyBytesMax: this.bodyBytesMax });
    this.#writeFailure = compileFailures(contract, name, route, facts.mode);
    this.#entersContext =
      facts.mode !== "production" || Object.values(service.uses).some(({ calls }) => calls !== undefined);
    this.#isSocket = isConversation(route);
    this.#keepsAnswers = keepsAnswers(route) && facts.idempotency !== undefined;
  }

  /** Of calls in this process: made when there is one. */
  get callFigures(): RouteFigures | undefined {
    this.#callFigures ??= this.#facts.figures?.of(this.service, this.name, "process");
    return this.#callFigures;
  }

  /** The head of a request has come: its deadline holds from now on, also while its body is waited for. */
  expect(exchange: Exchange): void {
    this.#facts.flights.add(exchange);
  }

  /** What was expected did not come, or not in a form that can be served. */
  giveUp(exchange: Exchange, error: TrellisError): void {
    this.#refuse(exchange, error);
  }

  /** Answers through `exchange`, at once where nothing has to be waited for. Never throws. */
  serve(exchange: Exchange): void {
    // Its body came after it had expired.
    if (exchange.settled) return;
    exchange.served = true;
    if (this.#facts.tracing.on) this.#serveTraced(exchange);
    else this.#identify(exchange);
  }

  /** What is done for the request happens in its span, which ends with the answer, or its beginning where it lasts. */
  #serveTraced(exchange: Exchange): void {
    const { tracing } = this.#facts;
    const { headers, method } = exchange.incoming;
    const { path } = this.route;
    const facts: SpanFacts = {
      name: `${method} ${path}`,
      kind: "server",
      parent: headerOf(headers, header.trace),
      attributes: {
        "http.request.method": method,
        "http.route": path,
        "trellis.service": this.service,
        "trellis.route": this.name,
        "trellis.request_id": exchange.requestId,
      },
      outcome: statusAttributes,
    };
    const serve = (): Promise<number> =>
      new Promise((resolve) => {
        exchange.trace(tracing.current());
        exchange.whenSettled = ({ status }) => resolve(status);
        this.#identify(exchange);
      });
    void tracing.span(facts, serve);
  }

  #identify(exchange: Exchange): void {
    try {
      const actor = this.#facts.identify(exchange.incoming.headers, this.service, this.#sent(exchange));
      if (!(actor instanceof Promise)) this.#admit(exchange, actor);
      else this.#wait(exchange, this.#permission.public ? actor.catch(nobodyInAnOutage) : actor, this.#admit);
    } catch (error) {
      this.#refuse(exchange, error);
    }
  }

  /** A page of another site may open a WebSocket here, with the cookies of this one, and hear what comes: no mere GET. */
  #sent(exchange: Exchange): Sent {
    return this.#isSocket ? { method: "CONNECT", origin: exchange.origin } : exchange;
  }

  #admit(exchange: Exchange, actor: Actor | undefined): void {
    exchange.actor = actor;
    const { public: open, admits, says } = this.#permission;
    if (!open) {
      if (actor === undefined) throw new TrellisError("unauthenticated");
      if (!admits(actor))
        throw new TrellisError("forbidden", {
          says: `This needs: ${says}`,
          cure: `Ask for a key that has it: ${says}.`,
        });
    }
    const reading = this.#readInput(exchange);
    if (reading !== undefined) this.#wait(exchange, reading, this.#work);
    else this.#work(exchange);
  }

  #work(exchange: Exchange): void {
    const key = this.#keepsAnswers ? exchange.incoming.headers[header.idempotencyKey] : undefined;
    if (key !== undefined) {
      this.#wait(exchange, this.#workOnce(exchange, key), this.#settle);
      return;
    }
    let result: unknown;
    try {
      result = this.#handle(exchange);
    } catch (error) {
      throw thrownByHandler(error);
    }
    if (isThenable(result)) this.#waitForHandler(exchange, result);
    else this.#finish(exchange, result);
  }

  #handle(exchange: Exchange): unknown {
    return this.#entersContext
      ? callerStorage.run(exchange, this.#handler, exchange, this.#handles)
      : this.#handler(exchange, this.#handles);
  }

  #finish(exchange: Exchange, value: unknown): void {
    const answer = this.#answer(exchange, value);
    if (answer instanceof Promise) this.#wait(exchange, answer, this.#settle);
    else this.#settle(exchange, answer);
  }

  #answer(exchange: Exchange, value: unknown): WireAnswer | Promise<WireAnswer> {
    return isFailure(value) ? this.#writeFailure(value, exchange.requestId) : this.#writeOutput(value, exchange);
  }

  #settle(exchange: Exchange, answer: WireAnswer): void {
    const { departures, flights } = this.#facts;
    if (departures?.holding) {
      // An answer that is held is still in flight: a drain waits for it, and it can expire.
      flights.add(exchange);
      departures.leave(() => this.#letGo(exchange, answer));
    } else this.#send(exchange, answer);
  }

  #letGo(exchange: Exchange, answer: WireAnswer): void {
    try {
      this.#send(exchange, answer);
    } catch (error) {
      this.#sendRefusal(exchange, error);
    }
  }

  #send(exchange: Exchange, answer: WireAnswer): void {
    const { flights } = this.#facts;
    exchange.settle(answer);
    const { body } = answer;
    // What lasts stays in flight, without a deadline, so that it ends with the instance.
    if (lasts(body)) flights.add(exchange);
    if (body instanceof WireEvents) body.whenEnded(() => flights.remove(exchange));
    else if (isSocket(body)) void body.ended.then(() => flights.remove(exchange));
    else flights.remove(exchange);
  }

  #refuse(exchange: Exchange, error: unknown): void {
    const { departures, flights } = this.#facts;
    if (departures?.holding) {
      flights.add(exchange);
      departures.leave(() => this.#sendRefusal(exchange, error));
    } else this.#sendRefusal(exchange, error);
  }

  #sendRefusal(exchange: Exchange, error: unknown): void {
    exchange.refuse(error);
    this.#facts.flights.remove(exchange);
  }

  async #workOnce(exchange: Exchange, given: string | readonly string[]): Promise<WireAnswer> {
    const key = idempotencyKey(given);
    const { actor } = exchange;
    const ask = {
      service: this.service,
      route: this.name,
      key,
      actorId: actor ? `${actor.workspace}/${actor.id}` : "",
      requestHash: requestHash(exchange),
    };
    const work = async (keep: KeepAnswer): Promise<WireAnswer> => {
      // The key came after the deadline: its caller was told that nothing happened.
      if (exchange.settled) return problemAnswer(new TrellisError("deadline-exceeded"), exchange.requestId);
      exchange.keep = async (tx, result) => keep(tx, await this.#answer(exchange, result));
      try {
        return await this.#answer(exchange, await this.#handle(exchange));
      } catch (error) {
        throw thrownByHandler(error);
      }
    };
    return await (this.#facts.idempotency as Idempotency).run(ask, work);
  }

  /** Goes on with `next` when there is what was awaited. Meanwhile the exchange can expire. */
  #wait<T>(exchange: Exchange, awaited: Promise<T>, next: (exchange: Exchange, value: T) => void): void {
    this.#facts.flights.add(exchange);
    awaited
      .then((value) => {
        // Expired meanwhile: nothing more happens in its name.
        if (exchange.settled) this.#facts.flights.remove(exchange);
        else next.call(this, exchange, value);
      })
      .catch((error) => this.#refuse(exchange, error));
  }

  #waitForHandler(exchange: Exchange, result: PromiseLike<unknown>): void {
    this.#facts.flights.add(exchange);
    result.then(
      (value) => {
        try {
          this.#finish(exchange, value);
        } catch (error) {
          this.#refuse(exchange, error);
        }
      },
      (error) => this.#refuse(exchange, thrownByHandler(error)),
    );
  }
}

/** Browsers send their session everywhere: where anyone may ask, they are served while nobody can say whose it is. */
function nobodyInAnOutage(error: unknown): undefined {
  if (!(error instanceof TrellisError && error.status === 503)) throw error;
}

function handlerOf(service: Service, name: string): Handler {
  const handler = service.handlers[name] as Handler | undefined;
  if (handler) return handler;
  throw new TrellisError("invalid-app", {
    says: `${service.contract.name} has no handler for its route "${name}"`,
    cure: "Write one in `routes`.",
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";
}

function requestHash({ incoming: { params, query, headers, body } }: Exchange): string {
  return hash("sha256", JSON.stringify([params, query, headerOf(headers, "if-match"), body ?? ""]));
}
