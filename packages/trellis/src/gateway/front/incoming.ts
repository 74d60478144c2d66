import type { Readable } from "node:stream";
import type { Framing } from "../../policies/http/strictness.ts";
import type { GatewayRequest, HeaderList, RequestFacts } from "../exchange.ts";

/** Who is connected. */
export interface Peer {
  /** Plain: IPv4 as such. */
  readonly address: string;
  readonly scheme: "http" | "https";
}

/** Nothing is known yet. */
class NoFacts implements RequestFacts {
  service = "";
  upstream: string | undefined = undefined;
  release: number | undefined = undefined;
  tries = 0;
  cache: string | undefined = undefined;
  upstreamMs: number | undefined = undefined;
  refreshes = false;
}

/** A request as it came in: what the next hop may know of it, and what only the front needs. */
export class Incoming implements GatewayRequest, Framing {
  readonly method: string;
  /** As it came: `target` is without a scheme and a host. */
  readonly url: string;
  /** Of HTTP: `1.0`, `1.1`, `2`. */
  readonly version: string;
  target: string;
  authority = "";
  readonly scheme: "http" | "https";
  headers: HeaderList = [];
  body: Readable | undefined = undefined;
  clientAddress: string;
  requestId = "";
  readonly startMs: number;
  deadlineMs: number;
  readonly facts: RequestFacts = new NoFacts();

  host: string | undefined = undefined;
  hosts = 0;
  transferEncoding: string | undefined = undefined;
  transferEncodings = 0;
  /** -1: there is none. */
  contentLength = -1;
  expectsContinue = false;
  /** The protocol to switch to. */
  upgrade: string | undefined = undefined;
  accept: string | undefined = undefined;
  via: string | undefined = undefined;

  constructor(method: string, url: string, version: string, peer: Peer, startMs: number, deadlineMs: number) {
    this.method = method;
    this.url = url;
    this.version = version;
    this.target = url;
    this.scheme = peer.scheme;
    this.clientAddress = peer.address;
    this.startMs = startMs;
    this.deadlineMs = deadlineMs;
  }

  get hasBody(): boolean {
    return this.transferEncoding !== undefined || this.contentLength > 0;
  }
}
