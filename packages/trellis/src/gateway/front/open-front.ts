import type { Server } from "node:http";
import type { Server as NetServer, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { TrellisError } from "../../model/errors.ts";
import { type Counter, noMetrics } from "../../model/metrics.ts";
import type { Hop } from "../exchange.ts";
import { AccessLog } from "./access-log.ts";
import { CertificateShelf, tlsVersionMin } from "./certificate-shelf.ts";
import { FrontDesk } from "./front-desk.ts";
import { FrontSockets } from "./front-sockets.ts";
import { Http1Listener, http1Options } from "./http1-listener.ts";
import { Http2Listener } from "./http2-listener.ts";
import {
  drainMsMaxDefault,
  drainWindowMsDefault,
  handshakeMsMax,
  headMsMax,
  keepAliveMsDefault,
  lookEveryMsDefault,
  stalledMsMax,
  streamsMax,
} from "./limits.ts";
import { createSecureServer, createServer, performServerHandshake } from "./node-http.ts";
import type {
  Certificate,
  Front,
  FrontDrainOptions,
  FrontFigures,
  FrontOptions,
  FrontTimeouts,
  ListenOptions,
} from "./port.ts";
import { redirectHop } from "./redirect-hop.ts";
import { RequestReader } from "./request-reader.ts";
import { UnderWay } from "./under-way.ts";

/** Makes the clients' side of a gateway. It does not listen yet. Throws `broken-certificate`. */
export function openFront(options: FrontOptions): Front {
  return new NodeFront(options);
}

class NodeFront implements Front {
  readonly #options: FrontOptions;
  readonly #timeouts: FrontTimeouts;
  readonly #sockets = new FrontSockets();
  readonly #underWay: UnderWay;
  readonly #reader: RequestReader;
  readonly #accessLog: AccessLog | undefined;
  readonly #desks: FrontDesk[] = [];
  readonly #shelf: CertificateShelf;
  readonly #secureServers: ReturnType<typeof createSecureServer>[] = [];
  readonly #dropped: Counter;
  readonly #handshakesFailed: Counter;
  #certificates: readonly Certificate[];
  #drained: Promise<number> | undefined;

  constructor(options: FrontOptions) {
    const { clock, random, log, settings, accessLog, metrics = noMetrics } = options;
    this.#options = options;
    this.#timeouts = timeoutsOf(options);
    this.#underWay = new UnderWay(clock, this.#timeouts.lookEveryMs);
    const { requestTimeoutMs, bodyBytesMax, trustedProxies } = settings;
    const tracesMade = options.tracesMade ?? false;
    this.#reader = new RequestReader({ clock, random, trustedProxies, requestTimeoutMs, bodyBytesMax, tracesMade });
    this.#accessLog = accessLog && new AccessLog(clock, accessLog);
    this.#shelf = new CertificateShelf(clock, log);
    this.#certificates = options.tls?.certificates ?? [];
    if (options.tls) this.#shelf.fill(this.#certificates);
    this.#dropped = metrics.counter(
      "trellis_gateway_connections_refused_total",
      "Connections that were one too many (TRELLIS_CONNECTIONS).",
    );
    this.#handshakesFailed = metrics.counter(
      "trellis_gateway_handshakes_failed_total",
      "TLS connections that did not come about.",
    );
    metrics.gauge("trellis_gateway_connections", "Connections of clients that are open.", () => this.#sockets.size);
  }

  async listen(options: ListenOptions): Promise<number> {
    const { kind = "plain", securePort = 443 } = options;
    const desk = this.#newDesk(kind === "redirect" ? redirectHop(securePort) : this.#options.hop);
    const server = kind === "secure" ? this.#secureServer(desk) : this.#plainServer(desk);
    server.maxConnections = this.#options.settings.connectionsMax;
    server.on("drop", () => this.#dropped.add());
    const port = await listening(server, options);
    this.#sockets.addServer(server);
    return port;
  }

  get listeners(): readonly NetServer[] {
    return this.#sockets.listeners;
  }

  figures(): FrontFigures {
    let requests = 0;
    let failures = 0;
    for (const desk of this.#desks) {
      requests += desk.requests;
      failures += desk.failures;
    }
    const connections = this.#sockets.size;
    return { connections, pending: this.#underWay.size, requests, failures, certificates: this.#shelf.facts };
  }

  swapCertificates(certificates: readonly Certificate[]): void {
    this.#shelf.fill(certificates);
    this.#certificates = certificates;
    for (const server of this.#secureServers)
      server.setSecureContext({ ...certificates[0], minVersion: tlsVersionMin });
  }

  drain(options: Partial<FrontDrainOptions> = {}): Promise<number> {
    const { windowMs = drainWindowMsDefault, hardMs = drainMsMaxDefault } = options;
    this.#drained ??= this.#drain({ ...options, windowMs, hardMs });
    return this.#drained;
  }

  async close(): Promise<void> {
    this.#sockets.cut();
    this.#accessLog?.flush();
  }

  async #drain(options: FrontDrainOptions): Promise<number> {
    for (const desk of this.#desks) desk.draining = true;
    const cut = await this.#sockets.drain(this.#options.clock, options);
    this.#accessLog?.flush();
    return cut;
  }

  #newDesk(hop: Hop): FrontDesk {
    const { clock, stopwatch, wellKnown, tls, settings, metrics = noMetrics } = this.#options;
    const desk = new FrontDesk({
      hop,
      clock,
      reader: this.#reader,
      underWay: this.#underWay,
      metrics,
      accessLog: this.#accessLog,
      stopwatch,
      wellKnown,
      hsts: tls?.hstsSeconds === undefined ? undefined : `max-age=${tls.hstsSeconds}`,
      bodyBytesMax: settings.bodyBytesMax,
      stalledMs: this.#timeouts.stalledMs,
    });
    this.#desks.push(desk);
    return desk;
  }

  #plainServer(desk: FrontDesk): Server {
    const { headersBytesMax } = this.#options.settings;
    const listener = new Http1Listener(desk, headersBytesMax);
    const server = createServer(http1Options(headersBytesMax, this.#timeouts));
    listener.listenTo(server);
    server.on("connection", (socket) => this.#sockets.addSocket(socket, "http"));
    return server as unknown as Server;
  }

  /** One port for both versions of HTTP: the client chooses in its handshake (ALPN). */
  #secureServer(desk: FrontDesk): Server {
    const [first] = this.#certificates;
    if (first === undefined)
      throw new TrellisError("broken-certificate", { says: "There is no certificate to listen with" });
    const { headersBytesMax } = this.#options.settings;
    const { random } = this.#options;
    const http1 = new Http1Listener(desk, headersBytesMax);
    const http2 = new Http2Listener(desk, random, this.#timeouts.keepAliveMs);
    const server = createSecureServer({
      ...http1Options(headersBytesMax, this.#timeouts),
      ...first,
      minVersion: tlsVersionMin,
      ALPNProtocols: ["h2", "http/1.1"],
      SNICallback: (name, done) => done(null, this.#shelf.contextFor(name)),
      handshakeTimeout: handshakeMsMax,
    });
    this.#secureServers.push(server);
    http1.listenTo(server);
    server.on("tlsClientError", () => this.#handshakesFailed.add());
    // Node's own listener parses HTTP/1.1; it gets the connections that are not HTTP/2.
    const [parseHttp1] = server.listeners("secureConnection") as ((socket: Socket) => void)[];
    server.removeAllListeners("secureConnection");
    server.on("secureConnection", (socket: TLSSocket) => {
      if (socket.alpnProtocol !== "h2") parseHttp1?.call(server, socket);
      const connection = this.#sockets.addSocket(socket, "https");
      if (socket.alpnProtocol !== "h2") return;
      const session = performServerHandshake(socket, http2Options(headersBytesMax));
      this.#sockets.addSession(connection, session);
      http2.listenTo(session, connection);
    });
    return server as unknown as Server;
  }
}

function http2Options(headersBytesMax: number): Parameters<typeof performServerHandshake>[1] {
  return {
    settings: { enableConnectProtocol: true, maxConcurrentStreams: streamsMax, maxHeaderListSize: headersBytesMax },
    // An origin's mistake that HTTP/1.1 lets pass is passed on here too.
    strictSingleValueFields: false,
  };
}

function timeoutsOf({ settings, timeouts = {} }: FrontOptions): FrontTimeouts {
  const { requestMs = settings.requestTimeoutMs, keepAliveMs = keepAliveMsDefault } = timeouts;
  const { headMs = Math.min(headMsMax, requestMs), lookEveryMs = lookEveryMsDefault } = timeouts;
  const { stalledMs = stalledMsMax } = timeouts;
  return { requestMs, headMs, keepAliveMs, lookEveryMs, stalledMs };
}

function listening(server: Server, { port, host, fd, reusePort = false }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen(fd === undefined ? { port, host, reusePort } : { fd }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  const says = error.code === "EACCES" ? `Port ${port} needs a privilege` : `Port ${port} is in use`;
  return new TrellisError("port-in-use", { says, cause: error });
}
