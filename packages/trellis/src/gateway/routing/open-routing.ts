import type { Clock, Random, Stopwatch, Timer } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import { checkTimeoutMs } from "../../policies/health/limits.ts";
import type { Hop, Upstream } from "../exchange.ts";
import { DeadlineWatch, type Surroundings } from "../pools/deadline-watch.ts";
import { lookEveryMs } from "../pools/limits.ts";
import { Pool } from "../pools/pool.ts";
import { PoolMember } from "../pools/pool-member.ts";
import { Probe } from "../pools/probe.ts";
import { Service } from "../pools/service.ts";
import type { RoutingTable, ServiceRule, UpstreamFigures, UpstreamRule } from "../port.ts";
import { checkTable } from "./check-table.ts";
import { ClaimingHop } from "./claiming-hop.ts";
import { HostRoutes } from "./host-routes.ts";
import type { Routing, RoutingFigures, RoutingReport } from "./routing.ts";
import { ServiceHop } from "./service-hop.ts";

export interface RoutingOptions {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly random: Random;
  readonly log: Log;
  /** Makes the way to an upstream. It connects when it is first asked. */
  readonly upstreamFor: (rule: UpstreamRule) => Upstream;
  readonly onReport: (report: RoutingReport) => void;
  /** A stream of events that has lasted so long is taken to have no end of its own. */
  readonly lastingMs: number;
}

/** More than clocks differ that tick in whole milliseconds. */
const clockSkewMsMax = 20;

/** Routing without a table yet: nothing answers anywhere. */
export function openRouting(options: RoutingOptions): Routing {
  return new TableRouting(options);
}

class TableRouting implements Routing {
  readonly services: Hop;
  readonly #options: RoutingOptions;
  readonly #surroundings: Surroundings;
  readonly #watch = new DeadlineWatch();
  #version = Number.NEGATIVE_INFINITY;
  #hosts = new HostRoutes<Service>([], () => {
    throw new TrellisError("internal");
  });
  #services = new Map<string, Service>();
  #pools = new Map<string, Pool>();
  #members = new Map<string, PoolMember>();
  #timer: Timer;
  /** When the stopwatch began, in milliseconds since 1970. */
  #epochMs = 0;

  constructor(options: RoutingOptions) {
    const { stopwatch, lastingMs } = options;
    this.#options = options;
    this.#setTime();
    this.#surroundings = { now: () => this.#epochMs + stopwatch(), watch: this.#watch, lastingMs };
    this.services = new ServiceHop(this.#surroundings, (name) => this.#services.get(name));
    this.#timer = this.#lookLater();
  }

  claiming(next: Hop): Hop {
    return new ClaimingHop(({ authority, target }) => this.#hosts.find(authority, target), next);
  }

  service(name: string): ServiceRule | undefined {
    return this.#services.get(name)?.rule;
  }

  apply(table: RoutingTable): void {
    if (table.version < this.#version)
      throw new TrellisError("invalid-routing", {
        says: `The table's version ${table.version} is older than the present one, ${this.#version}`,
      });
    checkTable(table);
    const members = this.#membersOf(table);
    // Nothing fails from here on, and no request comes in between.
    this.#take(table, members, this.#surroundings.now());
    this.#version = table.version;
  }

  figures(): RoutingFigures {
    const now = this.#surroundings.now();
    return {
      version: Math.max(0, this.#version),
      services: [...this.#services.values()].map((service) => service.figures(now)),
      upstreams: [...this.#pools.values()].flatMap((pool) => upstreamFigures(pool, now)),
    };
  }

  close(): void {
    this.#timer.cancel();
    const now = this.#surroundings.now();
    for (const service of this.#services.values()) service.dismiss(now);
    for (const member of this.#members.values()) member.upstream.close();
  }

  /** Those of the table: the present ones where they are meant, new ones otherwise. */
  #membersOf(table: RoutingTable): ReadonlyMap<string, PoolMember> {
    const members = new Map<string, PoolMember>();
    const made: PoolMember[] = [];
    try {
      for (const rule of table.pools.flatMap(({ upstreams }) => upstreams)) {
        const present = this.#members.get(rule.id);
        const member = present?.isMeantBy(rule) ? present : new PoolMember(rule, this.#options.upstreamFor(rule));
        if (member !== present) made.push(member);
        members.set(rule.id, member);
      }
    } catch (error) {
      for (const { upstream } of made) upstream.close();
      throw error;
    }
    return members;
  }

  #take(table: RoutingTable, members: ReadonlyMap<string, PoolMember>, now: number): void {
    const [membersBefore, servicesBefore] = [this.#members, this.#services];
    const pools = new Map(
      table.pools.map((rule) => [rule.name, this.#pools.get(rule.name) ?? this.#newPool(rule.name)]),
    );
    const poolOf = (rule: ServiceRule): Pool => pools.get(rule.pool) ?? this.#newPool(rule.pool);
    const services = new Map(
      table.services.map((rule) => [
        rule.name,
        servicesBefore.get(rule.name) ?? new Service(rule, poolOf(rule), this.#options.random),
      ]),
    );
    const serviceOf = (name: string): Service => services.get(name) as Service;
    this.#hosts = new HostRoutes(table.hosts, ({ service }) => serviceOf(service));
    [this.#members, this.#services, this.#pools] = [new Map(members), services, pools];
    for (const rule of table.services) serviceOf(rule.name).update(rule, poolOf(rule), now);
    for (const rule of table.pools) {
      const using = table.services.filter(({ pool }) => pool === rule.name).map(({ name }) => serviceOf(name));
      const its = rule.upstreams.map((upstream) => {
        const member = members.get(upstream.id) as PoolMember;
        member.rule = upstream;
        return member;
      });
      const pool = pools.get(rule.name);
      pool?.listen(using.map((service) => () => this.#membersChanged(service)));
      pool?.update(rule, its, now);
      pool?.tellDrained();
    }
    for (const [id, member] of membersBefore) if (members.get(id) !== member) member.upstream.close();
    for (const [name, service] of servicesBefore) if (!services.has(name)) service.dismiss(now);
  }

  #membersChanged(service: Service): void {
    service.membersChanged();
    service.release(this.#surroundings.now());
  }

  #newPool(name: string): Pool {
    const { random, log, onReport } = this.#options;
    return new Pool(
      { name, upstreams: [] },
      {
        random,
        log,
        onWanted: (pool) => onReport({ kind: "wanted", pool }),
        onDrained: (upstream) => onReport({ kind: "drained", upstream }),
      },
    );
  }

  #lookLater(): Timer {
    return this.#options.clock.after(lookEveryMs, () => {
      this.#setTime();
      this.#look(this.#surroundings.now());
      this.#timer = this.#lookLater();
    });
  }

  /** A machine that slept, or whose clock was set: deadlines are of the new time. */
  #setTime(): void {
    const { clock, stopwatch } = this.#options;
    const epochMs = clock.now() - stopwatch();
    if (Math.abs(epochMs - this.#epochMs) > clockSkewMsMax) this.#epochMs = epochMs;
  }

  #look(now: number): void {
    this.#watch.look(now);
    for (const service of this.#services.values()) service.look(now);
    for (const pool of this.#pools.values()) for (const member of pool.takeDue(now)) this.#check(pool, member);
  }

  #check(pool: Pool, member: PoolMember): void {
    const { healthPath } = pool.rule;
    if (healthPath === undefined) return;
    const probe = new Probe(this.#surroundings, (result, now) => pool.checked(member.id, result, now));
    probe.begin(member, healthPath, checkTimeoutMs);
  }
}

function upstreamFigures(pool: Pool, now: number): readonly UpstreamFigures[] {
  return pool.reports().flatMap(({ id, status, says }) => {
    const member = pool.member(id);
    if (!member) return [];
    const { rule, requests, failures, pending, latency } = member;
    const p50Ms = latency.quantileMs(0.5, now);
    const p99Ms = latency.quantileMs(0.99, now);
    return {
      upstream: id,
      ...(rule.release === undefined ? {} : { release: rule.release }),
      ...{ requests, failures, pending, usable: status === "usable" },
      ...(status === "usable" ? {} : { because: says }),
      ...(p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p99Ms }),
    };
  });
}
