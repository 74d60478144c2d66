import pg from "pg";
import type { Clock, Random } from "../../model/clock.ts";
import { backoffMs } from "../../policies/backoff.ts";
import { type ConnectionSettings, clientConfig } from "./client-config.ts";
import { Connection } from "./connection.ts";
import { databaseError, mayComeBack } from "./database-error.ts";

/** For how long a server that does not answer is tried again, before `database-unreachable`. */
const patienceMs = 5_000;

export interface Chances {
  readonly clock: Clock;
  readonly random: Random;
}

export interface OwnConnection {
  readonly connection: Connection;
  readonly client: pg.Client;
  end(): Promise<void>;
}

/** A connection of one's own. Waits for a server that is about to start; throws `database-unreachable` after 5 s. */
export function connect(settings: ConnectionSettings, chances: Chances): Promise<OwnConnection> {
  return patiently(async () => {
    const client = new pg.Client(clientConfig(settings));
    const connection = new Connection(client);
    await client.connect();
    return { client, connection, end: () => client.end() };
  }, chances);
}

/** Tries again, with growing pauses, as long as waiting can help. */
export async function patiently<T>(attempt: () => Promise<T>, { clock, random }: Chances): Promise<T> {
  const until = clock.now() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (cause) {
      if (!mayComeBack(cause) || clock.now() >= until) throw databaseError(cause);
      await pause(clock, backoffMs(tries, random, { baseMs: 20, capMs: 500 }));
    }
  }
}

export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
