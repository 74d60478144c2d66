import type { ExposedFamily } from "../../packages/trellis/src/telemetry/parse-exposition.contract.ts";

/** On every figure, or only on the parts of a histogram. */
const everywhere = new Set(["instance", "role", "le"]);

/** What docs/telemetry.md says of Trellis's own metrics, as an app shows them: each histogram without its largest value. */
export function metricsTable(families: ReadonlyMap<string, ExposedFamily>): string {
  const rows = [...families]
    .filter(([name]) => name.startsWith("trellis_") && !isPeak(name, families))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { type, help, samples }]) => {
      const labels = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))]
        .filter((label) => !everywhere.has(label))
        .sort()
        .map((label) => `\`${label}\``);
      const cells = [`\`${name}\``, type, labels.join(", "), help.replace(/\.$/, "")];
      return `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;
    });
  return ["| metric | kind | labels | what it counts |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function isPeak(name: string, families: ReadonlyMap<string, ExposedFamily>): boolean {
  return name.endsWith("_max") && families.get(name.slice(0, -"_max".length))?.type === "histogram";
}
