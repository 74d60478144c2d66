import type { DatabaseEngine } from "../blocks/database/port.ts";
import { openClientFacts } from "../blocks/http/client-facts/open-client-facts.ts";
import type { Authenticate } from "../blocks/http/endpoint/identification.ts";
import { openOnce } from "../blocks/http/once/once.ts";
import { callsEngine, type Transport } from "../blocks/http/port.ts";
import { type Http, openHttp } from "../blocks/http/server/server.ts";
import type { ApiKeys } from "../blocks/identity/api-keys.ts";
import { authenticate as authenticateBy } from "../blocks/identity/session-cookies.ts";
import type { ScheduleEngine } from "../blocks/schedule/port.ts";
import type { Clock, Random } from "../model/clock.ts";
import { milliseconds } from "../model/duration.ts";
import type { Group } from "../model/group.ts";
import type { Log } from "../model/log.ts";
import type { Plan, Role } from "../model/plan.ts";
import type { Purge } from "../model/purge.ts";
import type { Service } from "../model/service.ts";
import type { ServiceDirectory } from "../model/service-directory.ts";
import type { Settings } from "../model/settings.ts";
import type { ClientFacts } from "../policies/client-facts/client-facts.ts";
import { watchBlocks } from "./block-metrics.ts";
import { checkPlan } from "./check-plan.ts";
import { Closing } from "./closing.ts";
import { lookEveryMs } from "./instances/limits.ts";
import { loadAnswer } from "./load-answer.ts";
import { metricsAnswer } from "./metrics-answer.ts";
import { isCalled, openNeighbours } from "./open-neighbours.ts";
import { openOperations } from "./open-operations.ts";
import { type OpenPages, openPages } from "./open-pages.ts";
import { openPlatform } from "./open-platform.ts";
import { openServiceSchedules } from "./open-schedules.ts";
import { type Common, type OpenBlock, type OpenService, openService } from "./open-services.ts";
import { openSessions } from "./open-sessions.ts";
import { openTelemetry } from "./open-telemetry.ts";
import { noWork, type OpenWork, openWork } from "./open-work.ts";
import { ownGroup } from "./own-group.ts";
import { systemClock, systemRandom, systemStopwatch } from "./system-clock.ts";
import { takeEdgeEvents } from "./take-edge-events.ts";

export interface OpenOptions {
  /** A shared worker has everything open but answers no routes: only whether it is alive and ready. */
  readonly role: Role;
  /** The group of the plan that it is one of: the shared one of its role unless said otherwise. */
  readonly group?: string;
  /** The PostgreSQL server: the plan's, or the embedded one that was started for it. */
  readonly databaseUrl: string;
  /** Shared by all instances: signs who is asking when one instance calls another. */
  readonly secret: string;
  readonly log: Log;
  /** For people and figures: `web-1`. */
  readonly name: string;
  /** The app's data folder, for what must outlive this process. */
  readonly folder: string;
  /** The services that run here: those of its group unless said otherwise. */
  readonly hosted?: readonly string[];
  /** Where services of other groups answer: as the list of instances says, unless given. */
  readonly directory?: ServiceDirectory;
  /** Asks whoever starts instances for one of a service that has none. Whether one is on its way. */
  readonly wake?: (service: string) => Promise<boolean>;
  /** Told of what services of this instance take out of the edge cache, when it takes effect. */
  readonly onPurge?: (purge: Purge) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** For so long an instance that is going is still asked by those who have not heard of it. */
const lameDuckMs = lookEveryMs + 250;

const nothingToShow: OpenPages = { pages: [], answers: [] };

/** A plan with everything open: engines, blocks, handlers and HTTP, but no port yet. */
export interface OpenPlan {
  readonly http: Http;
  /** Whether its routes are answered here: everywhere but in a shared worker. */
  readonly answers: boolean;
  readonly keys: ApiKeys;
  readonly database: DatabaseEngine;
  /** From now on this instance is among those that are known to run, and where. */
  announce(privateUrl: string): Promise<void>;
  /** Takes no new requests and finishes those that it has. Returns how many were cut off. */
  drain(): Promise<number>;
  /** Figures of every block, by `SERVICE.NAME`. */
  stats(): Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Brings what is written down on this machine into the streams. Resolves when it is there, or cannot get there now. */
  forwardSpools(): Promise<void>;
  /** No new jobs, events and firings; resolves when those that were begun are finished. */
  stopWork(): Promise<void>;
  /** Lets go of everything, in the reverse order of opening. */
  close(): Promise<void>;
}

/** Opens engines, then blocks, then HTTP. Whatever fails, what was opened before is closed. */
export async function open(plan: Plan, options: OpenOptions): Promise<OpenPlan> {
  checkPlan(plan);
  const closing = new Closing();
  try {
    return await openAll(plan, options, closing);
  } catch (error) {
    await closing.run();
    throw error;
  }
}

async function openAll(plan: Plan, options: OpenOptions, closing: Closing): Promise<OpenPlan> {
  const { settings } = plan;
  const { secret } = options;
  const group = ownGroup(plan, options);
  const { common, figures } = await openCommon(settings, options, closing);
  const { clock, log } = common;
  const platform = await openPlatform(plan, options, common, closing);
  const { database, departures, keys, engines } = platform;
  const hosted = plan.services.filter(({ contract }) => group.services.includes(contract.name));
  let http: Http | undefined;
  const dispatch: Transport = async (call) => {
    if (!http) throw new TypeError("A call before the instance was open");
    return http.dispatch(call);
  };
  const place = { ...options, plan, group, hosted, platform, dispatch };
  const { calls, instances } = await openNeighbours(place, common, closing);
  engines.set(callsEngine, calls);
  const services = await openServices(hosted, engines, common, closing);
  const blocks = services.flatMap((service) => service.blocks);
  const schedules = openServiceSchedules(services, plan.services, platform, common);
  if (figures) watchBlocks(figures, services);
  const authenticate: Authenticate = (headers, sent) => authenticateBy(keys, headers, sent);
  const look = { peers: () => instances.neighbours(), gateways: () => http?.lookAtGateways() ?? [] };
  const metricsAnswers = figures ? [metricsAnswer({ ...look, metrics: figures, authenticate, secret, clock })] : [];
  const clients = group.answers ? await openClients(database, common, closing) : undefined;
  const load = loadAnswer({ requests: () => http?.stats() ?? { inFlight: 0, lasting: 0, begun: 0 }, metrics: figures });
  const { pages, answers } = group.answers ? await openPages(hosted) : nothingToShow;

  const opened = openHttp({
    ...common,
    stopwatch: systemStopwatch,
    settings,
    secret,
    services: group.answers
      ? [...services, openOperations({ ...platform, schedules, instances }), openSessions({ keys, clock })]
      : services,
    callsOnly: !group.answers,
    departures,
    authenticate,
    ...(clients ? { clients } : {}),
    answers: [...answers, ...metricsAnswers, load],
    idempotency: openOnce({ sql: database.platform, clock, log, claimMs: longestRequestMs(hosted, settings) }),
    pages,
    health: () => unhealthy(database, blocks),
  });
  http = opened;
  platform.edge.listen((purge) => opened.purgeEdge(purge));
  closing.add(() => opened.close());
  const work = await openWorkOf(group, { services, schedules }, closing);
  return {
    http,
    answers: group.answers,
    keys,
    database,
    announce: (privateUrl) => instances.announce(privateUrl),
    drain: () => {
      instances.close();
      return opened.drain(isCalled(plan, group) ? { lameDuckMs } : {});
    },
    stats: () => statsOf(blocks),
    forwardSpools: () => platform.spools.forward(),
    stopWork: () => work.stop(),
    close: () => closing.run(),
  };
}

/** What everything is opened with. */
async function openCommon(settings: Settings, options: OpenOptions, closing: Closing) {
  const { clock = systemClock, random = systemRandom, name, folder } = options;
  const { metrics, figures, tracing, log } = await openTelemetry({ ...options, settings, clock }, closing);
  const common: Common = { mode: settings.mode, clock, random, log, metrics, tracing, instance: name, folder };
  return { common, figures };
}

async function openClients({ platform }: DatabaseEngine, common: Common, closing: Closing): Promise<ClientFacts> {
  const { facts, close } = await openClientFacts({ ...common, sql: platform });
  closing.add(close);
  return facts;
}

/** Whatever fails, each block that is open by then will be closed. */
async function openServices(
  hosted: readonly Service[],
  engines: ReadonlyMap<string, unknown>,
  common: Common,
  closing: Closing,
): Promise<readonly OpenService[]> {
  const onOpen = ({ opened }: OpenBlock): void => closing.add(async () => opened.close?.());
  const services: OpenService[] = [];
  for (const service of hosted) services.push(await openService(service, { ...common, engines, onOpen }));
  return services;
}

/** No request runs longer: after that, whoever had claimed an idempotency key is gone. */
function longestRequestMs(services: readonly Service[], { requestTimeoutMs }: Settings): number {
  const own = services.flatMap(({ contract }) =>
    Object.values(contract.routes).map(({ options }) => (options.timeout ? milliseconds(options.timeout) : 0)),
  );
  return Math.max(requestTimeoutMs, ...own);
}

/** Not before its services can call others, and until their blocks are closed. */
async function openWorkOf(
  { works }: Group,
  { services, schedules }: { readonly services: readonly OpenService[]; readonly schedules: ScheduleEngine },
  closing: Closing,
): Promise<OpenWork> {
  // Whoever has the service brings them in, also where nothing else is worked.
  const edgeEvents = takeEdgeEvents(services);
  closing.add(() => edgeEvents.stop());
  const work = works ? await openWork(services, schedules) : noWork;
  closing.add(() => work.stop());
  return work;
}

function statsOf(blocks: readonly OpenBlock[]): ReturnType<OpenPlan["stats"]> {
  return Object.fromEntries(blocks.map(({ service, name, opened }) => [`${service}.${name}`, opened.stats?.() ?? {}]));
}

/** The parts that cannot do their work, by name. */
async function unhealthy(database: DatabaseEngine, blocks: readonly OpenBlock[]): Promise<readonly string[]> {
  const checks = [
    { name: "database", check: () => database.healthy() },
    ...blocks.map(({ service, name, opened }) => ({
      name: `${service}.${name}`,
      check: async () => opened.healthy?.(),
    })),
  ];
  const outcomes = await Promise.allSettled(checks.map(({ check }) => check()));
  return checks.flatMap(({ name }, index) => (outcomes[index]?.status === "rejected" ? [name] : []));
}
