import { WindowedSum } from "./windowed-sum.ts";

export interface RetryBudgetParams {
  /** Retries for each request, .2: one for every five. */
  readonly ratio: number;
  /** Retries a second that are free, so that those with few requests may retry too. */
  readonly perSecond: number;
  /** For how long a request that was not retried counts in favour of others. */
  readonly windowMs: number;
}

/** Those of Finagle's `RetryBudget`, but for the window: ten seconds each are kept together, as there. */
export const retryBudgetDefaults: RetryBudgetParams = { ratio: 0.2, perSecond: 10, windowMs: 10_000 };

/** Whole numbers, so that a million deposits of a fifth are exactly two hundred thousand. */
const retryCost = 1_000;

/**
 * How much may be retried: each request deposits a part of a retry, each retry withdraws one, both are forgotten after the
 * window (Finagle's `RetryBudget`). Where everything fails, the tries are at most 1.2 times the requests, and 10 a second
 * more. One budget for each service and gateway process.
 */
export class RetryBudget {
  readonly #deposit: number;
  readonly #reserve: number;
  readonly #balance: WindowedSum;

  constructor({ ratio, perSecond, windowMs }: RetryBudgetParams = retryBudgetDefaults) {
    this.#deposit = Math.round(ratio * retryCost);
    this.#reserve = Math.round((perSecond * windowMs * retryCost) / 1_000);
    this.#balance = new WindowedSum(windowMs);
  }

  /** A request begins: once for each, however often it is tried. `now` in milliseconds. */
  deposit(now: number): void {
    this.#balance.add(this.#deposit, now);
  }

  /** Takes one retry out of the budget; false where there is none left. */
  withdraw(now: number): boolean {
    if (this.left(now) < 1) return false;
    this.#balance.add(-retryCost, now);
    return true;
  }

  /** How many retries are left now. */
  left(now: number): number {
    return Math.max(0, Math.floor((this.#reserve + this.#balance.total(now)) / retryCost));
  }
}
