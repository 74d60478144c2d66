import pg from "pg";
import type { Clock, Random } from "../../../model/clock.ts";
import type { Tracing } from "../../../model/tracing.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { type ConnectionSettings, clientConfig } from "./client-config.ts";
import { Connection } from "./connection.ts";
import type { ConnectionFigures } from "./connection-figures.ts";
import { databaseError, mayComeBack } from "./database-error.ts";

export interface Chances {
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when whoever waits must end: then nobody waits any longer for a server that is not there. */
  readonly ending?: AbortSignal;
  /** Without them nothing is measured. */
  readonly figures?: ConnectionFigures | undefined;
  readonly tracing?: Tracing | undefined;
}

export interface OwnConnection {
  readonly connection: Connection;
  readonly client: pg.Client;
  end(): Promise<void>;
}

/** A connection of one's own. Waits for a server that is about to start, then throws `database-unreachable`. */
export function connect(settings: ConnectionSettings, chances: Chances): Promise<OwnConnection> {
  return patiently(
    async () => {
      const client = new pg.Client(clientConfig(settings));
      const connection = new Connection(client, {
        clock: chances.clock,
        statementTimeoutMs: settings.statementTimeoutMs,
        figures: chances.figures,
        tracing: chances.tracing,
      });
      await client.connect();
      return { client, connection, end: () => client.end() };
    },
    settings.waitMs,
    chances,
  );
}

/** Tries again, with growing pauses, as long as waiting can help, and for `waitMs` at most. */
export async function patiently<T>(attempt: () => Promise<T>, waitMs: number, chances: Chances): Promise<T> {
  const { clock, random, ending } = chances;
  const until = clock.now() + waitMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (cause) {
      if (!mayComeBack(cause) || clock.now() >= until) throw databaseError(cause);
      await pause(clock, backoffMs(tries, random, { baseMs: 20, capMs: 500 }), ending);
      if (ending?.aborted) throw databaseError(cause);
    }
  }
}

/** Ends early when `ending` is aborted. */
export async function pause(clock: Clock, delayMs: number, ending?: AbortSignal): Promise<void> {
  if (ending?.aborted) return;
  // The clock's timers keep no process alive; here someone waits for what comes after.
  const hold = setInterval(() => undefined, 2 ** 30);
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(delayMs, resolve);
  const stop = (): void => resolve();
  ending?.addEventListener("abort", stop);
  await promise;
  ending?.removeEventListener("abort", stop);
  timer.cancel();
  clearInterval(hold);
}
