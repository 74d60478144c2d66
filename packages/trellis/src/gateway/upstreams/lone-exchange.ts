import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { type Duplex, Readable } from "node:stream";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, UpgradeSink, UpstreamFailure } from "../exchange.ts";
import { answerHeaders } from "./answer-headers.ts";
import { answerHeadBytesMax, connectMsMax } from "./limits.ts";
import type { OriginAddress } from "./origin-address.ts";
import { originFailure } from "./origin-failure.ts";

/**
 * A request on a connection of its own: one to switch protocols, after which there is no HTTP on it any more, and
 * `OPTIONS *`. An origin that does not agree to switch answers as always.
 */
export class LoneExchange implements Forwarding {
  readonly #origin: string;
  readonly #request: GatewayRequest;
  readonly #sink: AnswerSink;
  readonly #upgradeSink: UpgradeSink | undefined;
  readonly #asked: ClientRequest;
  #answer: IncomingMessage | undefined;
  #wasConnected = false;
  #isOver = false;

  constructor(
    address: OriginAddress,
    request: GatewayRequest,
    headers: HeaderList,
    sink: AnswerSink,
    upgradeSink?: UpgradeSink,
  ) {
    const { url, origin, tls } = address;
    this.#origin = origin;
    this.#request = request;
    this.#sink = sink;
    this.#upgradeSink = upgradeSink;
    const isSecure = url.protocol === "https:";
    const send = isSecure ? secureRequest : plainRequest;
    this.#asked = send(url, {
      method: request.method,
      path: request.target,
      headers: [...headers, "connection", upgradeSink ? "upgrade" : "close"],
      agent: false,
      maxHeaderSize: answerHeadBytesMax,
      setHost: false,
      ...tls,
    });
    this.#asked.on("socket", (socket) => socket.once(isSecure ? "secureConnect" : "connect", () => this.#connected()));
    this.#listen();
    const { body } = request;
    if (body instanceof Readable) body.pipe(this.#asked);
    else this.#asked.end(body);
  }

  resume(): void {
    this.#answer?.resume();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#asked.destroy();
  }

  #listen(): void {
    const asked = this.#asked;
    asked.setTimeout(connectMsMax, () => {
      if (!this.#wasConnected) asked.destroy(new Error(`No connection in ${connectMsMax} ms`));
    });
    asked.on("information", ({ statusCode, rawHeaders }) => {
      if (!this.#isOver && statusCode !== 100) this.#sink.interim(statusCode, answerHeaders(rawHeaders));
    });
    asked.on("response", (answer) => this.#answered(answer));
    asked.on("upgrade", (answer, socket, head) => this.#switched(answer, socket, head));
    asked.on("error", (error) => this.#failed(error));
  }

  #connected(): void {
    this.#wasConnected = true;
    this.#asked.setTimeout(0);
  }

  #answered(answer: IncomingMessage): void {
    if (this.#isOver) return;
    this.#answer = answer;
    this.#sink.head(answer.statusCode ?? 502, answerHeaders(answer.rawHeaders));
    answer.on("data", (chunk: Buffer) => {
      if (!this.#isOver && !this.#sink.data(chunk)) answer.pause();
    });
    answer.on("end", () => {
      if (this.#isOver) return;
      this.#isOver = true;
      const trailers = answerHeaders(answer.rawTrailers);
      this.#sink.end(trailers.length > 0 ? trailers : undefined);
    });
    answer.on("error", (error) => this.#failed(error));
  }

  #switched(answer: IncomingMessage, origin: Duplex, head: Buffer): void {
    if (this.#isOver || !this.#upgradeSink) {
      origin.destroy();
      this.#fail({ reason: "invalid-answer", says: `${this.#origin}: switches protocols unasked` });
      return;
    }
    this.#isOver = true;
    const protocol = answer.headers.upgrade;
    const headers = answerHeaders(answer.rawHeaders);
    const client = this.#upgradeSink.switched(protocol === undefined ? headers : [...headers, "upgrade", protocol]);
    if (head.length > 0) client.write(head);
    endTogether(client, origin);
    endTogether(origin, client);
    client.pipe(origin);
    origin.pipe(client);
  }

  #failed(error: Error): void {
    this.#fail(originFailure(error, this.#wasConnected, this.#request, this.#origin));
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.fail(failure);
  }
}

function endTogether(one: Duplex, other: Duplex): void {
  one.on("error", () => other.destroy());
  one.on("close", () => other.destroy());
}
