import type { ReporterOptions } from "knip";

/** Says how many files knip has read, so that scripts/check.ts can tell "nothing found" from "nothing read". */
export default function printFileCount({ counters }: ReporterOptions): void {
  console.log(`Read ${counters.total} files`);
}
