import type { Block, Delivers, GivesWork } from "./block.ts";
import type { Context } from "./context.ts";
import type { Contract, Routes } from "./contract.ts";
import type { Duration } from "./duration.ts";
import type { EdgeEvent } from "./edge-event.ts";
import type { Pages } from "./pages.ts";
import type { Request } from "./request.ts";
import type { FailureOf, Handled, HasEdgeEvent, Route } from "./route.ts";
import type { Transaction } from "./transaction.ts";

export type Uses = Readonly<Record<string, Block>>;

/** What handlers are given for the blocks that a service uses. */
export type Handles<U extends Uses> = {
  readonly [Name in keyof U]: U[Name] extends Block<string, infer Handle> ? Handle : never;
};

type Awaitable<T> = T | Promise<T>;

/** `tx` also commits the offsets: what the handler writes in it happens exactly once. */
export interface Batch<Event> extends Context {
  readonly events: readonly Event[];
  readonly tx: Transaction;
}

export interface Work<Job, Result = void> extends Context {
  /** The same in each attempt: what is asked of others in its name carries it as idempotency key. */
  readonly id: string;
  readonly job: Job;
  /** 1 for the first try. */
  readonly attempt: number;
  progress(done: number, of: number): void;
  /** Completes the job in `tx`: what was written in it counts only if this worker still holds the job. */
  complete(tx: Transaction, ...result: [Result] extends [void] ? [] : [result: Result]): Promise<void>;
}

export type Schedule<H> = (
  | { readonly every: Duration }
  | {
      readonly cron: string;
      /** An IANA time zone, such as `Europe/Paris`. */
      readonly zone: string;
    }
) & {
  /** What becomes of firings that nobody was there for: none of them (the default), or one for all of them. */
  readonly missed?: "skip" | "once";
  readonly run: (context: Context, use: H) => Promise<void>;
};

/** A list that a handler gives may be one that nobody may change: it is only read. */
type Given<Value> = Value extends readonly (infer Item)[]
  ? readonly Given<Item>[]
  : Value extends Plain
    ? { [Key in keyof Value]: Given<Value[Key]> }
    : Value;
type Plain = { readonly [key: string]: unknown };

export type Handler<R extends Routes, Name extends keyof R, U extends Uses> = (
  request: Request<R[Name]>,
  use: Handles<U>,
) => Awaitable<Given<Handled<R[Name]>> | FailureOf<R[Name]>>;

/** Makes an event of a stream out of an answer that the edge gave. `undefined`: none, and it counts as unlogged. */
export type EdgeEventMapping<R extends Route, U extends Uses> = {
  readonly [Name in keyof U & string]: U[Name] extends Delivers<infer Event>
    ? {
        readonly stream: Name;
        readonly event: (edge: EdgeEvent<R>, use: Handles<U>) => Awaitable<Given<Event> | undefined>;
      }
    : never;
}[keyof U & string];

type EdgeEventRoutes<R extends Routes> = {
  [Name in keyof R]: HasEdgeEvent<R[Name]> extends true ? Name : never;
}[keyof R];

/** Where the contract has routes whose answers by the edge are events, there is a mapping for each of them. */
type MapsEdgeEvents<R extends Routes, U extends Uses> = [EdgeEventRoutes<R>] extends [never]
  ? { readonly edgeEvents?: Readonly<Record<string, never>> }
  : { readonly edgeEvents: { readonly [Name in EdgeEventRoutes<R>]: EdgeEventMapping<R[Name], U> } };

/** How a service keeps its contract. */
export type Definition<R extends Routes, U extends Uses> = Parts<R, U> & MapsEdgeEvents<R, U>;

interface Parts<R extends Routes, U extends Uses> {
  readonly uses: U;
  readonly routes: { readonly [Name in keyof R]: Handler<R, Name, U> };
  readonly consumes?: {
    readonly [Name in keyof U]?: U[Name] extends Delivers<infer Event>
      ? (batch: Batch<Event>, use: Handles<U>) => Promise<void>
      : never;
  };
  readonly works?: {
    readonly [Name in keyof U]?: U[Name] extends GivesWork<infer Job, infer Result>
      ? (work: Work<Job, Result>, use: Handles<U>) => Promise<Result>
      : never;
  };
  readonly schedules?: Readonly<Record<string, Schedule<Handles<U>>>>;
  readonly pages?: Pages;
}

/** A service as the platform sees it: the types of its parts have done their work. */
export interface Service<Name extends string = string> {
  readonly contract: Contract<Name>;
  readonly uses: Uses;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
  readonly consumes: Readonly<Record<string, AnyHandler | undefined>>;
  readonly works: Readonly<Record<string, AnyHandler | undefined>>;
  readonly schedules: Readonly<Record<string, Schedule<never>>>;
  /** By the names of routes. */
  readonly edgeEvents: Readonly<Record<string, AnyEdgeEventMapping>>;
  readonly pages?: Pages;
}

export interface AnyEdgeEventMapping {
  /** The stream's name in `uses`. */
  readonly stream: string;
  readonly event: AnyHandler;
}

export type AnyHandler = (request: never, use: never) => unknown;

/** Implements `contract`. Inert: nothing is opened, read or started until a plan is opened. */
export function service<const Name extends string, R extends Routes, U extends Uses>(
  contract: Contract<Name, R>,
  definition: Definition<R, U>,
): Service<Name> {
  return {
    contract,
    uses: definition.uses,
    handlers: definition.routes,
    consumes: definition.consumes ?? {},
    works: definition.works ?? {},
    schedules: definition.schedules ?? {},
    edgeEvents: definition.edgeEvents ?? {},
    ...(definition.pages ? { pages: definition.pages } : {}),
  };
}
