import type { Load } from "../src/harness/load.ts";

/** Mixed traffic: what many callers do at once, each after its own manner. */
export interface Traffic {
  readonly origin: Load["origin"];
  /** Requests a second of `kept`, `fresh`, `sockets` and `jobs` together. */
  readonly perSecond: number;
  /** How many callers of each kind there are; each asks again when it has its answer. */
  readonly callers: Readonly<Partial<Record<CallerKind, number>>>;
}

/**
 * `kept`: one connection, kept from request to request. `fresh`: a connection for each. `slow`: an answer that takes
 * `slowMs`. `events`: a stream of events that ends by itself after as long. `sockets`: one WebSocket, whose every message
 * is a request. `jobs`: has a job enqueued by a POST. `idle`: one connection, kept, that asks every `idleMs` only.
 */
export type CallerKind = "kept" | "fresh" | "slow" | "events" | "sockets" | "jobs" | "idle";

/**
 * What became of it. A request that was not answered 200 or 201, and whole, has failed: nothing is asked twice. So has a
 * message on a WebSocket without its answer, see `SocketCaller`.
 */
export interface TrafficOutcome {
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Jobs that were acknowledged. */
  readonly jobs: number;
  /** How requests failed, and how often. */
  readonly why: Readonly<Record<string, number>>;
  /** Of `kept` and `fresh`, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** WebSockets that the other side said to open anew. */
  readonly reopened: number;
  /** The longest wait for an answer on a WebSocket, with opening it anew. */
  readonly socketMaxMs: number;
  /** Our own ports of the connections that the other side closed without having said so in an answer. */
  readonly cutPorts: readonly number[];
}

/** How long a slow answer takes, and a stream of events. */
export const slowMs = 2_500;
/** One comes this often. */
export const eventEveryMs = 100;
export const idleMs = 500;

export const paths = {
  quick: "/v1/quick",
  slow: "/v1/slow",
  events: "/v1/events",
  /** A WebSocket: each `Numbered` comes back as it is. */
  echo: "/v1/echo",
  jobs: "/v1/jobs",
};

/** A message on a WebSocket, and its answer. */
export interface Numbered {
  readonly number: number;
}

/** The body that belongs to the last event of a stream. */
export const lastEvent = '"last":true';
