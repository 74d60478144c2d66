import { expect, test } from "vitest";
import type { Group } from "../../model/group.ts";
import { InstanceCounts } from "./instance-counts.ts";

const web: Group = { name: "web", role: "web", services: ["a"], instances: 2, answers: true, works: false };
const rests: Group = { ...web, name: "reports", instances: 1, scale: { min: 0, max: 3 } };
const shape = { services: ["a"], home: "a", groups: [web, rests] };
const names = (counts: InstanceCounts) => counts.namesOf(1, shape).map(({ pool, number }) => `${pool}-${number}`);

test("a release begins with what its groups say", () => {
  const counts = new InstanceCounts({ scale: {}, present: {} });
  expect(names(counts)).toEqual(["web-1", "web-2", "reports-1"]);
  expect(counts.range(web)).toEqual({ min: 2, max: 2 });
  expect(counts.range(rests)).toEqual({ min: 0, max: 3 });
});

test("what load has decided holds within the bounds, and what was asked for moves the bounds", () => {
  const counts = new InstanceCounts({ scale: {}, present: {} });
  counts.set("reports", 9);
  counts.set("web", 5);
  expect(names(counts)).toEqual(["web-1", "web-2", "reports-1", "reports-2", "reports-3"]);
  counts.ask("web", { min: 3, max: 4 });
  expect(names(counts).filter((name) => name.startsWith("web"))).toEqual(["web-1", "web-2", "web-3", "web-4"]);
  counts.ask("reports", { min: 1, max: 1 });
  expect(names(counts).filter((name) => name.startsWith("reports"))).toEqual(["reports-1"]);
});

test("what is written down is what the next supervisor goes on with", () => {
  const counts = new InstanceCounts({ scale: {}, present: {} });
  counts.ask("web", { min: 1, max: 8 });
  counts.set("web", 6);
  counts.set("reports", 0);
  const again = new InstanceCounts(counts.written);
  expect(names(again)).toEqual(names(counts));
  expect(again.range(web)).toEqual({ min: 1, max: 8 });
});

test("whatever is at rest has an instance again when its code must prove that it runs", () => {
  const counts = new InstanceCounts({ scale: {}, present: { reports: 0 } });
  expect(names(counts)).toEqual(["web-1", "web-2"]);
  counts.wakeAll();
  expect(names(counts)).toEqual(["web-1", "web-2", "reports-1"]);
});
