import type { Clock } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Log } from "../model/log.ts";
import type { Counter, Histogram, Labels, Metrics, Readings } from "../model/metrics.ts";
import { type Family, family, labelled, type Sample } from "./family.ts";
import { CounterFigure, HistogramFigure, secondsBuckets } from "./figures.ts";
import { readMsMax, seriesMax } from "./limits.ts";

export interface InstanceMetricsOptions {
  /** Every figure carries these: whose it is. */
  readonly labels: Labels & { readonly instance: string };
  readonly clock: Clock;
  readonly log: Log;
}

type Read = () => Readings | Promise<Readings>;

interface Group<Figure> {
  readonly help: string;
  readonly series: Map<string, Figure>;
}

interface ReadGroup {
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly reads: Read[];
}

const nameForm = /^[a-z][a-z0-9_]*$/;
const ownLabels = new Set(["instance", "role", "le"]);
const other = "other";

/** The figures of one instance: plain numbers until somebody looks. */
export class InstanceMetrics implements Metrics {
  readonly on = true;
  readonly #options: InstanceMetricsOptions;
  readonly #kinds = new Map<string, string>();
  readonly #counters = new Map<string, Group<CounterFigure>>();
  readonly #histograms = new Map<string, Group<HistogramFigure>>();
  readonly #reads = new Map<string, ReadGroup>();
  readonly #more: (() => Promise<readonly Family[]>)[] = [];

  constructor(options: InstanceMetricsOptions) {
    this.#options = options;
  }

  get instance(): string {
    return this.#options.labels.instance;
  }

  counter(name: string, help: string, labels: Labels = {}): Counter {
    this.#claim(name, "counter", name.endsWith("_total"), labels);
    return series(this.#counters, { name, help, labels }, (bound) => new CounterFigure(bound));
  }

  histogram(name: string, help: string, labels: Labels = {}, buckets: readonly number[] = secondsBuckets): Histogram {
    const rises = buckets.every((bound, at) => at === 0 || bound > (buckets[at - 1] as number));
    this.#claim(name, "histogram", rises, labels);
    this.#claim(`${name}_max`, "peak", true, labels);
    return series(this.#histograms, { name, help, labels }, (bound) => new HistogramFigure(bound, buckets));
  }

  gauge(name: string, help: string, read: Read): void {
    this.#read("gauge", name, help, read);
  }

  /** As `gauge`, for what only grows and is counted elsewhere. Its name ends in `_total`. */
  total(name: string, help: string, read: Read): void {
    this.#read("counter", name, help, read);
  }

  /** More figures, made when somebody looks: those of the process. */
  also(families: () => Promise<readonly Family[]>): void {
    this.#more.push(families);
  }

  /** All values of a histogram's series together, without looking at anything else; undefined where there is none. */
  counted(name: string): { readonly bounds: readonly number[]; readonly counts: readonly number[] } | undefined {
    const series = [...(this.#histograms.get(name)?.series.values() ?? [])];
    const [first] = series;
    if (!first) return undefined;
    const counts = Array.from(first.counts, (_, bucket) =>
      series.reduce((sum, figure) => sum + (figure.counts[bucket] ?? 0), 0),
    );
    return { bounds: first.bounds, counts };
  }

  /** What all figures are now. Peaks begin anew. */
  async look(): Promise<readonly Family[]> {
    const counted = [...this.#counters].map(([name, { help, series }]) =>
      family("counter", name, help, [...series.values()]),
    );
    const distributed = [...this.#histograms].flatMap(([name, { help, series }]) => [
      family(
        "histogram",
        name,
        help,
        [...series.values()].flatMap((figure) => histogramSamples(name, figure)),
      ),
      family(
        "gauge",
        `${name}_max`,
        `${help.replace(/\.$/, "")}: the largest since somebody last looked.`,
        [...series.values()].map((figure) => ({ labels: figure.labels, value: figure.takePeak() })),
      ),
    ]);
    const read = await Promise.all([...this.#reads].map(([name, group]) => this.#readings(name, group)));
    const more = await Promise.all(this.#more.map((families) => this.#inTime("process", families, [])));
    return labelled([...counted, ...distributed, ...read, ...more.flat()], this.#options.labels);
  }

  #read(type: ReadGroup["type"], name: string, help: string, read: Read): void {
    this.#claim(name, type, name.endsWith("_total") === (type === "counter"), {});
    const group = this.#reads.get(name) ?? { type, help, reads: [] };
    group.reads.push(read);
    this.#reads.set(name, group);
  }

  async #readings(name: string, { type, help, reads }: ReadGroup): Promise<Family> {
    const readings = await Promise.all(
      reads.map((read) => this.#inTime(name, async () => samplesOf(await read()), [])),
    );
    return family(type, name, help, readings.flat());
  }

  /** What cannot be known now is left out: the other figures are worth the more. */
  async #inTime<T>(name: string, read: () => Promise<T>, instead: T): Promise<T> {
    const { clock, log } = this.#options;
    const late = Promise.withResolvers<T>();
    const timer = clock.after(readMsMax, () => late.reject(new Error(`No answer in ${readMsMax} ms`)));
    try {
      return await Promise.race([read(), late.promise]);
    } catch (error) {
      log.debug("A figure could not be read", { metric: name, error });
      return instead;
    } finally {
      timer.cancel();
    }
  }

  /** One name, one kind: two families of one name are no valid exposition. */
  #claim(name: string, kind: string, fits: boolean, labels: Labels): void {
    const badLabel = Object.keys(labels).find((label) => !nameForm.test(label) || ownLabels.has(label));
    const known = this.#kinds.get(name) ?? kind;
    if (!nameForm.test(name) || !fits || badLabel !== undefined || known !== kind)
      throw new TrellisError("invalid-app", {
        says: `No ${kind} can have the name "${name}"${badLabel === undefined ? "" : ` and the label "${badLabel}"`}`,
        cure: "Write names as `trellis_PART_WHAT_UNIT`, those of counters ending in `_total`; one kind a name, buckets that rise, and no label named instance, role or le.",
      });
    this.#kinds.set(name, kind);
  }
}

/** The figure of these labels: the same each time. Those beyond the limit share one, whose labels say "other". */
function series<Figure>(
  groups: Map<string, Group<Figure>>,
  { name, help, labels }: { readonly name: string; readonly help: string; readonly labels: Labels },
  make: (labels: Labels) => Figure,
): Figure {
  const group = groups.get(name) ?? { help, series: new Map<string, Figure>() };
  groups.set(name, group);
  const keyOf = (of: Labels): string => JSON.stringify(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)));
  const known = group.series.get(keyOf(labels));
  if (known) return known;
  const bound =
    group.series.size < seriesMax ? labels : Object.fromEntries(Object.keys(labels).map((label) => [label, other]));
  const figure = group.series.get(keyOf(bound)) ?? make(bound);
  group.series.set(keyOf(bound), figure);
  return figure;
}

function histogramSamples(name: string, { labels, bounds, counts, sum }: HistogramFigure): readonly Sample[] {
  let count = 0;
  const buckets = [...counts].map((inBucket, at) => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[at] ?? "+Inf" }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function samplesOf(readings: Readings): readonly Sample[] {
  return typeof readings === "number" ? [{ labels: {}, value: readings }] : readings;
}
