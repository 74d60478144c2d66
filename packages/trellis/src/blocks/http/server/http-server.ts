import type { IncomingMessage, RequestListener, Server } from "node:http";
import type { Duplex } from "node:stream";
import { TrellisError } from "../../../model/errors.ts";
import { framingOf, refusalOf } from "../../../policies/http/strictness.ts";
import { unreadableCode } from "../../../policies/http/unreadable.ts";
import { problemAnswer } from "../endpoint/problem.ts";
import type { WireAnswer } from "../port.ts";
import { headMsMax, keepAliveMsDefault } from "./limits.ts";
import { createServer, STATUS_CODES } from "./node-http.ts";
import { asksForWebSocket, type UpgradeListener } from "./upgrade-listener.ts";

export interface ServerTimeouts {
  /** For the head of a request to arrive. */
  readonly headMs: number;
  /** For a whole request to arrive. */
  readonly requestMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  /** How often slow requests are looked for. */
  readonly lookEveryMs: number;
}

interface Limits {
  readonly headersBytesMax: number;
  readonly requestTimeoutMs: number;
  /** Those that come when there are as many are closed at once. */
  readonly connectionsMax?: number;
}

interface How {
  readonly timeouts?: Partial<ServerTimeouts> | undefined;
  /** For requests to switch to WebSockets. Without it they are requests like any other. */
  readonly upgrade?: UpgradeListener | undefined;
}

/** A server that passes on what is well formed and refuses the rest. It does not listen yet. */
export function makeServer(listener: RequestListener, limits: Limits, { timeouts = {}, upgrade }: How = {}): Server {
  const { requestMs = limits.requestTimeoutMs } = timeouts;
  const { headMs = Math.min(headMsMax, requestMs), keepAliveMs = keepAliveMsDefault, lookEveryMs = 1_000 } = timeouts;
  const options = {
    maxHeaderSize: limits.headersBytesMax,
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: lookEveryMs,
    // Requests without a body skip the machinery of streams, which is a tenth of their cost.
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: ({ method, headers }: IncomingMessage) => asksForWebSocket(method, headers),
  };
  const server = createServer(options, (request, response) => {
    const refusal = refusalOfRequest(request);
    if (!refusal) {
      forgetTypeOfNoBody(request);
      listener(request, response);
      return;
    }
    const { status, headers, body } = problemAnswer(refusal, "");
    response.writeHead(status, { ...headers, connection: "close" }).end(body);
  });
  if (upgrade)
    server.on("upgrade", (request, socket, head) => {
      const refusal = refusalOfRequest(request);
      if (refusal) socket.end(answerText(problemAnswer(refusal, "")));
      else upgrade(request, socket, head);
    });
  if (limits.connectionsMax !== undefined) server.maxConnections = limits.connectionsMax;
  server.on("clientError", (error: ParserError, socket) => answerUnreadable(error, socket, limits.headersBytesMax));
  return server;
}

/** Where a type announces a body that does not exist, Fastify would wait for its end, which came before it listened. */
function forgetTypeOfNoBody({ headers }: IncomingMessage): void {
  if (headers["content-type"] === undefined) return;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined)
    delete headers["content-type"];
}

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** What the parser refused never became a request, so the answer is written as it is. */
function answerUnreadable(error: ParserError, socket: Duplex, headersBytesMax: number): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  socket.end(answerText(problemAnswer(new TrellisError(unreadableCode(error, headersBytesMax)), "")));
}

function answerText({ status, headers, body }: WireAnswer): string {
  const head = { ...headers, "content-length": Buffer.byteLength(body as string), connection: "close" };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`;
}

function refusalOfRequest({
  httpVersion,
  method = "",
  url = "",
  rawHeaders,
}: IncomingMessage): TrellisError | undefined {
  return refusalOf(framingOf(httpVersion, method, url, rawHeaders));
}
