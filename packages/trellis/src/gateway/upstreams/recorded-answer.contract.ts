import type { Duplex } from "node:stream";
import type { GatewayRequest, HeaderList, UpgradeSink, UpstreamFailure } from "../exchange.ts";

/** Keeps what a hop answers, for tests. */
export class RecordedAnswer implements UpgradeSink {
  readonly interims: (readonly [number, HeaderList])[] = [];
  status: number | undefined;
  headers: HeaderList = [];
  bytes = 0;
  text = "";
  trailers: HeaderList | undefined;
  failure: UpstreamFailure | undefined;
  /** Whether it takes more. */
  takes = true;
  /** Resolves when the answer is over, well or not. */
  readonly over: Promise<this>;
  /** Resolves with the head. */
  readonly begun: Promise<number>;
  readonly #client: Duplex | undefined;
  #tellOver: (answer: this) => void;
  #tellBegun: (status: number) => void;

  constructor(client?: Duplex) {
    this.#client = client;
    const over = Promise.withResolvers<this>();
    const begun = Promise.withResolvers<number>();
    this.over = over.promise;
    this.begun = begun.promise;
    this.#tellOver = over.resolve;
    this.#tellBegun = begun.resolve;
  }

  interim(status: number, headers: HeaderList): void {
    this.interims.push([status, headers]);
  }

  head(status: number, headers: HeaderList): void {
    this.status = status;
    this.headers = headers;
    this.#tellBegun(status);
  }

  data(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    this.text += Buffer.from(chunk).toString();
    return this.takes;
  }

  end(trailers?: HeaderList): void {
    this.trailers = trailers;
    this.#tellOver(this);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.head(status, headers);
    this.data(typeof body === "string" ? Buffer.from(body) : body);
    this.end();
  }

  fail(failure: UpstreamFailure): void {
    this.failure = failure;
    this.#tellOver(this);
  }

  switched(headers: HeaderList): Duplex {
    this.head(101, headers);
    if (!this.#client) throw new TypeError("No client was given");
    return this.#client;
  }
}

/** A request as the front would make it. */
export function gatewayRequest(facts: Partial<GatewayRequest> = {}): GatewayRequest {
  return {
    method: "GET",
    target: "/items/1?x=1",
    authority: "shop.localhost",
    scheme: "http",
    headers: ["host", "shop.localhost", "cookie", "a=1", "cookie", "b=2"],
    body: undefined,
    clientAddress: "192.0.2.1",
    requestId: "r1",
    startMs: 0,
    deadlineMs: Number.POSITIVE_INFINITY,
    facts: {
      service: "shop",
      upstream: undefined,
      release: undefined,
      tries: 0,
      cache: undefined,
      upstreamMs: undefined,
    },
    ...facts,
  };
}
