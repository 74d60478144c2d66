/** For authors of new kinds of blocks: Trellis's own kinds are made with nothing else. */
export {
  type Block,
  block,
  type Delivers,
  type EngineName,
  type GivesWork,
  type Mode,
  type Opened,
  type Opening,
} from "./model/block.ts";
export { type Bus, busEngine, type Subscriber, type Unsubscribe } from "./model/bus.ts";
export type { Clock, Random, Timer } from "./model/clock.ts";
export { type Duration, milliseconds } from "./model/duration.ts";
export type { Limit } from "./model/limit.ts";
export type { Log } from "./model/log.ts";
export type { Infer, Input, Schema } from "./model/schema.ts";
export { bytes, type Size } from "./model/size.ts";
export type { Sql } from "./model/sql.ts";
export { scopeOf, type Transaction, type Transactional, type TransactionScope } from "./model/transaction.ts";
export { type Wakes, wakesEngine } from "./model/wakes.ts";
