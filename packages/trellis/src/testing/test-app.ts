import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { client } from "../blocks/http/client/client.ts";
import type { Scope } from "../model/actor.ts";
import type { App } from "../model/app.ts";
import type { Client } from "../model/call.ts";
import type { Clock, Random } from "../model/clock.ts";
import type { Contract, Routes } from "../model/contract.ts";
import type { Log } from "../model/log.ts";
import { plan } from "../model/plan.ts";
import type { Purge } from "../model/purge.ts";
import type { Environment } from "../model/settings.ts";
import { type Instance, startInstance } from "../runtime/instance.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { type EdgeAnswer, recordEdgeAnswers } from "./edge-answer.ts";
import { freshDatabase } from "./fresh-database.ts";
import { silentLog } from "./silent-log.ts";

export interface TestAppOptions {
  /**
   * Two unless said otherwise, so that nothing comes to rely on being alone. A service that is split out has besides as
   * many of its own as the app says.
   */
  readonly instances?: number;
  readonly environment?: Environment;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  /** Shared with another test app, so that each believes whom the other names when it calls. */
  readonly secret?: string;
}

export interface TestClientOptions {
  /** Which instance is asked: the first that answers for the service, unless said otherwise. */
  readonly instance?: number;
  /** Signs in with a key that has these scopes. Left out: as nobody. */
  readonly scopes?: readonly Scope[];
  readonly workspace?: string;
}

/** An app that runs for the length of a test: real instances on a real database, which is thrown away. */
export interface TestApp {
  readonly instances: readonly Instance[];
  /** The app's data folder, which is thrown away too. */
  readonly folder: string;
  /** Asks over HTTP. */
  client<R extends Routes>(contract: Contract<string, R>, options?: TestClientOptions): Promise<Client<R>>;
  /** The text of a new key, to be sent as `authorization: Bearer …`. */
  key(scopes: readonly Scope[], workspace?: string): Promise<string>;
  /**
   * As if the edge had given these answers, one after the other: each is brought into the stream as the event that its
   * service makes of it, or is counted as unlogged. Resolves when that is done.
   */
  answerAtEdge<R extends Routes>(
    contract: Contract<string, R>,
    route: keyof R & string,
    ...answers: readonly EdgeAnswer[]
  ): Promise<void>;
  /** What services of the app have taken out of the edge cache, in the order in which it took effect. */
  readonly purges: readonly Purge[];
  stop(): Promise<void>;
}

/**
 * Starts an app on an empty database of its own: on the server that the variable `TEST_DATABASE_URL` names, or on an
 * embedded one in a temporary folder.
 */
export async function startTestApp(app: App, options: TestAppOptions = {}): Promise<TestApp> {
  const { instances: count = 2, log = silentLog, clock, random } = options;
  const environment = {
    NODE_ENV: "test",
    PORT: "0",
    TRELLIS_WEB: String(count),
    TRELLIS_WORKERS: "0",
    ...options.environment,
  };
  const planned = plan(app, environment);
  const database = await freshDatabase(process.env.TEST_DATABASE_URL);
  const folder = await mkdtemp(join(tmpdir(), "trellis-test-"));
  const secret = options.secret ?? randomBytes(32).toString("base64url");
  const places = planned.groups
    .filter(({ answers }) => answers)
    .flatMap((group) => Array.from({ length: group.instances }, (_, index) => ({ group, number: index + 1 })));
  const purges: Purge[] = [];
  const started = await Promise.allSettled(
    places.map(({ group, number }) =>
      startInstance(planned, {
        role: group.role,
        group: group.name,
        name: `${group.name}-${number}`,
        folder,
        databaseUrl: database.url,
        secret,
        log,
        onPurge: (purge) => purges.push(purge),
        host: "127.0.0.1",
        ...(clock ? { clock } : {}),
        ...(random ? { random } : {}),
      }),
    ),
  );
  const instances = started.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(instances.map((instance) => instance.stop()));
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  };
  const failed = started.find((outcome) => outcome.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return new RunningTestApp(
    instances,
    places.map(({ group }) => group.services),
    { folder, purges, stop, services: app.services, clock: clock ?? systemClock },
  );
}

type TestAppParts = Pick<TestApp, "folder" | "purges" | "stop"> & Pick<App, "services"> & { readonly clock: Clock };

class RunningTestApp implements TestApp {
  readonly instances: readonly Instance[];
  readonly folder: string;
  readonly purges: readonly Purge[];
  readonly stop: () => Promise<void>;
  /** The services of each instance. */
  readonly #hosted: readonly (readonly string[])[];
  readonly #parts: TestAppParts;

  constructor(instances: readonly Instance[], hosted: readonly (readonly string[])[], parts: TestAppParts) {
    this.instances = instances;
    this.#hosted = hosted;
    this.#parts = parts;
    this.folder = parts.folder;
    this.purges = parts.purges;
    this.stop = parts.stop;
  }

  async client<R extends Routes>(
    contract: Contract<string, R>,
    { instance = this.#hostOf(contract.name), scopes, workspace }: TestClientOptions = {},
  ): Promise<Client<R>> {
    const key = scopes && (await this.key(scopes, workspace));
    return client(contract, { url: this.#instance(instance).privateUrl, ...(key ? { key } : {}) });
  }

  async answerAtEdge<R extends Routes>(
    contract: Contract<string, R>,
    route: keyof R & string,
    ...answers: readonly EdgeAnswer[]
  ): Promise<void> {
    await recordEdgeAnswers(this.#parts, contract, route, answers);
    // Any of them may have been looking, and have them in its hands already.
    await Promise.all(this.instances.map(({ opened }) => opened.forwardSpools()));
  }

  async key(scopes: readonly Scope[], workspace = "main"): Promise<string> {
    const { text } = await this.#instance(0).opened.keys.create({ scopes, workspace });
    return text;
  }

  /** The platform's own services are everywhere. */
  #hostOf(service: string): number {
    return Math.max(
      0,
      this.#hosted.findIndex((services) => services.includes(service)),
    );
  }

  #instance(index: number): Instance {
    const instance = this.instances[index];
    if (!instance) throw new RangeError(`There are ${this.instances.length} instances, counted from 0.`);
    return instance;
  }
}
