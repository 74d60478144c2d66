import type { Limit } from "../../../model/limit.ts";

/** How long a transaction may do nothing: a handler that hangs in one would keep its locks and connection for ever. */
export const idleInTransactionMs = 60_000;
/** How often a statement that lasts looks whether somebody still waits for it. */
export const clientCheckMs = 2_000;
/** How long one waits for a connection: for a server that does not answer, or for a free one of a pool. */
export const waitMsDefault = 5_000;
/** How much longer than a statement may take a server may be silent, before its connection counts as lost. */
export const silenceMs = 5_000;
/** A connection of a pool that nobody used for so long is closed. */
export const idleConnectionMs = 30_000;
/** Distinct statements that stay prepared on one connection. PostgreSQL keeps some 10 KB for each. */
export const preparedMax = 256;
/** How often a transaction that lost against another one is run again. */
export const retriesDefault = 5;
/** Statements that wait in a transaction to go with the next one: as many values are kept until then. */
export const deferredMax = 32;
/** For how many statements of a service is remembered what they are. */
export const statementsMax = 1_000;
/** Names of statements under which a service's times are measured. */
export const namesMax = 100;

export const connectionLimits: readonly Limit[] = [
  {
    name: "wait for a database connection",
    value: waitMsDefault,
    unit: "ms",
    set: "fixed: who waits longer is told to try again",
  },
  {
    name: "statement of a process that was killed",
    value: clientCheckMs,
    unit: "ms",
    set: "fixed: then the server gives it up",
  },
  {
    name: "idle transaction",
    value: idleInTransactionMs,
    unit: "ms",
    set: "fixed: one that hangs would keep its locks for ever",
  },
  {
    name: "silence of the database, beyond a statement's time",
    value: silenceMs,
    unit: "ms",
    set: "fixed: a connection that is silent longer is lost",
  },
  {
    name: "idle connection of a pool",
    value: idleConnectionMs,
    unit: "ms",
    set: "fixed: what nobody uses costs the server memory",
  },
  { name: "repeats of a transaction", value: retriesDefault, unit: "retries", set: "transaction(…, { retries })" },
  {
    name: "writes of a transaction that wait to go with its next statement",
    value: deferredMax,
    unit: "entries",
    set: "fixed: they are held in memory",
  },
  {
    name: "prepared statements of a connection",
    value: preparedMax,
    unit: "entries",
    set: "fixed: each costs the server some 10 KB",
  },
  {
    name: "statements of a service that are known by name in the figures",
    value: namesMax,
    unit: "entries",
    set: 'fixed: later ones are counted as "other"',
  },
];
