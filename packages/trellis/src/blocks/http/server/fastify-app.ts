import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { type ErrorCode, TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import type { RequestIds } from "../../../policies/http/request-ids.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { IncomingHeaders } from "../endpoint/incoming.ts";
import { problemAnswer, toldError } from "../endpoint/problem.ts";
import { header, type WireAnswer } from "../port.ts";
import type { Health } from "./health.ts";
import { type Door, HttpExchange } from "./http-exchange.ts";
import { parameterCharactersMax } from "./limits.ts";
import { createServer } from "./node-http.ts";
import type { OwnAnswer } from "./own-answer.ts";
import type { Page } from "./page.ts";
import type { Sender } from "./sender.ts";

interface Parts extends Door {
  readonly endpoints: readonly Endpoint[];
  readonly pages: readonly Page[];
  readonly answers: readonly OwnAnswer[];
  /** The connections to the port of this instance alone. */
  readonly ownSockets: WeakSet<Socket>;
  readonly health: Health;
  readonly ids: RequestIds;
  readonly log: Log;
  readonly settings: { readonly logRequests: "yes" | "no" };
}

export interface FastifyApp {
  readonly listener: RequestListener;
  close(): Promise<void>;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Routes every request to its endpoint. */
export function makeFastify(parts: Parts): FastifyApp {
  let handle: RequestListener | undefined;
  const { sender, ids, settings } = parts;
  const app: FastifyInstance = fastify({
    // Fastify is fed by whoever has requests, so it gets a server that never listens.
    serverFactory: (listener) => {
      handle = listener as RequestListener;
      return createServer();
    },
    genReqId: (request: IncomingMessage) => ids.idOf(request.headers[header.requestId]),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: parameterCharactersMax },
    frameworkErrors: (error, request, reply) => answerError(sender, error, request, reply as FastifyReply),
  });
  app.decorateRequest("exchange", undefined);
  parseBodiesAsText(app);
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(sender, error, request, reply));
  app.setNotFoundHandler((request, reply) => sender.sendOther(request, reply, nothingHere(app, request)));
  if (settings.logRequests === "yes") logRequests(app, parts.log);
  for (const endpoint of parts.endpoints) addEndpoint(app, endpoint, parts);
  for (const page of parts.pages) addAnswer(app, sender, page.path, () => pageAnswer(page));
  for (const { path, answer } of parts.answers)
    addAnswer(app, sender, path, ({ headers, raw }) =>
      answer({ headers: headers as IncomingHeaders, ownPort: parts.ownSockets.has(raw.socket) }),
    );
  addAnswer(app, sender, "/livez", () => parts.health.live());
  addAnswer(app, sender, "/readyz", () => parts.health.ready());
  return { listener: listenerOf(app, handle as unknown as RequestListener), close: () => app.close() };
}

/** Fastify compiles its routes asynchronously; what comes before it is done waits. */
function listenerOf(app: FastifyInstance, handle: RequestListener): RequestListener {
  let ready = false;
  const compiled = Promise.resolve(app.ready()).then(() => {
    ready = true;
  });
  return (request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }) => {
    if (ready) handle(request, response);
    else void compiled.then(() => handle(request, response));
  };
}

declare module "fastify" {
  interface FastifyRequest {
    /** Made when the head of a request has come that may have a body. */
    exchange: HttpExchange | undefined;
  }
}

function addEndpoint(app: FastifyInstance, endpoint: Endpoint, door: Door): void {
  const { method, path: url } = endpoint.route;
  if (method === "GET") {
    const handler = (request: FastifyRequest, reply: FastifyReply): void =>
      endpoint.serve(new HttpExchange(request, reply, endpoint, door));
    app.route({ method: ["GET", "HEAD"], url, handler });
    return;
  }
  app.route({
    method,
    url,
    bodyLimit: endpoint.bodyBytesMax,
    onRequest: (request, reply, done) => {
      request.exchange = new HttpExchange(request, reply, endpoint, door);
      endpoint.expect(request.exchange);
      done();
    },
    // A body that did not come whole.
    errorHandler: (error: FastifyError, request, reply) => {
      if (request.exchange) endpoint.giveUp(request.exchange, errorOfFastify(error));
      else answerError(door.sender, error, request, reply);
    },
    handler: (request, reply) => {
      endpoint.serve(request.exchange ?? new HttpExchange(request, reply, endpoint, door));
    },
  });
}

function addAnswer(
  app: FastifyInstance,
  sender: Sender,
  url: string,
  answer: (request: FastifyRequest) => WireAnswer | Promise<WireAnswer>,
): void {
  app.route({
    method: ["GET", "HEAD"],
    url,
    handler: async (request, reply) => {
      sender.sendOther(request, reply, await answer(request));
      return reply;
    },
  });
}

function pageAnswer({ contentType, body, headers }: Page): WireAnswer {
  return {
    status: 200,
    headers: { "content-type": contentType, "cache-control": "no-cache", ...headers },
    body: body(),
  };
}

/** The endpoint parses, so that calls in process meet the same parser with the same errors. */
function parseBodiesAsText(app: FastifyInstance): void {
  const asText = (_: FastifyRequest, body: string | Buffer, done: (error: null, body: string | Buffer) => void): void =>
    done(null, body);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, asText);
  app.addContentTypeParser(/^application\/[\w.-]+\+json\b/, { parseAs: "string" }, asText);
}

function nothingHere(app: FastifyInstance, request: FastifyRequest): WireAnswer {
  const url = request.url.split("?", 1)[0] ?? "/";
  const here = methods.filter((method) => app.findRoute({ method, url }) !== null);
  if (here.length === 0) return problemAnswer(new TrellisError("unknown-route"), request.id);
  const allow = here.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  if (request.method === "OPTIONS") return { status: 204, headers: { allow }, body: "" };
  const { status, headers, body } = problemAnswer(new TrellisError("wrong-method"), request.id);
  return { status, headers: { ...headers, allow }, body };
}

const codeOfFastify: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "wrong-media-type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "malformed-request",
  FST_ERR_BAD_URL: "malformed-request",
  FST_ERR_MAX_PARAM_LENGTH: "address-too-long",
};

function answerError(sender: Sender, error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sender.sendOther(request, reply, problemAnswer(errorOfFastify(error), request.id));
}

function errorOfFastify(error: FastifyError): TrellisError {
  // A body that stopped arriving has no code of Fastify's, but a status below 500.
  const code = codeOfFastify[error.code] ?? ((error.statusCode ?? 500) < 500 ? "malformed-request" : undefined);
  return code ? new TrellisError(code, { cause: error }) : toldError(error, "production");
}

function logRequests(app: FastifyInstance, log: Log): void {
  app.addHook("onResponse", (request, reply, done) => {
    const { method, url, id: requestId } = request;
    // Queries hold what people search for, and now and then a secret.
    const [path] = url.split("?", 1);
    log.info("request", { method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime), requestId });
    done();
  });
}
