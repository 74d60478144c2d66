import type { Clock, Random } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import { childTrace, formatTrace, hexDigits, parseTrace } from "../../model/trace.ts";
import { RequestIds } from "../../policies/http/request-ids.ts";
import { refusalOf } from "../../policies/http/strictness.ts";
import { forwardedHost, forwardedScheme, TrustedProxies } from "../../policies/http/trusted-proxies.ts";
import { type HeaderName, headerName, type Treatment } from "./header-names.ts";
import { Incoming, type Peer } from "./incoming.ts";

export interface ReaderOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly trustedProxies: string;
  readonly requestTimeoutMs: number;
  readonly bodyBytesMax: number;
  readonly tracesMade: boolean;
}

const slash = 47;
/** Hosts in lower case, by how clients write them: so many are remembered. */
const hostsMax = 1_024;

/** What a request says of its way here, until it is known whether that is believed. */
class Said {
  /** What `connection` names. */
  options: string | undefined = undefined;
  forwarded: string | undefined = undefined;
  forwardedFor: string | undefined = undefined;
  forwardedHost: string | undefined = undefined;
  forwardedProto: string | undefined = undefined;
  requestId: string | undefined = undefined;
  trace: string | undefined = undefined;
  timeout: string | undefined = undefined;
  cookie: string | undefined = undefined;
  /** Whether it says that somebody passed it on. */
  forwards = false;
  /** Headers in which proxies say more, names and values in turn. */
  proxySays: readonly string[] = [];
}

/** Reads the head of a request: refuses what is not sound, and makes the headers that go on to the origin. */
export class RequestReader {
  readonly #proxies: TrustedProxies;
  readonly #ids: RequestIds;
  readonly #options: ReaderOptions;
  /** In `via`: by it this process knows what it has seen before. */
  readonly #pseudonym: string;
  readonly #hosts = new Map<string, string>();

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#proxies = new TrustedProxies(options.trustedProxies);
    this.#ids = new RequestIds(options.random);
    this.#pseudonym = `trellis-${hexDigits(8, options.random)}`;
  }

  /**
   * `version` is that of HTTP, as `via` has it; `rawHeaders` has names and values in turn, as they came. What is not
   * sound is read all the same: `refusalOf` tells it.
   */
  read(method: string, url: string, version: string, rawHeaders: readonly string[], peer: Peer): Incoming {
    const now = this.#options.clock.now();
    const incoming = new Incoming(method, url, version, peer, now, now + this.#options.requestTimeoutMs);
    const said = new Said();
    const headers: string[] = ["host", ""];
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = headerName(rawHeaders[index] as string);
      const value = rawHeaders[index + 1] as string;
      if (name.treatment === "pass") headers.push(name.lower, value);
      else take(name, value, incoming, said, headers);
    }
    if (said.options !== undefined) dropOptions(headers, said.options);
    if (said.cookie !== undefined) headers.push("cookie", said.cookie);
    if (incoming.contentLength >= 0) headers.push("content-length", String(incoming.contentLength));
    incoming.authority = this.#lower(incoming.host ?? "");
    headers[1] = incoming.authority;
    if (url.charCodeAt(0) !== slash) incoming.target = targetOf(url);
    if (said.timeout !== undefined) shorten(incoming, said.timeout);
    this.#addIds(incoming, said, headers);
    this.#addWay(incoming, said, peer, headers);
    incoming.headers = headers;
    return incoming;
  }

  /** What is wrong with the request, or undefined. */
  refusalOf(incoming: Incoming): TrellisError | undefined {
    const refusal = refusalOf(incoming);
    if (refusal) return refusal;
    if (incoming.hosts === 0 && incoming.version === "1.1")
      return new TrellisError("malformed-request", { says: "There is no host" });
    if (incoming.method === "TRACE" || incoming.method === "CONNECT")
      return new TrellisError("not-implemented", { says: `The gateway does not take ${incoming.method}` });
    if (incoming.contentLength > this.#options.bodyBytesMax) return new TrellisError("body-too-large");
    if (incoming.via?.includes(this.#pseudonym)) return new TrellisError("request-loop");
    return undefined;
  }

  #addIds(incoming: Incoming, said: Said, headers: string[]): void {
    incoming.requestId = this.#ids.idOf(said.requestId);
    headers.push("x-request-id", incoming.requestId);
    if (said.trace !== undefined && (!this.#options.tracesMade || parseTrace(said.trace)))
      headers.push("traceparent", said.trace);
    else if (this.#options.tracesMade)
      headers.push("traceparent", formatTrace(childTrace(undefined, this.#options.random)));
  }

  /** Where the request came from and what it passed. What strangers say of that is not passed on. */
  #addWay(incoming: Incoming, said: Said, peer: Peer, headers: string[]): void {
    const trusted = said.forwards && this.#proxies.trusts(peer.address);
    if (trusted) {
      incoming.clientAddress = this.#proxies.caller(peer.address, said.forwardedFor);
      for (const text of said.proxySays) headers.push(text);
      if (said.forwarded !== undefined)
        headers.push("forwarded", `${said.forwarded}, ${forwardedElement(peer, incoming.authority)}`);
    }
    const before = trusted ? said.forwardedFor : undefined;
    const host = trusted ? forwardedHost(said.forwardedHost) : undefined;
    const scheme = trusted ? forwardedScheme(said.forwardedProto) : undefined;
    headers.push(
      "x-forwarded-for",
      before === undefined ? peer.address : `${before}, ${peer.address}`,
      "x-forwarded-host",
      host ?? incoming.authority,
      "x-forwarded-proto",
      scheme ?? peer.scheme,
      "via",
      incoming.via === undefined
        ? `${incoming.version} ${this.#pseudonym}`
        : `${incoming.via}, ${incoming.version} ${this.#pseudonym}`,
    );
  }

  #lower(host: string): string {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const lower = host.toLowerCase();
    if (this.#hosts.size < hostsMax) this.#hosts.set(host, lower);
    return lower;
  }
}

function take(
  { treatment, lower }: HeaderName,
  value: string,
  incoming: Incoming,
  said: Said,
  headers: string[],
): void {
  switch (treatment) {
    case "host":
      incoming.hosts += 1;
      incoming.host ??= value;
      return;
    case "transfer-encoding":
      incoming.transferEncodings += 1;
      incoming.transferEncoding ??= value;
      return;
    case "content-length":
      incoming.contentLength = Number(value);
      return;
    case "connection":
      // What nearly everyone sends names nothing.
      if (value !== "keep-alive" && value !== "close") said.options = joined(said.options, value);
      return;
    case "accept":
      incoming.accept = value;
      headers.push(lower, value);
      return;
    case "cookie":
      // HTTP/2 sends each cookie by itself (RFC 9113, section 8.2.3).
      said.cookie = said.cookie === undefined ? value : `${said.cookie}; ${value}`;
      return;
    case "expect":
      incoming.expectsContinue = value.toLowerCase() === "100-continue";
      return;
    case "upgrade":
      incoming.upgrade = value;
      return;
    case "via":
      incoming.via = joined(incoming.via, value);
      return;
    case "drop":
      return;
    default:
      hear(treatment, lower, value, said);
  }
}

function hear(treatment: Treatment, lower: string, value: string, said: Said): void {
  switch (treatment) {
    case "request-id":
      said.requestId = value;
      return;
    case "trace":
      said.trace = value;
      return;
    case "timeout":
      said.timeout = value;
      return;
    case "forwarded-for":
      said.forwardedFor = joined(said.forwardedFor, value);
      break;
    case "forwarded-host":
      said.forwardedHost = joined(said.forwardedHost, value);
      break;
    case "forwarded-proto":
      said.forwardedProto = joined(said.forwardedProto, value);
      break;
    case "forwarded":
      said.forwarded = joined(said.forwarded, value);
      break;
    default:
      said.proxySays = [...said.proxySays, lower, value];
  }
  said.forwards = true;
}

/** RFC 9110, section 7.6.1: what `connection` names is for this connection alone. What frames or routes stays ours. */
function dropOptions(headers: string[], options: string): void {
  for (const option of options.toLowerCase().split(",")) {
    const name = option.trim();
    if (name === "" || name === "host") continue;
    for (let index = headers.length - 2; index >= 0; index -= 2) if (headers[index] === name) headers.splice(index, 2);
  }
}

function shorten(incoming: Incoming, timeout: string): void {
  if (/^\d{1,9}$/.test(timeout))
    incoming.deadlineMs = Math.min(incoming.deadlineMs, incoming.startMs + Number(timeout));
}

/** RFC 9112, section 3.2.2: `http://host/path` is `/path` of the host. */
function targetOf(url: string): string {
  const [, rest] = /^https?:\/\/[^/?#]+(.*)$/i.exec(url) ?? [];
  if (rest === undefined) return url;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** RFC 7239. */
function forwardedElement(peer: Peer, authority: string): string {
  const address = peer.address.includes(":") ? `"[${peer.address}]"` : peer.address;
  return `for=${address};host="${authority}";proto=${peer.scheme}`;
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
