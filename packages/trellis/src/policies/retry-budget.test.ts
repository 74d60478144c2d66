import { describe, expect, it } from "vitest";
import { testRandom } from "../testing/test-random.ts";
import { type FailedTry, mayRetry, triesMax } from "./may-retry.ts";
import { RetryBudget } from "./retry-budget.ts";

const noon = 1_700_000_000_000;

describe("the budget", () => {
  it("holds ten retries a second for those with few requests", () => {
    const budget = new RetryBudget();
    const granted = Array.from({ length: 500 }, () => budget.withdraw(noon)).filter(Boolean);
    expect(granted.length).toBe(100);
    expect(budget.withdraw(noon + 8_999)).toBe(false);
    expect(budget.left(noon + 10_000)).toBe(100);
  });

  it("holds a fifth of the requests of the last ten seconds besides", () => {
    const budget = new RetryBudget();
    for (let request = 0; request < 10_000; request++) budget.deposit(noon);
    expect(budget.left(noon)).toBe(2_100);
    expect(budget.left(noon + 20_000)).toBe(100);
  });
});

describe("what may be retried", () => {
  const failed: FailedTry = {
    method: "GET",
    sent: true,
    repeatable: true,
    answered: false,
    hasIdempotencyKey: false,
    tries: 1,
    failure: "reset",
  };

  it("is any request of which nothing was sent", () => {
    expect(mayRetry({ ...failed, method: "POST", sent: false, failure: "connect" })).toBe(true);
    expect(mayRetry({ ...failed, method: "PATCH", failure: "unsent" })).toBe(true);
  });

  it("is what is the same done twice as done once", () => {
    const again = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];
    const once = ["POST", "PATCH", "CONNECT", "PURGE", "get"];
    for (const method of again) expect(mayRetry({ ...failed, method })).toBe(true);
    for (const method of once) expect(mayRetry({ ...failed, method })).toBe(false);
  });

  it("is what has an idempotency key", () => {
    for (const failure of ["reset", "timeout", "invalid-answer", "unavailable"] as const)
      expect(mayRetry({ ...failed, method: "POST", hasIdempotencyKey: true, failure })).toBe(true);
  });

  it("is nothing that the client has the beginning of an answer to", () => {
    expect(mayRetry({ ...failed, answered: true })).toBe(false);
  });

  it("is nothing whose body is gone", () => {
    expect(mayRetry({ ...failed, method: "PUT", repeatable: false })).toBe(false);
  });

  it("is nothing that was tried often enough", () => {
    expect(mayRetry({ ...failed, tries: triesMax - 1 })).toBe(true);
    expect(mayRetry({ ...failed, tries: triesMax })).toBe(false);
  });
});

describe("a simulated bad day", () => {
  /** Tries for each request, where this share of all tries fails, at this many requests a second for a minute. */
  function amplification(failureRate: number, perSecond: number, seed: number): number {
    const random = testRandom(seed);
    const budget = new RetryBudget();
    let tries = 0;
    const requests = perSecond * 60;
    for (let request = 0; request < requests; request++) {
      const now = noon + (request * 1_000) / perSecond;
      budget.deposit(now);
      for (let nth = 1; ; nth++) {
        tries += 1;
        if (random() >= failureRate) break;
        const tried = { sent: true, repeatable: true, answered: false, hasIdempotencyKey: false, tries: nth };
        if (!mayRetry({ ...tried, method: "GET", failure: "reset" }) || !budget.withdraw(now)) break;
      }
    }
    return tries / requests;
  }

  it("is not amplified: where everything fails, at most a fifth more, and ten a second", () => {
    for (const seed of [1, 2, 3]) {
      expect(amplification(1, 1_000, seed)).toBeLessThan(1.2 + 0.01 + 0.002);
      expect(amplification(1, 100, seed)).toBeLessThan(1.2 + 0.1 + 0.02);
      expect(amplification(1, 1_000, seed)).toBeGreaterThan(1.19);
    }
  });

  it("lets nearly every failure be retried where few fail", () => {
    const random = testRandom(4);
    const budget = new RetryBudget();
    let refused = 0;
    for (let request = 0; request < 60_000; request++) {
      budget.deposit(noon + request);
      if (random() < 0.1 && !budget.withdraw(noon + request)) refused += 1;
    }
    expect(refused).toBe(0);
  });
});
