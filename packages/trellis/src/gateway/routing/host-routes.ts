import type { HostRule } from "../port.ts";

/** What answers below one prefix of a host. */
interface PrefixRoute<Target> {
  /** Without a slash at its end; empty for all of the host. */
  readonly prefix: string;
  readonly target: Target;
}

/** Longest prefix first. */
type HostRoute<Target> = PrefixRoute<Target>[];

/** So many spellings of known hosts are remembered (`LINKS.localhost:3000`): what clients send decides about them. */
const spellingsMax = 1_000;

/** Finds who answers at a host and path. Made once for each table; finding one is a look into a Map. */
export class HostRoutes<Target> {
  readonly #exact = new Map<string, HostRoute<Target>>();
  /** By `.example.org` of `*.example.org`. */
  readonly #wildcards = new Map<string, HostRoute<Target>>();
  readonly #any: HostRoute<Target> = [];
  readonly #spellings = new Map<string, HostRoute<Target>>();

  constructor(rules: readonly HostRule[], targetOf: (rule: HostRule) => Target) {
    for (const rule of rules) this.#routeOf(rule.host).push({ prefix: prefixOf(rule), target: targetOf(rule) });
    for (const host of [...this.#exact.values(), ...this.#wildcards.values(), this.#any])
      host.sort((one, two) => two.prefix.length - one.prefix.length);
  }

  /**
   * The longest prefix of the closest host that has one for this path: the host itself, then the wildcard with the most
   * labels, then `*`. `authority` may have a port and a dot at its end; `target` is a path with its query, or `*`.
   */
  find(authority: string, target: string): Target | undefined {
    const route = this.#spellings.get(authority) ?? this.#learn(authority);
    const found = route && longest(route, target);
    return found ?? this.#findFurther(authority, target);
  }

  #routeOf(host: string): HostRoute<Target> {
    if (host === "*") return this.#any;
    const [routes, key] = host.startsWith("*.")
      ? [this.#wildcards, hostNameOf(host.slice(1))]
      : [this.#exact, hostNameOf(host)];
    const route = routes.get(key) ?? [];
    routes.set(key, route);
    return route;
  }

  /** Only hosts that are named in full are remembered: of the others there is no end. */
  #learn(authority: string): HostRoute<Target> | undefined {
    const route = this.#exact.get(hostNameOf(authority));
    if (route === undefined) return undefined;
    if (this.#spellings.size >= spellingsMax) this.#spellings.clear();
    this.#spellings.set(authority, route);
    return route;
  }

  #findFurther(authority: string, target: string): Target | undefined {
    if (this.#wildcards.size > 0) {
      const host = hostNameOf(authority);
      for (let dot = host.indexOf(".", 1); dot > 0; dot = host.indexOf(".", dot + 1)) {
        const route = this.#wildcards.get(host.slice(dot));
        const found = route && longest(route, target);
        if (found !== undefined) return found;
      }
    }
    return longest(this.#any, target);
  }
}

/** As hosts are compared: lower case, without a port and without the dot at the end of a full name. */
export function hostNameOf(authority: string): string {
  const afterAddress = authority.startsWith("[") ? authority.indexOf("]") + 1 : 0;
  const colon = authority.indexOf(":", afterAddress);
  const host = colon < 0 ? authority : authority.slice(0, colon);
  return (host.endsWith(".") ? host.slice(0, -1) : host).toLowerCase();
}

/** As prefixes are compared: `/api` of `/api/`, nothing of `/`. */
export function prefixOf({ prefix }: HostRule): string {
  if (prefix === undefined) return "";
  return prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
}

function longest<Target>(route: HostRoute<Target>, target: string): Target | undefined {
  for (const { prefix, target: found } of route) if (hasPrefix(target, prefix)) return found;
  return undefined;
}

/** Whole segments: `/api` is a prefix of `/api`, `/api/links` and `/api?x`, not of `/apis`. */
function hasPrefix(target: string, prefix: string): boolean {
  if (prefix === "") return true;
  if (!target.startsWith(prefix)) return false;
  const next = target[prefix.length];
  return next === undefined || next === "/" || next === "?";
}
