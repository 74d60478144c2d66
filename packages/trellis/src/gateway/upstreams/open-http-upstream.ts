import { buildConnector, type Dispatcher, Pool } from "undici";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, UpgradeSink, Upstream } from "../exchange.ts";
import type { HttpAddress } from "../port.ts";
import { answerHeadBytesMax, connectionsMaxDefault, connectMsMax, idleMsMax } from "./limits.ts";
import { LoneExchange } from "./lone-exchange.ts";
import { OriginAddress } from "./origin-address.ts";
import { OriginExchange } from "./origin-exchange.ts";

export interface HttpUpstreamOptions {
  readonly address: HttpAddress;
  /** Of connections at once; more requests wait for one of them. */
  readonly connectionsMax?: number;
  /** PEM: trusted instead of the usual authorities. */
  readonly authorities?: readonly string[];
}

/** What undici takes, though its types do not say so. */
interface OriginRequest extends Dispatcher.DispatchOptions {
  readonly servername: string;
}

/** The way to somebody's origin, over HTTP/1.1. */
export function openHttpUpstream(options: HttpUpstreamOptions): Upstream {
  return new HttpUpstream(options);
}

class HttpUpstream implements Upstream {
  readonly #address: OriginAddress;
  readonly #ownHost: string | undefined;
  readonly #pool: Pool;

  constructor({ address, connectionsMax = connectionsMaxDefault, authorities }: HttpUpstreamOptions) {
    this.#address = new OriginAddress(address, authorities);
    this.#ownHost = address.host === "origin" ? this.#address.url.host : undefined;
    this.#pool = new Pool(this.#address.origin, {
      connections: connectionsMax,
      pipelining: 1,
      allowH2: false,
      // Deadlines are the business of the hops before.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMsMax,
      maxHeaderSize: answerHeadBytesMax,
      connect: connectorTo(this.#address),
    });
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    const { origin, hostName } = this.#address;
    const headers = this.#headersFor(request.headers);
    if (request.target === "*") return new LoneExchange(this.#address, request, headers, sink);
    const exchange = new OriginExchange(origin, request, sink);
    const dispatched: OriginRequest = {
      origin,
      path: request.target,
      method: request.method,
      headers: headers as string[],
      body: request.body ?? null,
      // Otherwise connections would be given up whenever another host is asked for.
      servername: hostName,
    };
    this.#pool.dispatch(dispatched, exchange);
    return exchange;
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    return new LoneExchange(this.#address, request, this.#headersFor(request.headers), sink, sink);
  }

  close(): void {
    void this.#pool.close();
  }

  /** `expect` was answered by the front: the body is on its way. */
  #headersFor(headers: HeaderList): HeaderList {
    if (this.#ownHost === undefined && !headers.includes("expect")) return headers;
    const sent: string[] = [];
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] ?? "";
      const value = headers[at + 1] ?? "";
      if (name === "host") sent.push(name, this.#ownHost ?? value);
      else if (name !== "expect") sent.push(name, value);
    }
    return sent;
  }
}

function connectorTo({ tls }: OriginAddress): buildConnector.connector {
  const { servername, ca } = tls;
  const connect = buildConnector({ timeout: connectMsMax, allowH2: false, ...(ca ? { ca } : {}) });
  return (options, done) => {
    const { servername: _asked, ...rest } = options;
    connect(servername === undefined ? rest : { ...rest, servername }, done);
  };
}
