import { expect, it } from "vitest";
import { silentLog } from "../testing/silent-log.ts";
import { settled, testClock } from "../testing/test-clock.ts";
import { exposition } from "./exposition.ts";
import { InstanceMetrics } from "./instance-metrics.ts";
import { readMsMax, seriesMax } from "./limits.ts";
import { parseExposition } from "./parse-exposition.contract.ts";
import { figureOf, testMetrics } from "./test-metrics.contract.ts";

const read = async (...instances: readonly InstanceMetrics[]) =>
  parseExposition(await exposition(await Promise.all(instances.map((metrics) => metrics.look()))));

it("gives the same counter for the same name and labels, in whatever order they stand", async () => {
  const metrics = testMetrics();
  metrics.counter("trellis_a_total", "A.", { one: "1", two: "2" }).add();
  metrics.counter("trellis_a_total", "A.", { two: "2", one: "1" }).add(3);
  expect(figureOf(await metrics.look(), "trellis_a_total", { one: "1" })).toBe(4);
});

it("lets no counter go back, and loses none to what is no number", async () => {
  const metrics = testMetrics();
  const counter = metrics.counter("trellis_a_total", "A.");
  counter.add(2);
  for (const amount of [-1, Number.NaN]) counter.add(amount);
  expect(figureOf(await metrics.look(), "trellis_a_total")).toBe(2);
});

it("writes histograms as Prometheus reads them", async () => {
  const metrics = testMetrics();
  const histogram = metrics.histogram("trellis_a_seconds", "A.", { of: "x" }, [1, 2]);
  for (const value of [0.5, 1, 1.5, 7, -1, Number.NaN]) histogram.record(value);
  const samples = (await read(metrics))
    .get("trellis_a_seconds")
    ?.samples.map(({ name, labels, value }) => [name.replace("trellis_a_seconds", ""), labels.le ?? "", value]);
  expect(samples).toEqual([
    ["_bucket", "1", 2],
    ["_bucket", "2", 3],
    ["_bucket", "+Inf", 4],
    ["_sum", "", 10],
    ["_count", "", 4],
  ]);
});

it("shows the largest value once", async () => {
  const metrics = testMetrics();
  const histogram = metrics.histogram("trellis_a_seconds", "A.");
  for (const value of [3, 9, 1]) histogram.record(value);
  expect(figureOf(await metrics.look(), "trellis_a_seconds_max")).toBe(9);
  expect(figureOf(await metrics.look(), "trellis_a_seconds_max")).toBe(0);
});

it("names the instance and its role with every figure", async () => {
  const metrics = testMetrics();
  metrics.counter("trellis_a_total", "A.");
  metrics.gauge("trellis_b", "B.", () => [{ labels: { of: "x" }, value: 1 }]);
  for (const { samples } of (await read(metrics)).values())
    for (const { labels } of samples) expect(labels).toMatchObject({ instance: "web-1", role: "web" });
});

it("puts the figures of several instances under one name each", async () => {
  const [first, second] = [1, 2].map(
    (number) =>
      new InstanceMetrics({ labels: { instance: `web-${number}`, role: "web" }, clock: testClock(), log: silentLog }),
  ) as [InstanceMetrics, InstanceMetrics];
  first.counter("trellis_a_total", "A.").add(1);
  second.counter("trellis_a_total", "A.").add(2);
  const samples = (await read(first, second)).get("trellis_a_total")?.samples;
  expect(samples?.map(({ labels, value }) => [labels.instance, value])).toEqual([
    ["web-1", 1],
    ["web-2", 2],
  ]);
});

it("keeps label values as they are, whatever they hold", async () => {
  const metrics = testMetrics();
  const odd = 'a "quoted" back\\slash\nnew line, {brace}= é';
  metrics.counter("trellis_a_total", "A.", { odd }).add();
  expect((await read(metrics)).get("trellis_a_total")?.samples[0]?.labels.odd).toBe(odd);
});

it("counts label values without end as one", async () => {
  const metrics = testMetrics();
  for (let index = 0; index < seriesMax + 500; index += 1)
    metrics.counter("trellis_a_total", "A.", { address: String(index) }).add();
  const samples = (await read(metrics)).get("trellis_a_total")?.samples ?? [];
  expect(samples).toHaveLength(seriesMax + 1);
  expect(samples.find(({ labels }) => labels.address === "other")?.value).toBe(500);
});

it("leaves out a figure that cannot be read, or not in time", async () => {
  const clock = testClock();
  const metrics = new InstanceMetrics({ labels: { instance: "web-1" }, clock, log: silentLog });
  metrics.gauge("trellis_throws", "A.", () => {
    throw new Error("no");
  });
  metrics.gauge("trellis_rejects", "A.", () => Promise.reject(new Error("no")));
  metrics.gauge("trellis_never", "A.", () => new Promise(() => undefined));
  metrics.gauge("trellis_good", "A.", () => 1);
  metrics.gauge("trellis_odd", "A.", () => Number.NaN);
  const looking = metrics.look();
  await settled();
  await clock.advance(readMsMax);
  const families = await looking;
  expect(figureOf(families, "trellis_good")).toBe(1);
  for (const name of ["throws", "rejects", "never", "odd"])
    expect(figureOf(families, `trellis_${name}`)).toBeUndefined();
});

it("gathers what several parts read under one name", async () => {
  const metrics = testMetrics();
  for (const of of ["x", "y"]) metrics.gauge("trellis_a", "A.", () => [{ labels: { of }, value: 2 }]);
  expect(figureOf(await metrics.look(), "trellis_a")).toBe(4);
  expect(figureOf(await metrics.look(), "trellis_a", { of: "x" })).toBe(2);
});

it.each([
  ["a counter without _total", (metrics: InstanceMetrics) => metrics.counter("trellis_a", "A.")],
  ["a gauge with _total", (metrics: InstanceMetrics) => metrics.gauge("trellis_a_total", "A.", () => 1)],
  ["a name of another form", (metrics: InstanceMetrics) => metrics.counter("trellis-a_total", "A.")],
  ["a label that is ours", (metrics: InstanceMetrics) => metrics.counter("trellis_a_total", "A.", { instance: "x" })],
  ["a label of another form", (metrics: InstanceMetrics) => metrics.counter("trellis_a_total", "A.", { "a-b": "x" })],
  ["buckets that do not rise", (metrics: InstanceMetrics) => metrics.histogram("trellis_a", "A.", {}, [2, 1])],
  [
    "one name for two kinds",
    (metrics: InstanceMetrics) => {
      metrics.histogram("trellis_a", "A.");
      metrics.gauge("trellis_a", "A.", () => 1);
    },
  ],
])("refuses %s", (_, ask) => {
  expect(() => ask(testMetrics())).toThrow(expect.objectContaining({ code: "invalid-app" }));
});
