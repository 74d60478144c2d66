import { Duplex } from "node:stream";
import type {
  AnswerSink,
  Forwarding,
  GatewayRequest,
  HeaderList,
  Hop,
  UpgradeSink,
  UpstreamFailure,
} from "../exchange.ts";

/** A request as the front gives it; `with` what the test cares about. */
export function gatewayRequest(asked: Partial<GatewayRequest> = {}): GatewayRequest {
  const startMs = asked.startMs ?? Date.now();
  return {
    method: "GET",
    target: "/",
    authority: "a.test",
    scheme: "http",
    headers: ["host", "a.test"],
    body: undefined,
    clientAddress: "192.0.2.1",
    requestId: "r1",
    startMs,
    deadlineMs: startMs + 30_000,
    facts: {
      service: "a",
      upstream: undefined,
      release: undefined,
      tries: 0,
      cache: undefined,
      upstreamMs: undefined,
    },
    ...asked,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: string;
  readonly trailers: HeaderList | undefined;
  readonly interims: readonly number[];
  readonly failure: UpstreamFailure | undefined;
  /** Whether it came by `whole`. */
  readonly whole: boolean;
}

/** Collects an answer, and fails the test that is told more than the port promises. */
export class Collector implements UpgradeSink {
  readonly answer: Promise<Answer>;
  readonly chunks: Uint8Array[] = [];
  readonly interims: number[] = [];
  /** What `data` says; false makes the other side rest. */
  wantsMore = true;
  status = 0;
  headers: HeaderList = [];
  /** The origin's side of switched protocols: what it wrote, and how to write to it. */
  side: ClientSide | undefined;
  onHead = (): void => {};
  onData = (): void => {};
  onSwitched = (): void => {};
  #settle: (answer: Answer) => void = () => {};
  #refuse: (error: Error) => void = () => {};
  #isOver = false;

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#refuse = reject;
    });
    this.answer.catch(() => {});
  }

  interim(status: number): void {
    if (this.status !== 0) this.#refuse(new Error(`an interim ${status} after the head`));
    this.interims.push(status);
  }

  head(status: number, headers: HeaderList): void {
    if (this.status !== 0) this.#refuse(new Error("two heads"));
    this.status = status;
    this.headers = headers;
    this.onHead();
  }

  data(chunk: Uint8Array): boolean {
    if (this.status === 0 || this.#isOver) this.#refuse(new Error("data out of order"));
    this.chunks.push(chunk);
    this.onData();
    return this.wantsMore;
  }

  end(trailers?: HeaderList): void {
    if (this.status === 0) this.#refuse(new Error("an end without a head"));
    this.#over({ trailers });
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    if (this.status !== 0) this.#refuse(new Error("a whole answer after a head"));
    this.status = status;
    this.headers = headers;
    this.chunks.push(typeof body === "string" ? Buffer.from(body) : body);
    this.#over({ whole: true });
  }

  fail(failure: UpstreamFailure): void {
    this.#over({ failure });
  }

  switched(headers: HeaderList): Duplex {
    this.status = 101;
    this.headers = headers;
    this.side = new ClientSide();
    this.onSwitched();
    return this.side;
  }

  #over(rest: Partial<Answer>): void {
    if (this.#isOver) throw new Error("an answer that ends twice");
    this.#isOver = true;
    const { status, headers, interims } = this;
    const body = Buffer.concat(this.chunks).toString();
    this.#settle({ status, headers, interims, body, trailers: undefined, failure: undefined, whole: false, ...rest });
  }
}

/** The client of a request that has switched protocols. */
export class ClientSide extends Duplex {
  received = "";
  #onReceived = (): void => {};

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received += chunk.toString();
    this.#onReceived();
    done();
  }

  /** Resolves when it has received exactly this, all in all. */
  hasReceived(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onReceived = () => {
        if (this.received === text) resolve();
      };
      this.#onReceived();
    });
  }

  says(text: string): void {
    this.push(text);
  }
}

export function ask(hop: Hop, asked?: Partial<GatewayRequest>): Promise<Answer> {
  const sink = new Collector();
  hop.forward(gatewayRequest(asked), sink);
  return sink.answer;
}

/** As `ask`, with the ends in hand. */
export function begin(
  hop: Hop,
  asked?: Partial<GatewayRequest>,
  sink: Collector = new Collector(),
): { readonly sink: Collector; readonly forwarding: Forwarding; readonly request: GatewayRequest } {
  const request = gatewayRequest(asked);
  return { sink, request, forwarding: hop.forward(request, sink satisfies AnswerSink) };
}

/** The promise of one call of a callback property. */
export function called<Key extends string>(on: Record<Key, () => void>, key: Key): Promise<void> {
  return new Promise((resolve) => {
    on[key] = resolve;
  });
}
