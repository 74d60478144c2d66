import type { GatewayFigures, ServiceFigures, UpstreamFigures } from "../gateway/port.ts";
import type { Clock } from "../model/clock.ts";
import type { GatewayStatus, InstanceStatus, ServiceStatus, Status } from "./control-words.ts";
import type { Fleet } from "./fleet.ts";
import type { KeptGateway } from "./kept-gateway.ts";
import { type Place, placeLabel } from "./place.ts";
import { type ProcessLoad, processLoads } from "./process-load.ts";
import type { Pause, ReleaseRecord } from "./state.ts";

/** So many ends in a row, each before it had been ready for long, are no accident. */
const loopFailuresMin = 3;

/** What of a supervisor a status tells. */
interface WatchedApp {
  readonly fleet: Pick<Fleet, "places" | "records" | "isRetiring">;
  readonly gateways: readonly WatchedGateway[];
  readonly current: ReleaseRecord | undefined;
  readonly paused: readonly Pause[];
}

type WatchedGateway = Pick<KeptGateway, "record" | "figures">;

/** What was counted at one moment. */
interface Sample {
  readonly at: number;
  readonly figures: readonly GatewayFigures[];
  readonly loads: ReadonlyMap<number, ProcessLoad>;
}

/** Looks at everything that runs. Rates are those since the last look, or since about a second ago. */
export class StatusReader {
  readonly #app: WatchedApp;
  readonly #clock: Clock;
  readonly #url: string;
  #before: Sample | undefined;
  #last: Sample | undefined;

  constructor(app: WatchedApp, clock: Clock, url: string) {
    this.#app = app;
    this.#clock = clock;
    this.#url = url;
  }

  async read(): Promise<Omit<Status, "groups">> {
    if (this.#last === undefined || this.#clock.now() - this.#last.at > recentMs) {
      // A rate needs two looks, and not a long time between them.
      this.#last = undefined;
      await this.#sample();
      await new Promise<void>((resolve) => this.#clock.after(figuresMs, resolve));
    }
    const now = await this.#sample();
    const before = this.#before && this.#before.at < now.at ? this.#before : undefined;
    const { fleet, gateways, current, paused } = this.#app;
    return {
      url: this.#url,
      release: current?.number,
      instances: fleet.places().map((place) => this.#instance(place, now, before)),
      gateways: gateways.map((gateway) => gatewayStatus(gateway, now, before)),
      services: (current?.shape.services ?? []).map((service) =>
        serviceStatus(
          service,
          paused.some((pause) => pause.service === service),
          now,
          before,
        ),
      ),
    };
  }

  async #sample(): Promise<Sample> {
    const { fleet, gateways } = this.#app;
    const pids = [...fleet.records, ...gateways.flatMap(({ record }) => record ?? [])].map(({ pid }) => pid);
    const loads = await processLoads(pids);
    const figures = gateways.flatMap((gateway) => gateway.figures ?? []);
    const now = { at: this.#clock.now(), figures, loads };
    // Gateways tell their figures once a second: a shorter time than that says nothing.
    if (this.#last === undefined || now.at - this.#last.at >= figuresMs) {
      this.#before = this.#last;
      this.#last = now;
    }
    return now;
  }

  #instance(place: Place, now: Sample, before: Sample | undefined): InstanceStatus {
    const { name, record, readyAt, restarts } = place;
    const asked = upstreamFigures(now, record?.id);
    const askedBefore = before && upstreamFigures(before, record?.id);
    return {
      name: placeLabel(name),
      role: name.role,
      release: name.release,
      state: stateOf(place, this.#app.fleet.isRetiring(place)),
      restarts,
      ...(record ? { pid: record.pid, ...loadStatus(record.pid, now, before) } : {}),
      ...(readyAt === undefined ? {} : { upMs: now.at - readyAt }),
      ...(asked.length === 0 ? {} : requestStatus(asked, askedBefore, now, before)),
    };
  }
}

const figuresMs = 1_000;
/** Rates of a longer time than this say little about now. */
const recentMs = 5_000;

function stateOf({ state, failures }: Place, retiring: boolean): InstanceStatus["state"] {
  if (retiring || state === "stopping") return "draining";
  if (state === "ready") return "ready";
  if (state === "starting" && failures === 0) return "starting";
  return failures >= loopFailuresMin ? "crash loop" : state === "starting" ? "starting" : "crashed";
}

function upstreamFigures({ figures }: Sample, id: string | undefined): readonly UpstreamFigures[] {
  return figures.flatMap(({ upstreams }) => upstreams.filter(({ upstream }) => upstream === id));
}

function requestStatus(
  asked: readonly UpstreamFigures[],
  askedBefore: readonly UpstreamFigures[] | undefined,
  now: Sample,
  before: Sample | undefined,
) {
  const count = (figures: readonly UpstreamFigures[] = []) => sum(figures, ({ requests }) => requests);
  const slowest = (of: (figures: UpstreamFigures) => number | undefined) =>
    asked.reduce<number | undefined>((most, figures) => larger(most, of(figures)), undefined);
  const [p50Ms, p99Ms] = [slowest((figures) => figures.p50Ms), slowest((figures) => figures.p99Ms)];
  return {
    requestsPerSecond: perSecond(count(asked) - count(askedBefore), now, before),
    inFlight: sum(asked, ({ pending }) => pending),
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
  };
}

function gatewayStatus({ record, figures }: WatchedGateway, now: Sample, before: Sample | undefined): GatewayStatus {
  const counted = (from: GatewayFigures | undefined) => sum(from?.services ?? [], ({ requests }) => requests);
  const earlier = before?.figures.find(({ name }) => name === record?.name);
  return {
    name: record?.name ?? "gateway",
    connections: figures?.connections ?? 0,
    requestsPerSecond: perSecond(counted(figures) - counted(earlier), now, before),
    ...(record ? { pid: record.pid, ...loadStatus(record.pid, now, before) } : {}),
  };
}

function serviceStatus(service: string, paused: boolean, now: Sample, before: Sample | undefined): ServiceStatus {
  const all = servicesNamed(service, now);
  const requests = sum(all, (figures) => figures.requests);
  const earlier = before ? sum(servicesNamed(service, before), (figures) => figures.requests) : 0;
  const hits = sum(all, (figures) => figures.hits);
  return {
    service,
    requestsPerSecond: perSecond(requests - earlier, now, before),
    inFlight: sum(all, ({ pending }) => pending),
    held: sum(all, ({ held }) => held),
    failures: sum(all, ({ failures }) => failures),
    ...(requests === 0 ? {} : { hitRatio: hits / requests }),
    paused,
  };
}

function servicesNamed(name: string, { figures }: Sample): readonly ServiceFigures[] {
  return figures.flatMap(({ services }) => services.filter(({ service }) => service === name));
}

function loadStatus(pid: number, now: Sample, before: Sample | undefined) {
  const load = now.loads.get(pid);
  const earlier = before?.loads.get(pid);
  if (!load) return {};
  const cpu = earlier && before ? (load.cpuMs - earlier.cpuMs) / (now.at - before.at) : undefined;
  return { memoryBytes: load.memoryBytes, ...(cpu === undefined ? {} : { cpu }) };
}

function perSecond(count: number, now: Sample, before: Sample | undefined): number {
  return before ? Math.max(0, count) / ((now.at - before.at) / 1_000) : 0;
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : Math.max(one, other ?? one);
}
