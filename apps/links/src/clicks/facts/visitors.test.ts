import type { Queries } from "trellis";
import { expect, test } from "vitest";
import type { Tables } from "../../tables.ts";
import { Sketch } from "../sketch.ts";
import { Visitors } from "./visitors.ts";

const dayMs = 86_400_000;

/** A database whose salts are as its day says, and how often it was asked. */
function database() {
  const asked: number[] = [];
  const statement = (day: number): object => ({
    where: (_column: string, _is: string, wanted: number) => statement(wanted),
    select: () => statement(day),
    values: () => statement(day),
    onConflict: () => statement(day),
    execute: async () => [],
    executeTakeFirstOrThrow: async () => {
      asked.push(day);
      return { salt: new Uint8Array(32).map((_, index) => (day * 131 + index * 17) & 0xff) };
    },
  });
  const queries = { insertInto: () => statement(0), selectFrom: () => statement(0) } as unknown as Queries<Tables>;
  return { queries, asked };
}

async function prepared(nowMs = 0) {
  const { queries, asked } = database();
  const visitors = new Visitors();
  await visitors.prepare(queries, nowMs);
  const mark = (ip: string, fingerprint: number, atMs = nowMs) => visitors.mark(queries, atMs, ip, fingerprint);
  return { visitors, queries, asked, mark };
}

test("the same person has the same mark all day, on every instance, and another one the next day", async () => {
  const [one, other, next] = [await prepared(), await prepared(), await prepared(dayMs)];
  expect(one.mark("203.0.113.7", 42)).toBe(other.mark("203.0.113.7", 42, dayMs / 2));
  const ips = Array.from({ length: 50 }, (_, index) => `203.0.113.${index}`);
  expect(ips.map((ip) => one.mark(ip, 42))).not.toEqual(ips.map((ip) => next.mark(ip, 42, dayMs)));
  expect(one.asked).toEqual([0]);
});

test("nobody is marked while the day's salt is not known", () => {
  const { queries } = database();
  expect(new Visitors().mark(queries, 0, "203.0.113.7", 42)).toBeUndefined();
});

test("marks of different people are as different as chance would have it, whatever tells them apart", async () => {
  const { mark } = await prepared();
  const people = 100_000;
  const byAddress = new Sketch();
  const byLongAddress = new Sketch();
  const byBrowser = new Sketch();
  for (let index = 0; index < people; index++) {
    const parts = [index >>> 16, (index >>> 8) & 255, index & 255];
    byAddress.add(mark(`10.${parts.join(".")}`, 7) ?? 0);
    byLongAddress.add(mark(`2001:db8:${index.toString(16)}::1`, 7) ?? 0);
    byBrowser.add(mark("10.0.0.1", Math.imul(index, 0x9e3779b1)) ?? 0);
  }
  // Five standard deviations of a sketch's error, 2.3 %.
  for (const sketch of [byAddress, byLongAddress, byBrowser])
    expect(Math.abs(sketch.estimate() / people - 1)).toBeLessThan(0.115);
});
