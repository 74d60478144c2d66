import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Timer } from "../../../model/clock.ts";
import { parseEdgeEventPlan } from "../../../model/edge-event.ts";
import type { Log } from "../../../model/log.ts";
import { DiskShare } from "../../../spool/disk-share.ts";
import { SpoolFolder } from "../../../spool/spool-folder.ts";
import type { GatewayRequest } from "../../exchange.ts";
import type { RouteCount } from "../route-counts.ts";
import type { EdgeEvents } from "./edge-events.ts";
import { EventFolder } from "./event-folder.ts";
import { EventStream } from "./event-stream.ts";
import { GatewayClientFacts } from "./gateway-client-facts.ts";
import type { HeldAnswer } from "./held-answer.ts";
import { leftMax, letGoEveryMs, letGoLatestMs, plansMax, syncEveryMs, turnCharactersMax } from "./limits.ts";
import { PlannedEvent } from "./planned-event.ts";

export interface EventLogOptions {
  /** The app's data folder: what is written lies below it, in `spool/`. */
  readonly folder: string;
  /** A name that begins with `edge-` and was never used before. */
  readonly newName: () => string;
  /** How much of the disk may be filled by what no instance has taken. */
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Writes the events of each turn of the event loop in one piece, and gives the answers to them afterwards. */
export class EventLog implements EdgeEvents {
  /** Events that could not be written down. */
  unlogged = 0;
  readonly #options: EventLogOptions;
  readonly #parent: string;
  readonly #clients: GatewayClientFacts;
  readonly #share: DiskShare;
  readonly #plans = new Map<string, PlannedEvent>();
  readonly #streams = new Map<string, EventStream>();
  /** Bytes of folders that were let go of and are there still, by their paths. */
  readonly #left = new Map<string, number>();
  /** By stream: why its events cannot be written down. */
  readonly #troubles = new Map<string, string>();
  readonly #closings = new Set<Promise<void>>();
  #folder: EventFolder;
  #folderSinceMs = 0;
  #held: HeldAnswer[] = [];
  #turnEnds = false;
  #syncDue: Timer | undefined;
  #letGoDue: Timer | undefined;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#parent = join(options.folder, "spool");
    this.#clients = new GatewayClientFacts(options.folder, options.clock, options.log);
    this.#share = new DiskShare(options.bytesMax);
    this.#folder = this.#newFolder(new Map());
  }

  planOf(text: string, route: RouteCount): PlannedEvent | undefined {
    const key = `${route.route}\n${text}`;
    const known = this.#plans.get(key);
    if (known) return known;
    const plan = parseEdgeEventPlan(text);
    if (!plan) return undefined;
    void this.#clients.open();
    const event = new PlannedEvent(plan, this.#streamOf(plan.stream), route);
    if (this.#plans.size < plansMax) this.#plans.set(key, event);
    return event;
  }

  note(event: PlannedEvent, request: GatewayRequest, status: number, now: number): void {
    event.count.events += 1;
    const characters = event.stream.add(event.record(request, status, now, this.#clients.facts));
    if (characters > turnCharactersMax) this.settle();
    else this.#awaitTurn();
  }

  hold(answer: HeldAnswer): void {
    this.#held.push(answer);
    this.#awaitTurn();
  }

  settle(): void {
    for (const stream of this.#streams.values()) if (stream.records > 0) this.#write(stream);
  }

  async close(): Promise<void> {
    this.#endTurn();
    this.#syncDue?.cancel();
    this.#letGoDue?.cancel();
    this.#folder.tellLost();
    for (const [stream, events] of this.#folder.lost)
      this.#options.log.error("events of the edge were lost, and no count knows of them", { stream, events });
    this.#letGo();
    await Promise.all(this.#closings);
    await this.#clients.close();
  }

  #awaitTurn(): void {
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    setImmediate(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#turnEnds = false;
    this.settle();
    const held = this.#held;
    this.#held = [];
    for (const answer of held) answer.leave();
  };

  #write(stream: EventStream): void {
    const { text, records } = stream.take();
    if (!this.#folder.append(stream.name, text, records)) this.unlogged += records;
    this.#syncDue ??= this.#options.clock.after(syncEveryMs, this.#onSync);
    this.#letGoDue ??= this.#options.clock.after(letGoEveryMs, this.#onLetGo);
  }

  readonly #onSync = (): void => {
    this.#syncDue = undefined;
    this.#folder.sync().catch((error: unknown) => {
      this.#options.log.error("events of the edge may not survive a loss of power", { error });
    });
  };

  readonly #onLetGo = (): void => {
    this.#forgetTaken();
    this.#folder.tellLost();
    this.#tellRecovered();
    if (this.#folder.path !== undefined && this.#mayLeave()) this.#letGo();
    const waits = this.#folder.path !== undefined || this.#folder.lost.size > 0 || this.#left.size > 0;
    this.#letGoDue = waits ? this.#options.clock.after(letGoEveryMs, this.#onLetGo) : undefined;
  };

  /** With no instance there, a folder a second would come to thousands in an hour. */
  #mayLeave(): boolean {
    return this.#left.size < leftMax || this.#options.clock.now() - this.#folderSinceMs >= letGoLatestMs;
  }

  #letGo(): void {
    const folder = this.#folder;
    const { path, bytes, lost } = folder;
    if (path !== undefined) this.#left.set(path, bytes);
    this.#folder = this.#newFolder(lost);
    const closing = folder
      .close()
      .catch((error: unknown) =>
        this.#options.log.error("a folder of the edge's events could not be closed", { error }),
      )
      .finally(() => this.#closings.delete(closing));
    this.#closings.add(closing);
  }

  /** What an instance has brought into the streams takes no room any more. */
  #forgetTaken(): void {
    for (const [path, bytes] of this.#left) {
      if (existsSync(path)) continue;
      this.#left.delete(path);
      this.#share.bytes -= bytes;
    }
  }

  #newFolder(lost: ReadonlyMap<string, number>): EventFolder {
    const { clock, newName } = this.#options;
    this.#folderSinceMs = clock.now();
    return new EventFolder({
      begin: () => SpoolFolder.beginUnsynced(this.#parent, newName()),
      share: this.#share,
      clock,
      lost,
      onTrouble: this.#tellTrouble,
    });
  }

  /** Once, though each folder may have the same trouble anew. */
  readonly #tellTrouble = (stream: string, because: string): void => {
    if (this.#troubles.get(stream) === because) return;
    this.#troubles.set(stream, because);
    const says = "events of the edge cannot be written down: they are counted as unlogged";
    this.#options.log.error(says, { stream, because });
  };

  #tellRecovered(): void {
    const { lost } = this.#folder;
    for (const stream of this.#troubles.keys()) {
      if (lost.has(stream)) continue;
      this.#troubles.delete(stream);
      this.#options.log.info("events of the edge are written down again", { stream });
    }
  }

  #streamOf(name: string): EventStream {
    const known = this.#streams.get(name);
    if (known) return known;
    const stream = new EventStream(name);
    this.#streams.set(name, stream);
    return stream;
  }
}
