import { expect, test } from "vitest";
import { Fingerprints, fingerprintsMax, userAgentCharactersMax } from "./fingerprints.ts";

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

test("a user agent has the same fingerprint everywhere, remembered or not", () => {
  const [one, other] = [new Fingerprints(), new Fingerprints()];
  const first = one.of(firefox);
  for (let index = 0; index < 3 * fingerprintsMax; index++) one.of(`${firefox} ${index}`);
  expect([one.of(firefox), one.of(firefox), other.of(firefox)]).toEqual([first, first, first]);
});

test("no more are remembered than the limit says, and none that are longer than what is read", () => {
  const fingerprints = new Fingerprints();
  for (let index = 0; index < 3 * fingerprintsMax; index++) {
    fingerprints.of(`${firefox} ${index}`);
    expect(fingerprints.size).toBeLessThanOrEqual(fingerprintsMax);
  }
  const long = new Fingerprints();
  long.of("x".repeat(userAgentCharactersMax + 1));
  expect(long.size).toBe(0);
});

test("those that everybody has stay remembered among ever new ones", () => {
  const fingerprints = new Fingerprints();
  for (let index = 0; index < 2 * fingerprintsMax; index++) {
    fingerprints.of(firefox);
    fingerprints.of(`${firefox} ${index}`);
  }
  const before = fingerprints.size;
  fingerprints.of(firefox);
  fingerprints.of(firefox);
  expect(fingerprints.size - before).toBeLessThanOrEqual(1);
});

test("a hundred thousand different ones have different fingerprints, but for chance", () => {
  const fingerprints = new Fingerprints();
  const all = Array.from({ length: 100_000 }, (_, index) => fingerprints.of(`${firefox} ${index.toString(36)}`));
  // By chance one pair is expected to share theirs.
  expect(new Set(all).size).toBeGreaterThan(all.length - 8);
});
