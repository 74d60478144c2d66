import { isIP } from "node:net";
import { buildConnector, type Dispatcher, Pool } from "undici";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, UpgradeSink, Upstream } from "../exchange.ts";
import type { HttpAddress } from "../port.ts";
import { answerHeadBytesMax, connectionsMaxDefault, connectMsMax, idleMsMax } from "./limits.ts";
import { OriginExchange } from "./origin-exchange.ts";
import { OriginUpgrade } from "./origin-upgrade.ts";

export interface HttpUpstreamOptions {
  readonly address: HttpAddress;
  /** Of connections at once; more requests wait for one of them. */
  readonly connectionsMax?: number;
  /** PEM: trusted beside the usual authorities. */
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
  readonly #url: URL;
  readonly #origin: string;
  readonly #servername: string;
  readonly #hasOwnHost: boolean;
  readonly #pool: Pool;

  constructor({ address, connectionsMax = connectionsMaxDefault, authorities }: HttpUpstreamOptions) {
    this.#url = new URL(address.url);
    this.#origin = this.#url.origin;
    this.#servername = this.#url.hostname;
    this.#hasOwnHost = address.host === "origin";
    this.#pool = new Pool(this.#origin, {
      connections: connectionsMax,
      pipelining: 1,
      allowH2: false,
      // Deadlines are the business of the hops before.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMsMax,
      maxHeaderSize: answerHeadBytesMax,
      connect: connectorOf(authorities),
    });
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    const exchange = new OriginExchange(this.#origin, request, sink);
    const dispatched: OriginRequest = {
      origin: this.#origin,
      path: request.target,
      method: request.method,
      headers: this.#headersFor(request.headers) as string[],
      body: request.body ?? null,
      servername: this.#servername,
    };
    this.#pool.dispatch(dispatched, exchange);
    return exchange;
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    return new OriginUpgrade(this.#url, request, this.#headersFor(request.headers), sink);
  }

  close(): void {
    void this.#pool.close();
  }

  /** `expect` was answered by the front: the body is on its way. */
  #headersFor(headers: HeaderList): HeaderList {
    if (!this.#hasOwnHost && !headers.includes("expect")) return headers;
    const sent: string[] = [];
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] ?? "";
      const value = headers[at + 1] ?? "";
      if (name === "host" && this.#hasOwnHost) sent.push(name, this.#url.host);
      else if (name !== "expect") sent.push(name, value);
    }
    return sent;
  }
}

/** Certificates are checked against the origin's own name, and no name is told where there is only an address. */
function connectorOf(authorities: readonly string[] | undefined): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectMsMax,
    allowH2: false,
    ...(authorities ? { ca: [...authorities] } : {}),
  });
  return (options, done) => {
    const { servername, ...rest } = options;
    const isName = servername !== undefined && isIP(servername) === 0;
    connect(isName ? { ...rest, servername } : { ...rest }, done);
  };
}
