import type { EmbeddedServer } from "../blocks/database/port.ts";
import type { Clock, Random, Timer } from "../model/clock.ts";
import { decideRestart, neverStarted, type RestartState } from "../policies/restart.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

export interface DatabaseParts {
  /** Starts the server, at the same address each time. */
  readonly start: () => Promise<EmbeddedServer>;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: SupervisorEvent) => void;
}

/** The embedded server, kept running until it is stopped. */
export interface KeptDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the embedded server; one that ends by itself is followed by another, while instances wait and go on. */
export async function keepDatabase(parts: DatabaseParts): Promise<KeptDatabase> {
  const server = await parts.start();
  return new WatchedDatabase(server, parts);
}

class WatchedDatabase implements KeptDatabase {
  readonly url: string;
  readonly #parts: DatabaseParts;
  #server: EmbeddedServer | undefined;
  #starting: Promise<void> | undefined;
  #state: RestartState = neverStarted;
  #timer: Timer | undefined;
  #stopping = false;

  constructor(server: EmbeddedServer, parts: DatabaseParts) {
    this.url = server.url;
    this.#parts = parts;
    this.#runs(server);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    await this.#starting;
    await this.#server?.stop();
  }

  #runs(server: EmbeddedServer): void {
    const { clock, random, onEvent } = this.#parts;
    this.#server = server;
    this.#state = decideRestart(this.#state, "ready", clock.now(), random).state;
    onEvent({ event: "database", origin: server.origin, pid: server.pid, url: server.url });
    void server.ended.then(() => this.#startAgain(server.pid, "it ended"));
  }

  #startAgain(pid: number, because: string): void {
    this.#server = undefined;
    if (this.#stopping) return;
    const { clock, random, onEvent } = this.#parts;
    const { state, restartInMs = 0 } = decideRestart(this.#state, "ended", clock.now(), random);
    this.#state = state;
    onEvent({ event: "restart", role: "database", pid, because, inMs: restartInMs });
    this.#timer = clock.after(restartInMs, () => {
      this.#starting = this.#start(pid);
    });
  }

  async #start(lastPid: number): Promise<void> {
    try {
      this.#runs(await this.#parts.start());
    } catch (error) {
      this.#startAgain(lastPid, error instanceof Error ? error.message : String(error));
    }
  }
}
