import type { Server } from "node:net";
import type { Clock, Random, Stopwatch } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { Metrics } from "../../model/metrics.ts";
import type { Settings } from "../../model/settings.ts";
import type { Hop } from "../exchange.ts";

export interface FrontOptions {
  /** Where every request goes that is well formed. */
  readonly hop: Hop;
  readonly settings: Pick<
    Settings,
    "bodyBytesMax" | "headersBytesMax" | "requestTimeoutMs" | "connectionsMax" | "trustedProxies"
  >;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** With it `Server-Timing` and the access log know microseconds; without it milliseconds. */
  readonly stopwatch?: Stopwatch;
  /** Needed for listening with `secure`. */
  readonly tls?: TlsOptions;
  /** Takes whole lines of JSON, each ending in a line break, many at a time. Without it nothing is logged of requests. */
  readonly accessLog?: (lines: string) => void;
  /** Answers of the gateway's own, asked before anything else, also where all else is redirected: ACME's challenges. */
  readonly wellKnown?: (authority: string, target: string) => string | undefined;
  /** Begin a trace where a request brings none. Otherwise `traceparent` is only passed on. */
  readonly tracesMade?: boolean;
  readonly timeouts?: Partial<FrontTimeouts>;
}

export interface FrontTimeouts {
  /** For the head of a request to arrive. */
  readonly headMs: number;
  /** For a whole request to arrive. */
  readonly requestMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  /** How long a client that takes nothing of its answer is waited for. */
  readonly stalledMs: number;
  /** How often slow requests and deadlines are looked for. */
  readonly lookEveryMs: number;
}

export interface TlsOptions {
  /** The first is for those who name no host, or one that no certificate has. */
  readonly certificates: readonly Certificate[];
  /** `max-age` of `Strict-Transport-Security`, in seconds; without it there is no such header. */
  readonly hstsSeconds?: number;
}

/** As files have them: PEM, the chain behind the certificate. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFacts {
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly validUntilMs: number;
}

export interface ListenOptions {
  readonly port: number;
  /** All addresses unless said. */
  readonly host?: string;
  /** Several processes share the port. Linux; elsewhere it fails. */
  readonly reusePort?: boolean;
  /** A listening socket that this process was given, instead of port and host. */
  readonly fd?: number;
  /**
   * `plain` is HTTP/1.1; `secure` HTTP/2 and HTTP/1.1 over TLS; `redirect` sends everyone to `https`, with the port
   * `securePort` where it is not 443.
   */
  readonly kind?: "plain" | "secure" | "redirect";
  readonly securePort?: number;
}

export interface FrontDrainOptions {
  /** How long answers ask clients to close before idle connections are closed. */
  readonly windowMs: number;
  /** The longest that it may take in all. */
  readonly hardMs: number;
  /** Told once, when nothing is left but what has no end of its own, if that comes to be. */
  readonly onAnswered?: () => void;
}

export interface FrontFigures {
  /** Open now. */
  readonly connections: number;
  /** Under way now. */
  readonly pending: number;
  readonly requests: number;
  /** Answers of 500 and more. */
  readonly failures: number;
  readonly certificates: readonly CertificateFacts[];
}

/** The clients' side of the gateway. */
export interface Front {
  /** As often as there are ports. Resolves with the port; rejects with `port-in-use`. */
  listen(options: ListenOptions): Promise<number>;
  /** What listens, in the order of `listen`: a successor that is started with them among its descriptors goes on with them. */
  readonly listeners: readonly Server[];
  figures(): FrontFigures;
  /** Connections made from now on get these certificates. Throws `broken-certificate`, and the old ones stay. */
  swapCertificates(certificates: readonly Certificate[]): void;
  /** No new connections; the rest as the options say. Returns how many connections were cut. */
  drain(options?: Partial<FrontDrainOptions>): Promise<number>;
  /** Cuts what is still open. */
  close(): Promise<void>;
}
