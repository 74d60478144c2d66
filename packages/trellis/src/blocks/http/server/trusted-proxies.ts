import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Few machines are proxies; of those that try to look like one, only so many verdicts are remembered. */
const verdictsMax = 1_024;
/** No chain of real proxies is longer: the rest of a list was made up. */
const hopsMax = 32;
const loopback = ["127.0.0.0/8", "::1"];
/** RFC 9110, section 7.2: a name or an address, in brackets where it is IPv6, perhaps with a port. */
const hostForm = /^(?:\[[0-9a-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i;

/** Whose word is taken for who sends a request and where it was sent: the proxies in front of the app. */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #verdicts = new Map<string, boolean>();

  /** `trusted`: addresses, networks (`10.0.0.0/8`) and the word `loopback` by commas, or `none`: as the settings have checked it. */
  constructor(trusted: string) {
    const words = trusted === "none" ? [] : trusted.split(",").map((word) => word.trim());
    for (const one of words.flatMap((word) => (word === "loopback" ? loopback : [word]))) this.#add(one);
  }

  /** The address of the caller: the last one in `x-forwarded-for` that no proxy of ours has. */
  callerOf({ socket, headers }: IncomingMessage): string {
    let address = plain(socket.remoteAddress ?? "");
    const said = headers["x-forwarded-for"];
    if (said === undefined || !this.trusts(address)) return address;
    const hops = String(said).split(",").slice(-hopsMax).reverse();
    for (const hop of hops) {
      const before = addressIn(hop);
      if (before === undefined) return address;
      address = before;
      if (!this.trusts(address)) return address;
    }
    return address;
  }

  /** Where the caller sent its request, as a trusted proxy says it, or as the request itself does. */
  originOf({ socket, headers }: IncomingMessage): string {
    const trusted = this.trusts(plain(socket.remoteAddress ?? ""));
    const host = trusted ? lastOf(headers["x-forwarded-host"]) : undefined;
    const protocol = trusted ? lastOf(headers["x-forwarded-proto"]) : undefined;
    const named = host !== undefined && hostForm.test(host) ? host : (headers.host ?? "localhost");
    return `${protocol === "https" ? "https" : "http"}://${named}`;
  }

  trusts(address: string): boolean {
    const known = this.#verdicts.get(address);
    if (known !== undefined) return known;
    const family = isIP(address);
    const verdict = family !== 0 && this.#list.check(address, family === 6 ? "ipv6" : "ipv4");
    if (this.#verdicts.size >= verdictsMax) this.#verdicts.clear();
    this.#verdicts.set(address, verdict);
    return verdict;
  }

  #add(one: string): void {
    const [address = "", prefix] = one.split("/", 2);
    const version = isIP(address);
    const bits = version === 6 ? 128 : 32;
    this.#list.addSubnet(address, Number(prefix ?? bits), version === 6 ? "ipv6" : "ipv4");
  }
}

/** IPv4 within IPv6, as sockets that take both have it, is IPv4. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** One entry of the list. Some proxies write a port behind the address. */
function addressIn(hop: string): string | undefined {
  const text = hop.trim();
  if (isIP(text) !== 0) return plain(text);
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = bracketed ?? dotted;
  return address !== undefined && isIP(address) !== 0 ? plain(address) : undefined;
}

function lastOf(header: string | readonly string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header).split(",").at(-1)?.trim();
}
