import type { Clock, Random } from "./clock.ts";
import type { EdgeEventRecord } from "./edge-event.ts";
import type { Limit } from "./limit.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Tracing } from "./tracing.ts";

declare const handle: unique symbol;
declare const delivers: unique symbol;
declare const gives: unique symbol;

/** One building block that a service uses: inert until a plan is opened. `Handle` is what handlers call. */
export interface Block<Kind extends string = string, Handle = unknown> {
  readonly kind: Kind;
  /** The engines that must be opened first, by name: `database`, `bus`, … */
  readonly needs: readonly string[];
  /** The service that this block calls, which gives the plan its graph. */
  readonly calls?: string;
  /** Every limit that this block has, for `trellis plan`. */
  readonly limits: readonly Limit[];
  /** The folder of the migrations that make its tables, run before anything is opened. */
  readonly migrations?: string;
  readonly open: (opening: Opening) => Promise<Opened<Handle>> | Opened<Handle>;
  /** Never there: carries the type of the handle. */
  readonly [handle]?: Handle;
}

/** A block whose events a service may consume, such as a stream. Never there at run time: a type only. */
export interface Delivers<Event> {
  readonly [delivers]: Event;
}

/** A block whose jobs a service may work, such as a queue. Never there at run time: a type only. */
export interface GivesWork<Job, Result = void> {
  readonly [gives]: readonly [job: Job, result: Result];
}

/** What a block is given when it is opened. */
export interface Opening {
  /** The service that uses it, and the name it has there. */
  readonly service: string;
  readonly name: string;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** The name of this instance, for people and figures: `web-1`. Another machine may have one of the same name. */
  readonly instance: string;
  /** The app's data folder on this machine: what must outlive a process, but not the machine. */
  readonly folder: string;
  /** What stands behind this kind of block: the engine of that name in `needs`. */
  engine<E>(name: EngineName<E>): E;
}

/** Tests and development check more: every answer in full, and side effects that forgot their `in(tx)`. */
export type Mode = "development" | "test" | "production";

export interface Opened<Handle> {
  readonly handle: Handle;
  /** Throws when this block cannot do its work, which makes the instance unready. */
  healthy?(): Promise<void>;
  /** Figures to watch, by name. */
  stats?(): Readonly<Record<string, number>>;
  /**
   * For a block that gives work or delivers events: hands each job or batch to `handler`, many at a time, until it is
   * stopped. Not called where the service has no handler for it, or this instance runs no work.
   */
  serve?(handler: (given: never) => Promise<unknown>): Serving;
  /**
   * For a block whose events may come of answers that the edge gave: brings in what gateways have recorded for it, made
   * into its own events by `make`, until it is stopped. Called at most once, where its service has a mapping that ends here.
   */
  takeEdgeEvents?(make: MakeEdgeEvent): Serving;
  /** Finishes what was begun and lets go of everything. */
  close?(): Promise<void>;
}

/** Resolves with an event of the block, or with undefined where this is none. `route`: by its name in the contract. */
export type MakeEdgeEvent = (route: string, edge: EdgeEventRecord) => Promise<unknown>;

/** A handler at work. */
export interface Serving {
  /** Takes nothing new. Resolves when what was begun is finished; it is aborted where that lasts too long. */
  stop(): Promise<void>;
}

/** The name of an engine, with its type: made once by whoever defines the port. */
export type EngineName<E> = string & { readonly engine?: E };

/** Declares a kind of block. Trellis's own kinds are made with this same call. */
export function block<const Kind extends string, Handle>(
  declaration: Omit<Block<Kind, Handle>, typeof handle>,
): Block<Kind, Handle> {
  return declaration;
}
