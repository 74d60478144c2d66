import { describe, expect, it } from "vitest";
import { testRandom } from "../testing/test-random.ts";
import { CircuitBreaker, circuitDefaults, refused } from "./circuit-breaker.ts";

const noon = 1_700_000_000_000;
const { openMs, openMsMax, probes, probeMsMax, requestsMin } = circuitDefaults;

function circuit(chance = () => 0) {
  const breaker = new CircuitBreaker(chance);
  const ask = (count: number, now: number, outcome: "succeeded" | "failed" | "abandoned", why?: string) => {
    let passed = 0;
    for (let nth = 0; nth < count; nth++) {
      const pass = breaker.enter(now);
      if (pass === refused) continue;
      passed += 1;
      breaker.leave(pass, outcome, now, why);
    }
    return passed;
  };
  return { breaker, ask };
}

describe("a closed circuit", () => {
  it("opens when half of at least twenty requests have failed, and says why and until when", () => {
    const { breaker, ask } = circuit();
    ask(13, noon, "succeeded");
    ask(12, noon + 500, "failed", "no answer in 2 s");
    expect(breaker.status(noon + 500)).toEqual({ state: "closed", requests: 25, failures: 12 });
    ask(1, noon + 600, "failed", "connection refused");
    expect(breaker.status(noon + 600)).toEqual({
      state: "open",
      because: "13 of 26 requests in 10 s failed, the last: connection refused",
      retryAt: noon + 600 + openMs,
      requests: 26,
      failures: 13,
    });
    expect(breaker.retryAfterMs(noon + 700)).toBe(openMs - 100);
  });

  it("stays closed for fewer requests, whatever they do", () => {
    const { breaker, ask } = circuit();
    ask(requestsMin - 1, noon, "failed");
    expect(breaker.status(noon).state).toBe("closed");
    ask(requestsMin - 1, noon + 60_000, "failed");
    expect(breaker.status(noon + 60_000).state).toBe("closed");
  });

  it("learns nothing from requests that were given up", () => {
    const { breaker, ask } = circuit();
    ask(1_000, noon, "abandoned");
    expect(breaker.status(noon)).toEqual({ state: "closed", requests: 0, failures: 0 });
  });
});

describe("an open circuit", () => {
  const opened = (chance?: () => number) => {
    const made = circuit(chance);
    made.ask(requestsMin, noon, "failed");
    return made;
  };

  it("lets nothing pass until its time is up, then a few probes at once", () => {
    const { breaker } = opened();
    expect(breaker.enter(noon + openMs - 1)).toBe(refused);
    const passes = Array.from({ length: 10 }, () => breaker.enter(noon + openMs));
    expect(passes.filter((pass) => pass !== refused).length).toBe(probes);
    expect(breaker.status(noon + openMs).state).toBe("half-open");
  });

  it("closes when the probes succeed, and has forgotten the failures", () => {
    const { breaker, ask } = opened();
    expect(ask(10, noon + openMs, "succeeded")).toBe(10);
    expect(breaker.status(noon + openMs).state).toBe("closed");
    ask(1, noon + openMs, "failed");
    expect(breaker.status(noon + openMs).state).toBe("closed");
  });

  it("opens for twice as long each time that a probe fails, up to half a minute", () => {
    const { breaker, ask } = opened();
    let now = noon;
    const openFor: number[] = [];
    for (let round = 0; round < 9; round++) {
      openFor.push(breaker.retryAfterMs(now));
      now += breaker.retryAfterMs(now);
      ask(1, now, "failed", "no answer");
      expect(breaker.status(now)).toMatchObject({
        state: "open",
        because: "it was tried again, and failed: no answer",
      });
    }
    expect(openFor).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, openMsMax, openMsMax, openMsMax, openMsMax]);
  });

  it("begins with the shortest time again after two minutes of calm, not before", () => {
    const { breaker, ask } = opened();
    ask(1, noon + openMs, "failed");
    const closedAt = noon + openMs + 2 * openMs;
    ask(probes, closedAt, "succeeded");
    ask(requestsMin, closedAt + 1_000, "failed");
    expect(breaker.retryAfterMs(closedAt + 1_000)).toBe(4 * openMs);
    ask(probes, closedAt + 1_000 + 4 * openMs, "succeeded");
    const calm = closedAt + 1_000 + 4 * openMs + circuitDefaults.calmMs;
    ask(requestsMin, calm, "failed");
    expect(breaker.retryAfterMs(calm)).toBe(openMs);
  });

  it("is tried at different moments by different gateways", () => {
    const random = testRandom(1);
    const times = Array.from({ length: 20 }, () => opened(random).breaker.retryAfterMs(noon));
    expect(new Set(times).size).toBeGreaterThan(15);
    for (const time of times) expect(time).toBeGreaterThanOrEqual(0.8 * openMs);
  });

  it("learns nothing from requests that were sent before it opened", () => {
    const { breaker, ask } = circuit();
    const early = Array.from({ length: 5 }, () => breaker.enter(noon));
    ask(requestsMin, noon, "failed");
    for (const pass of early) breaker.leave(pass, "succeeded", noon + openMs);
    breaker.enter(noon + openMs);
    for (const pass of early) breaker.leave(pass, "failed", noon + openMs);
    expect(breaker.status(noon + openMs).state).toBe("half-open");
  });

  it("does not stay half-open for ever when probes get lost or are given up", () => {
    const { breaker, ask } = opened();
    ask(1, noon + openMs, "succeeded");
    for (let probe = 1; probe < probes; probe++) breaker.enter(noon + openMs);
    expect(breaker.enter(noon + openMs)).toBe(refused);
    expect(ask(10, noon + openMs + probeMsMax, "abandoned")).toBe(10);
    ask(probes, noon + openMs + probeMsMax, "succeeded");
    expect(breaker.status(noon + openMs + probeMsMax).state).toBe("closed");
  });

  it("does not stay open for an hour when the clock is set back by an hour", () => {
    const { breaker } = opened();
    const back = noon - 3_600_000;
    expect(breaker.enter(back)).toBe(refused);
    expect(breaker.enter(back + openMs)).not.toBe(refused);
  });
});

describe("a simulated service that is down for five minutes", () => {
  /** 100 requests a second for eight minutes; it is down from the first minute to the sixth. */
  function simulate(seed: number) {
    const random = testRandom(seed);
    const breaker = new CircuitBreaker(random);
    const minute = 60_000;
    const counted = { askedWhileDown: 0, refusedBefore: 0, openAfterMs: 0 };
    for (let now = noon; now < noon + 8 * minute; now += 10) {
      const isDown = now >= noon + minute && now < noon + 6 * minute;
      const pass = breaker.enter(now);
      if (pass === refused) {
        if (now < noon + minute) counted.refusedBefore += 1;
        if (now >= noon + 6 * minute) counted.openAfterMs = now - noon - 6 * minute;
        continue;
      }
      if (isDown) counted.askedWhileDown += 1;
      breaker.leave(pass, isDown || random() < 0.02 ? "failed" : "succeeded", now);
    }
    return counted;
  }

  it("is asked for some seconds, then hardly at all, and again within a minute of its return", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { askedWhileDown, refusedBefore, openAfterMs } = simulate(seed);
      expect(refusedBefore).toBe(0);
      expect(askedWhileDown).toBeLessThan(600);
      expect(openAfterMs).toBeLessThan(2 * openMsMax);
    }
  });
});
