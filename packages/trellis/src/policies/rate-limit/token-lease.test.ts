import { describe, expect, it } from "vitest";
import { fullLeaseBucket, grantLease, isFullBucket, type LeaseAsk } from "./token-lease.ts";

const limit = { perSecond: 10, burst: 40 };
const noon = 1_700_000_000_000;
const askFor = (ask: Partial<LeaseAsk>): LeaseAsk => ({
  key: "a",
  used: 0,
  borrowed: 0,
  held: 0,
  returned: 0,
  wanted: 0,
  ...ask,
});

describe("the one who leases", () => {
  it("gives half of what is there at most, and no more than is wanted", () => {
    const first = grantLease(fullLeaseBucket(limit, noon), askFor({ wanted: 100 }), noon, limit);
    expect(first.grant).toEqual({ key: "a", tokens: 20, left: 20 });
    const second = grantLease(first.bucket, askFor({ wanted: 3 }), noon, limit);
    expect(second.grant).toEqual({ key: "a", tokens: 3, left: 17 });
  });

  it("gives a last whole token, and then none", () => {
    const poor = { ...fullLeaseBucket(limit, noon), tokens: 1.4 };
    expect(grantLease(poor, askFor({ wanted: 5 }), noon, limit).grant.tokens).toBe(1);
    expect(grantLease({ ...poor, tokens: 0.9 }, askFor({ wanted: 5 }), noon, limit).grant.tokens).toBe(0);
  });

  it("charges what was borrowed, into debt if need be, and gives nothing until it is paid", () => {
    const empty = { ...fullLeaseBucket(limit, noon), tokens: 0 };
    const { bucket, grant } = grantLease(empty, askFor({ borrowed: 5, wanted: 5 }), noon, limit);
    expect(grant).toEqual({ key: "a", tokens: 0, left: -5 });
    expect(grantLease(bucket, askFor({ wanted: 5 }), noon + 500, limit).grant.left).toBe(0);
    expect(grantLease(bucket, askFor({ wanted: 5 }), noon + 600, limit).grant.tokens).toBe(1);
  });

  it("fills no more than is missing beside what is out, so that both never exceed the burst", () => {
    const { bucket } = grantLease(fullLeaseBucket(limit, noon), askFor({ wanted: 20 }), noon, limit);
    expect(grantLease(bucket, askFor({}), noon + 900, limit).grant.left).toBe(20);
    const used = grantLease(bucket, askFor({ used: 20 }), noon + 900, limit).bucket;
    expect(grantLease(used, askFor({}), noon + 1_900, limit).grant.left).toBe(30);
  });

  it("takes back what a process did not need", () => {
    const { bucket } = grantLease(fullLeaseBucket(limit, noon), askFor({ wanted: 20 }), noon, limit);
    expect(grantLease(bucket, askFor({ used: 5, returned: 15 }), noon, limit).grant.left).toBe(35);
  });

  it("forgets what is out with a process that has died", () => {
    const { bucket } = grantLease(fullLeaseBucket(limit, noon), askFor({ wanted: 20 }), noon, limit);
    expect(isFullBucket(bucket, noon + 1_900, limit)).toBe(false);
    expect(isFullBucket(bucket, noon + 4_001, limit)).toBe(true);
  });

  it("goes on when the clock is set back by an hour", () => {
    const { bucket } = grantLease(fullLeaseBucket(limit, noon), askFor({ wanted: 20 }), noon, limit);
    const back = noon - 3_600_000;
    const later = grantLease(bucket, askFor({ used: 20 }), back, limit).bucket;
    expect(grantLease(later, askFor({}), back + 1_000, limit).grant.left).toBe(30);
  });
});
