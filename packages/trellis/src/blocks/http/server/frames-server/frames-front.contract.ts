import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type {
  AnswerSink,
  GatewayRequest,
  HeaderList,
  Hop,
  UpgradeSink,
  UpstreamFailure,
} from "../../../../gateway/exchange.ts";

import type { Clock } from "../../../../model/clock.ts";

/** The least that a gateway does, for tests: HTTP on a port, passed on to a hop. */
export async function openFront(hop: Hop, clock: Clock): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    const sink = new ResponseSink(request, response);
    const forwarding = hop.forward(gatewayRequest(request, clock.now()), sink);
    response.on("drain", () => forwarding.resume());
    response.on("close", () => {
      if (!response.writableFinished) forwarding.abort();
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (head.length > 0) socket.unshift(head);
    const forwarding = hop.upgrade(gatewayRequest(request, clock.now()), new SocketSink(socket));
    socket.on("error", () => forwarding.abort());
    socket.on("close", () => forwarding.abort());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

const notPassedOn = new Set(["connection", "keep-alive", "transfer-encoding", "x-request-timeout-ms"]);

function gatewayRequest(request: IncomingMessage, nowMs: number): GatewayRequest {
  const { method = "", url = "", rawHeaders, headers } = request;
  const list: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    if (!notPassedOn.has(name)) list.push(name, rawHeaders[at + 1] as string);
  }
  list.push("x-forwarded-for", request.socket.remoteAddress ?? "");
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  const askedMs = Number(headers["x-request-timeout-ms"] ?? Number.POSITIVE_INFINITY);
  return {
    method,
    target: url,
    authority: headers.host ?? "",
    scheme: "http",
    headers: list,
    body: hasBody ? request : undefined,
    clientAddress: request.socket.remoteAddress ?? "",
    requestId: "",
    startMs: nowMs,
    deadlineMs: nowMs + askedMs,
    facts: { service: "", upstream: undefined, release: undefined, tries: 0, cache: undefined, upstreamMs: undefined },
  };
}

class ResponseSink implements AnswerSink {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  interim(status: number, headers: HeaderList): void {
    if (status === 103) this.#response.writeEarlyHints(Object.fromEntries(pairs(headers)));
    else this.#response.writeProcessing();
  }

  head(status: number, headers: HeaderList): void {
    this.#response.writeHead(status, this.#closing(headers));
    this.#response.flushHeaders();
  }

  data(chunk: Uint8Array): boolean {
    return this.#response.write(chunk);
  }

  end(trailers?: HeaderList): void {
    if (trailers) this.#response.addTrailers(pairs(trailers));
    this.#response.end();
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.#response.writeHead(status, this.#closing(headers)).end(body);
  }

  fail({ reason, says }: UpstreamFailure): void {
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502, { "content-type": "text/plain" }).end(`${reason}: ${says}`);
  }

  /** What is left of an unread body is not worth reading. */
  #closing(headers: HeaderList): string[] {
    return this.#request.complete ? [...headers] : [...headers, "connection", "close"];
  }
}

class SocketSink implements UpgradeSink {
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  switched(headers: HeaderList): Duplex {
    const lines = pairs(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n${lines.join("")}\r\n`);
    return this.#socket;
  }

  interim(): void {}

  head(status: number, headers: HeaderList): void {
    const lines = pairs(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`HTTP/1.1 ${status} No\r\nconnection: close\r\n${lines.join("")}\r\n`);
  }

  data(chunk: Uint8Array): boolean {
    return this.#socket.write(chunk);
  }

  end(): void {
    this.#socket.end();
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.head(status, headers);
    this.#socket.end(body);
  }

  fail({ reason, says }: UpstreamFailure): void {
    this.#socket.end(`HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n${reason}: ${says}`);
  }
}

function pairs(headers: HeaderList): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at < headers.length; at += 2) list.push([headers[at] as string, headers[at + 1] as string]);
  return list;
}
