import { expect } from "vitest";
import type { Transaction } from "../../../model/transaction.ts";
import type { BatchHandler, ConsumerSettings, Delivered, Log, LogSettings, Recorded, StreamEngine } from "../port.ts";

/** An app's streams, on storage that several instances share. */
export interface StreamGround {
  /** One more instance of the app. Closed after the file's tests. */
  instance(name: string): StreamInstance;
  /** Whether a wake reaches consumers. */
  cutWakes(isCut: boolean): void;
  /** Moves what all instances take for the time. */
  shiftClock(ms: number): void;
  /** Begins a spool at position 0. */
  beginSpool(spool: string, stream: string): Promise<void>;
  /** Writes down, in `tx`, that an event was handled: the effect that must happen once. */
  handle(tx: Transaction, stream: string, records: readonly Handled[]): Promise<void>;
  /** What was written down of a stream, in the order in which it was. */
  handled(stream: string): Promise<readonly Handled[]>;
  /** A member of the group that stops living without a word, once `die` is called. */
  fakeMember(stream: string): Promise<{ die(): Promise<void> }>;
}

export interface StreamInstance {
  readonly engine: StreamEngine;
  /** A transaction of the service `shop`. */
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
}

export interface Handled {
  readonly partition: number;
  readonly offset: bigint;
  readonly body: string;
}

export const dayMs = 86_400_000;
export const group: ConsumerSettings = { service: "shop", batchMax: 100, retries: 1 };

export const event = (key: string, body: unknown = key): Recorded => ({ key, body: JSON.stringify(body) });
export const numbered = (count: number, from = 0): readonly Recorded[] =>
  Array.from({ length: count }, (_, index) => event(`k${(from + index) % 20}`, from + index));
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
export const bodies = (records: readonly { readonly body: string }[]): readonly number[] =>
  records.map(({ body }) => JSON.parse(body) as number).sort((one, other) => one - other);

/** A batch's events one by one. */
export const recordsOf = ({ partition, first, bodies }: Delivered): readonly Handled[] =>
  bodies.map((body, index) => ({ partition, offset: first + BigInt(index), body }));

/** What the tests of the contract do again and again. */
export class StreamTools {
  readonly #ground: () => StreamGround;

  constructor(ground: () => StreamGround) {
    this.#ground = ground;
  }

  get ground(): StreamGround {
    return this.#ground();
  }

  open(instance: StreamInstance, name: string, more: Partial<LogSettings> = {}): Promise<Log> {
    return instance.engine.open({ service: "shop", name, partitions: 4, keepForMs: 7 * dayMs, ...more });
  }

  /** A handler that writes down what it is given. */
  writing(name: string): BatchHandler {
    return (batch) => this.ground.handle(batch.tx, name, recordsOf(batch));
  }

  async untilHandled(name: string, count: number): Promise<readonly Handled[]> {
    await expect.poll(async () => (await this.ground.handled(name)).length, { timeout: 20_000 }).toBe(count);
    return this.ground.handled(name);
  }

  async membersOf(log: Log): Promise<ReadonlyMap<string, readonly number[]>> {
    const { groups } = await log.overview();
    return new Map(groups[0]?.members.map(({ instance, partitions }) => [instance, partitions]));
  }

  async untilMembers(log: Log, count: number): Promise<void> {
    await expect.poll(async () => (await this.membersOf(log)).size).toBe(count);
  }

  /** How many were handled, once that no longer changes. */
  async settledCount(name: string): Promise<number> {
    let before = -1;
    const isSettled = async (): Promise<boolean> => {
      const now = (await this.ground.handled(name)).length;
      const isSame = now === before;
      before = now;
      return isSame;
    };
    await expect.poll(isSettled, { interval: 300 }).toBe(true);
    return before;
  }
}
