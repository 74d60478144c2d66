import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { Duplex } from "node:stream";
import { Readable } from "node:stream";
import type { Forwarding, GatewayRequest, UpgradeSink } from "../exchange.ts";
import { answerHeaders } from "./answer-headers.ts";
import { answerHeadBytesMax, connectMsMax } from "./limits.ts";
import { originFailure } from "./origin-failure.ts";

/**
 * A request to switch protocols, on a connection of its own: afterwards there is no HTTP on it any more. An origin that
 * does not agree answers as always.
 */
export class OriginUpgrade implements Forwarding {
  readonly #origin: string;
  readonly #request: GatewayRequest;
  readonly #sink: UpgradeSink;
  readonly #asked: ClientRequest;
  #answer: IncomingMessage | undefined;
  #wasConnected = false;
  #isOver = false;

  constructor(url: URL, request: GatewayRequest, headers: readonly string[], sink: UpgradeSink) {
    this.#origin = url.origin;
    this.#request = request;
    this.#sink = sink;
    const send = url.protocol === "https:" ? secureRequest : plainRequest;
    this.#asked = send(url, {
      method: request.method,
      path: request.target,
      headers: [...headers, "connection", "upgrade"],
      agent: false,
      maxHeaderSize: answerHeadBytesMax,
      // Of the certificate that is expected, whatever `host` the client asked for.
      servername: url.hostname,
      setHost: false,
    });
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
    asked.on("socket", (socket) => socket.once("connect", () => this.#connected()));
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
    if (this.#isOver) {
      origin.destroy();
      return;
    }
    this.#isOver = true;
    const protocol = answer.headers.upgrade;
    const headers = answerHeaders(answer.rawHeaders);
    const client = this.#sink.switched(protocol === undefined ? headers : [...headers, "upgrade", protocol]);
    if (head.length > 0) client.write(head);
    join(client, origin);
    join(origin, client);
    client.pipe(origin);
    origin.pipe(client);
  }

  #failed(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.fail(originFailure(error, this.#wasConnected, this.#request, this.#origin));
  }
}

/** What ends one side ends the other. */
function join(one: Duplex, other: Duplex): void {
  one.on("error", () => other.destroy());
  one.on("close", () => other.destroy());
}
