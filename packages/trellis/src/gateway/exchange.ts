import type { Duplex, Readable } from "node:stream";

/** Names and values in turn: `["content-type", "text/html", "vary", "accept"]`. Names are lower case; a repeated name stays repeated. */
export type HeaderList = readonly string[];

/** One request on its way through the gateway. Each hop may read it; what it finds out is noted in `facts`. */
export interface GatewayRequest {
  readonly method: string;
  /** Path and query as they came; begins with `/`, or is `*` for OPTIONS. */
  readonly target: string;
  /** As the client asked: `links.localhost:3000`. Lower case. */
  readonly authority: string;
  readonly scheme: "http" | "https";
  /**
   * What goes to the origin: end-to-end headers only, with `host`, `x-forwarded-*`, `x-request-id` and `traceparent` as the
   * gateway wants them. `x-request-timeout-ms` is not among them: see `deadlineMs`.
   */
  readonly headers: HeaderList;
  /** Undefined where the request has none, so that nothing waits for its end. */
  readonly body: Readable | Uint8Array | undefined;
  /** The client's address, after trusted proxies; never logged or stored as it is. */
  readonly clientAddress: string;
  readonly requestId: string;
  /** Of its arrival, in milliseconds since 1970. */
  readonly startMs: number;
  /** When its answer is no longer wanted, in milliseconds since 1970. A hop may make it earlier. */
  deadlineMs: number;
  readonly facts: RequestFacts;
}

/** What becomes known of a request on its way: for `Server-Timing`, the access log and the figures. */
export interface RequestFacts {
  /** The service whose host it named. */
  service: string;
  /** The instance or origin that answered, if one did. */
  upstream: string | undefined;
  release: number | undefined;
  /** How many instances were asked. */
  tries: number;
  /** `Cache-Status` without the cache's name: `hit`, `fwd=miss; stored` (RFC 9211); undefined where the cache was not asked. */
  cache: string | undefined;
  /** Milliseconds from the first try to the head of the answer; undefined until then. */
  upstreamMs: number | undefined;
  /** Nobody is given the answer whom an instance should write down: the edge asks for itself, or for the second time. */
  refreshes?: boolean;
}

/** Where an answer goes to. A hop in the middle gives the next hop a sink of its own, and passes on to the one it was given. */
export interface AnswerSink {
  /** 102, 103: as often as they come, before `head`. */
  interim(status: number, headers: HeaderList): void;
  /** Once, unless `whole` or `fail` come instead. `headers` are end-to-end only, without `connection` or `transfer-encoding`. */
  head(status: number, headers: HeaderList): void;
  /** False: take a rest until `resume` is called on the forwarding; what is under way by then still comes. The chunk is not changed afterwards by whoever gave it. */
  data(chunk: Uint8Array): boolean;
  end(trailers?: HeaderList): void;
  /** A whole answer at once, instead of `head`, `data` and `end`: the fast way for what is in memory. */
  whole(status: number, headers: HeaderList, body: Uint8Array | string): void;
  /** There is no answer, or (after `head`) no rest of it. Once, and nothing after it. */
  fail(failure: UpstreamFailure): void;
}

/** The sink of a request to switch protocols. It is answered as any other unless the origin agrees. */
export interface UpgradeSink extends AnswerSink {
  /**
   * The origin has answered 101 with these headers, `upgrade` among them. Returns the client's side, for bytes in both
   * directions from now on.
   */
  switched(headers: HeaderList): Duplex;
}

/** A request that has been passed on. */
export interface Forwarding {
  /** The client has taken what it was given. */
  resume(): void;
  /** Nobody waits for the answer any more: nothing is told to the sink after this. */
  abort(): void;
}

/** Something a request can be passed to: a cache, a pool, an instance. It answers through the sink, perhaps before it returns. */
export interface Hop {
  forward(request: GatewayRequest, sink: AnswerSink): Forwarding;
  /** For a request to switch protocols (WebSocket). Its `headers` have `upgrade`, but not `connection`. */
  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding;
}

/**
 * A hop that ends at an instance or an origin. It is given requests whose body it may destroy, and tells `connect` and
 * `unsent` only where the origin cannot have seen anything of the request: such a one is asked of another.
 */
export interface Upstream extends Hop {
  /** Ends idle connections at once and the others when they are answered. Nothing is forwarded to it afterwards. */
  close(): void;
}

/** Why an origin gave no answer. */
export interface UpstreamFailure {
  readonly reason:
    | "connect" // no connection could be made: nothing was sent
    | "unsent" // the connection ended before the request was written
    | "reset" // it ended after that
    | "timeout" // time was up before the head of the answer
    | "invalid-answer" // it is not HTTP, or a frame is broken
    | "too-large" // a head over the limit
    | "unknown-host" // no service answers at this host: it is not for this gateway
    | "maintenance" // the service is closed on purpose; `says` is the text that its rule gives
    | "no-instance" // there is none that can be asked
    | "overloaded" // as many as allowed are under way and wait
    | "circuit-open"
    | "body-failed" // the client's own body ended before it was whole
    | "rate-limited"; // the client asks too often
  /** For the log; the client is told it only with `maintenance`. */
  readonly says: string;
  /** When asking again makes sense. */
  readonly retryAfterMs?: number;
  /** More headers for the answer that tells of it, such as `ratelimit`. */
  readonly headers?: HeaderList;
}
