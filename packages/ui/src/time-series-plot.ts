import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatCompact, formatCount, timeFormatter } from "./format.ts";
import { stepFormatter } from "./step-formatter.ts";
import type { TimeSeriesLine } from "./time-series-props.ts";

interface Shown {
  readonly data: uPlot.AlignedData;
  readonly lines: readonly TimeSeriesLine[];
  readonly unit: "hour" | "day";
}

const height = 208;
/** The last label of the time axis stands in it. */
const rightPadding = 20;
const dashes = { main: [], second: [5, 4], third: [1.5, 3.5] } as const;

/** uPlot in the colours of the page, with a tooltip. Made anew where the scheme or the lines change. */
export class TimeSeriesPlot {
  readonly #plot: uPlot;
  readonly #tip: HTMLElement;
  readonly #resizing: ResizeObserver;
  readonly #shown: Shown;
  readonly #step: (atMs: number) => string;

  constructor(host: HTMLElement, shown: Shown) {
    this.#shown = shown;
    this.#step = stepFormatter(shown.unit);
    this.#tip = document.createElement("div");
    this.#tip.className = "time-series-tip";
    this.#tip.hidden = true;
    this.#plot = new uPlot(this.#options(host), shown.data, host);
    this.#plot.over.append(this.#tip);
    this.#resizing = new ResizeObserver(() => {
      if (host.clientWidth > 0) this.#plot.setSize({ width: host.clientWidth, height });
    });
    this.#resizing.observe(host);
  }

  /** Moves the lines to other figures. */
  show(data: uPlot.AlignedData): void {
    this.#plot.setData(data);
  }

  destroy(): void {
    this.#resizing.disconnect();
    this.#plot.destroy();
  }

  #options(host: HTMLElement): uPlot.Options {
    const style = getComputedStyle(host);
    const colour = (token: string) => resolved(host, token);
    const font = `12px ${style.fontFamily}`;
    const axis = { stroke: colour("--text-second"), font, ticks: { show: false } } as const;
    return {
      width: host.clientWidth,
      height,
      padding: [8, rightPadding, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, width: 2 } },
      scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, niceTop(high)] } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 64,
          size: 30,
          gap: 6,
          values: (_plot, at) => axisLabels(at, this.#shown.unit),
        },
        {
          ...axis,
          grid: { stroke: colour("--line"), width: 1 },
          size: 44,
          gap: 8,
          splits: (_plot, _axis, _low, high) => [0, high / 2, high],
          values: (_plot, counts) =>
            counts.map((count) => (count < 10_000 ? formatCount(count) : formatCompact(count))),
        },
      ],
      series: [
        {},
        ...this.#shown.lines.map(({ name, tone }) => ({
          label: name,
          stroke: colour(tone === "main" ? "--accent" : "--text-second"),
          width: tone === "main" ? 2 : 1.5,
          dash: [...dashes[tone]],
          points: { show: false },
          ...(tone === "main" ? { fill: colour("--accent-soft") } : {}),
        })),
      ],
      hooks: { setCursor: [(plot) => this.#point(plot)] },
    };
  }

  /** Names time and values under the pointer, beside it and never beyond the plot. */
  #point(plot: uPlot): void {
    const { idx, left } = plot.cursor;
    const at = idx === null || idx === undefined ? undefined : plot.data[0][idx];
    this.#tip.hidden = at === undefined || left === undefined || left < 0;
    if (at === undefined || left === undefined || this.#tip.hidden) return;
    const rows = this.#shown.lines.map(({ name }, index) => row(name, plot.data[index + 1]?.[idx ?? 0] ?? 0));
    const time = document.createElement("b");
    time.textContent = this.#step(at * 1_000);
    this.#tip.replaceChildren(time, ...rows);
    const { offsetWidth } = this.#tip;
    const beside = left + 12 + offsetWidth > plot.over.clientWidth ? left - 12 - offsetWidth : left + 12;
    this.#tip.style.transform = `translate(${Math.max(0, beside)}px, 0)`;
  }
}

function row(name: string, value: number): HTMLElement {
  const element = document.createElement("span");
  const count = document.createElement("span");
  count.textContent = formatCount(value);
  element.append(name, count);
  return element;
}

/** A canvas knows no custom properties and no `light-dark()`, so the colour is asked from an element that has it. */
function resolved(host: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The next round number, and an even one, so that its half is a whole number too. */
function niceTop(high: number | null): number {
  const least = Math.max(high ?? 0, 4);
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const steps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];
  const top = magnitude * (steps.find((step) => step * magnitude >= least) ?? 10);
  return Math.ceil(top / 2) * 2;
}

const hourLabel = timeFormatter({ hour: "2-digit", minute: "2-digit" });
const dayLabel = timeFormatter({ day: "numeric", month: "short" });
const utcDayLabel = timeFormatter({ day: "numeric", month: "short", timeZone: "UTC" });
const daySeconds = 86_400;

function axisLabels(at: readonly number[], unit: "hour" | "day"): string[] {
  const wide = (at[1] ?? 0) - (at[0] ?? 0) >= daySeconds / 2;
  const label = unit === "day" ? utcDayLabel : wide ? dayLabel : hourLabel;
  return at.map((seconds) => label(seconds * 1_000));
}
