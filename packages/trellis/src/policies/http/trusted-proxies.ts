import { addressGroups } from "../../model/network.ts";

/** Few machines are proxies; of those that try to look like one, only so many verdicts are remembered. */
const verdictsMax = 1_024;
/** No chain of real proxies is longer: the rest of a list was made up. */
const hopsMax = 32;
const loopback = ["127.0.0.0/8", "::1"];
/** A name or an address, in brackets where it is IPv6, perhaps with a port: what may stand in an address that we make. */
const hostForm = /^(?:\[[0-9a-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i;

/** In place of an address: the gateway of this machine, which only it can be. No address is written like this. */
export const gatewayPeer = "gateway";

/** What of a request tells where it came from: node's requests have it under these names. */
export interface Arrival {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

interface Network {
  readonly groups: readonly number[];
  readonly bits: number;
}

/** Whose word is taken for who sends a request and where it was sent: the proxies in front of the app. */
export class TrustedProxies {
  readonly #networks: readonly Network[];
  readonly #verdicts = new Map<string, boolean>();

  /** `trusted`: addresses, networks (`10.0.0.0/8`) and the word `loopback` by commas, or `none`: as the settings have checked it. */
  constructor(trusted: string) {
    const words = trusted === "none" ? [] : trusted.split(",").map((word) => word.trim());
    this.#networks = words.flatMap((word) => (word === "loopback" ? loopback : [word])).map(networkOf);
  }

  /** The address of the caller: the last one in `x-forwarded-for` that no proxy of ours has. */
  callerOf({ socket, headers }: Arrival): string {
    const said = headers["x-forwarded-for"];
    return this.caller(plainAddress(socket.remoteAddress ?? ""), said === undefined ? undefined : String(said));
  }

  /** The same, of the address that is connected (plain) and the list that it sent, if it did. */
  caller(peer: string, forwardedFor: string | undefined): string {
    if (forwardedFor === undefined || !this.trusts(peer)) return peer;
    let address = peer;
    const hops = forwardedFor.split(",").slice(-hopsMax).reverse();
    for (const hop of hops) {
      const before = addressIn(hop);
      if (before === undefined) return address;
      address = before;
      if (!this.trusts(address)) return address;
    }
    return address;
  }

  /** Where the caller sent its request, as a trusted proxy says it, or as the request itself does. */
  originOf({ socket, headers }: Arrival): string {
    const trusted = this.trusts(plainAddress(socket.remoteAddress ?? ""));
    const host = trusted ? forwardedHost(textOf(headers["x-forwarded-host"])) : undefined;
    const protocol = trusted ? forwardedScheme(textOf(headers["x-forwarded-proto"])) : undefined;
    return `${protocol ?? "http"}://${host ?? headers.host ?? "localhost"}`;
  }

  trusts(address: string): boolean {
    if (address === gatewayPeer) return true;
    const known = this.#verdicts.get(address);
    if (known !== undefined) return known;
    const groups = addressGroups(address);
    const verdict = groups !== undefined && this.#networks.some((network) => contains(network, groups));
    if (this.#verdicts.size >= verdictsMax) this.#verdicts.clear();
    this.#verdicts.set(address, verdict);
    return verdict;
  }
}

/** IPv4 within IPv6, as sockets that take both have it, is IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** The host that the nearest proxy names, unless it is nonsense. */
export function forwardedHost(header: string | undefined): string | undefined {
  const host = lastOf(header);
  return host !== undefined && hostForm.test(host) ? host : undefined;
}

/** How the nearest proxy was asked; whatever is not `https` is `http`. */
export function forwardedScheme(header: string | undefined): "http" | "https" | undefined {
  const scheme = lastOf(header);
  if (scheme === undefined) return undefined;
  return scheme === "https" ? "https" : "http";
}

function networkOf(text: string): Network {
  const [address = "", prefix] = text.split("/", 2);
  // IPv4 is the last 32 of 128 bits here.
  const shift = address.includes(":") ? 0 : 96;
  return { groups: addressGroups(address) ?? [], bits: Number(prefix ?? 128 - shift) + shift };
}

function contains({ groups, bits }: Network, address: readonly number[]): boolean {
  if (groups.length !== address.length) return false;
  for (let index = 0, rest = bits; rest > 0; index += 1, rest -= 16) {
    const shift = Math.max(0, 16 - rest);
    if ((groups[index] as number) >> shift !== (address[index] as number) >> shift) return false;
  }
  return true;
}

/** One entry of the list. Some proxies write a port behind the address. */
function addressIn(hop: string): string | undefined {
  const text = hop.trim();
  if (addressGroups(text) !== undefined) return plainAddress(text);
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = bracketed ?? dotted;
  return address !== undefined && addressGroups(address) !== undefined ? plainAddress(address) : undefined;
}

function lastOf(header: string | undefined): string | undefined {
  return header?.slice(header.lastIndexOf(",") + 1).trim();
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}
