import { TrellisError } from "../../model/errors.ts";
import { weightMax } from "../../policies/balancing/limits.ts";
import { balancerNames } from "../../policies/balancing/make-balancer.ts";
import type { HostRule, PoolRule, RoutingTable, ServiceRule, UpstreamRule } from "../port.ts";
import { hostNameOf, prefixOf } from "./host-routes.ts";

const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const hostPattern = /^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/;

/** Throws a TrellisError `invalid-routing` that names everything by which the table contradicts itself. */
export function checkTable(table: RoutingTable): void {
  const pools = new Set(table.pools.map(({ name }) => name));
  const services = new Set(table.services.map(({ name }) => name));
  const problems = [
    ...twice(
      "pool",
      table.pools.map(({ name }) => name),
    ),
    ...twice(
      "service",
      table.services.map(({ name }) => name),
    ),
    ...twice(
      "upstream",
      table.pools.flatMap(({ upstreams }) => upstreams.map(({ id }) => id)),
    ),
    ...twice("rule for", table.hosts.map(placeOf)),
    ...table.hosts.flatMap((rule) => hostProblems(rule, services)),
    ...table.services.flatMap((rule) => serviceProblems(rule, pools)),
    ...table.pools.flatMap(poolProblems),
  ];
  if (problems.length > 0) throw new TrellisError("invalid-routing", { says: problems.join("; ") });
}

function twice(kind: string, names: readonly string[]): readonly string[] {
  const repeated = names.filter((name, at) => names.indexOf(name) < at);
  return [...new Set(repeated)].map((name) => `there are two of the ${kind} \`${name}\``);
}

const placeOf = (rule: HostRule): string => `${hostNameOf(rule.host)}${prefixOf(rule) || "/"}`;

function hostProblems(rule: HostRule, services: ReadonlySet<string>): readonly string[] {
  const problems: string[] = [];
  const { host, prefix, service } = rule;
  if (!hostPattern.test(host.toLowerCase().replace(/\.$/, "")))
    problems.push(`\`${host}\` is no host: write \`example.org\`, \`*.example.org\` or \`*\`, without a port`);
  if (prefix !== undefined && !/^\/[^?#*]*$/.test(prefix))
    problems.push(`the prefix \`${prefix}\` of \`${host}\` is no path: it begins with \`/\``);
  if (!services.has(service)) problems.push(`\`${placeOf(rule)}\` names the unknown service \`${service}\``);
  return problems;
}

function serviceProblems(rule: ServiceRule, pools: ReadonlySet<string>): readonly string[] {
  const { name, balance, hashBy, stickyCookie } = rule;
  const wrong = (what: string): string => `service \`${name}\`: ${what}`;
  const problems: string[] = [];
  if (!pools.has(rule.pool)) problems.push(wrong(`the pool \`${rule.pool}\` is unknown`));
  if (balance !== undefined && !balancerNames.includes(balance))
    problems.push(wrong(`\`${balance}\` is no way of balancing; there are ${balancerNames.join(", ")}`));
  if (hashBy !== undefined && hashBy !== "path" && !tokenPattern.test(headerOf(hashBy)))
    problems.push(wrong(`\`hashBy\` is \`path\` or \`header:NAME\`, not \`${hashBy}\``));
  if (stickyCookie !== undefined && !tokenPattern.test(stickyCookie))
    problems.push(wrong(`\`${stickyCookie}\` cannot be the name of a cookie`));
  for (const key of ["timeoutMs", "concurrencyMax"] as const)
    if (rule[key] !== undefined && !(rule[key] > 0)) problems.push(wrong(`\`${key}\` must be more than 0`));
  for (const key of ["queueMax", "holdMs"] as const)
    if (rule[key] !== undefined && !(rule[key] >= 0)) problems.push(wrong(`\`${key}\` must not be less than 0`));
  for (const { perSecond, burst } of rule.rateLimits ?? [])
    if (!(perSecond > 0 && burst >= 1))
      problems.push(wrong("a rate limit needs `perSecond` over 0 and `burst` of 1 or more"));
  return problems;
}

const headerOf = (hashBy: string): string => (hashBy.startsWith("header:") ? hashBy.slice("header:".length) : "");

function poolProblems({ name, upstreams, canary, healthPath, wakeMs }: PoolRule): readonly string[] {
  const wrong = (what: string): string => `pool \`${name}\`: ${what}`;
  const problems = upstreams.flatMap((rule) => upstreamProblems(rule).map(wrong));
  if (canary && !(canary.share >= 0 && canary.share <= 1)) problems.push(wrong("the canary's share is from 0 to 1"));
  if (healthPath !== undefined && !/^\/[\x21-\x7e]*$/.test(healthPath))
    problems.push(wrong(`the health path \`${healthPath}\` is no path: it begins with \`/\``));
  if (wakeMs !== undefined && !(wakeMs >= 0)) problems.push(wrong("`wakeMs` must not be less than 0"));
  return problems;
}

function upstreamProblems({ id, address, weight }: UpstreamRule): readonly string[] {
  const problems: string[] = [];
  if ("url" in address && !isOrigin(address.url))
    problems.push(
      `the URL \`${address.url}\` of \`${id}\` is not of the form \`http://HOST:PORT\` or \`https://HOST\``,
    );
  if ("frames" in address && address.frames === "") problems.push(`\`${id}\` has no socket`);
  if (weight !== undefined && !(weight > 0 && weight <= weightMax))
    problems.push(`the weight of \`${id}\` is more than 0 and at most ${weightMax}, not ${weight}`);
  return problems;
}

/** A path, a query or credentials would be left out silently. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") return false;
  return url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
}
