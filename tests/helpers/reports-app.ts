import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Inside the repository, so that `trellis` and `zod` are found; ignored by git. */
const place = join(import.meta.dirname, "../../.trellis/tests");

const config = `
import { anyone, app, calls, contract, get, post, service } from "trellis";
import { z } from "zod";

const Done = z.object({ pid: z.int() });
const reportsContract = contract("reports", {
  day: get("/v1/reports/day", { returns: Done, allow: anyone }),
  batch: post("/v1/reports/batch", { body: z.object({ forMs: z.int() }), returns: Done, allow: anyone }),
});
const reports = service(reportsContract, {
  uses: {},
  routes: {
    day: () => ({ pid: process.pid }),
    batch: ({ body }) => {
      const end = performance.now() + body.forMs;
      while (performance.now() < end);
      return { pid: process.pid };
    },
  },
});

const shopContract = contract("shop", {
  hello: get("/v1/hello", { returns: Done, allow: anyone }),
  day: get("/v1/day", {
    returns: z.object({ pid: z.int().nullable(), because: z.string().nullable(), tookMs: z.number() }),
    allow: anyone,
  }),
  batch: post("/v1/batch", { body: z.object({ forMs: z.int() }), returns: Done, allow: anyone }),
});
const shop = service(shopContract, {
  uses: { reports: calls(reportsContract, { deadline: "DEADLINE" }) },
  routes: {
    hello: () => ({ pid: process.pid }),
    day: async (_request, { reports }) => {
      const begun = performance.now();
      const tried = await reports.day.try();
      const tookMs = performance.now() - begun;
      if (tried.ok) return { pid: tried.value.pid, because: null, tookMs };
      return { pid: null, because: tried.failure.detail.because, tookMs };
    },
    batch: ({ body }, { reports }) => reports.batch({ body }),
  },
});

export default app({ services: [shop, reports], SPLIT });
`;

interface ReportsOptions {
  readonly split: boolean;
  readonly deadlineMs: number;
  /** Of reports, where it is split out: 1 unless said. */
  readonly instances?: { readonly min: number; readonly max: number };
}

/** A shop that asks reports, with reports in the same instances or split out. */
export function reportsApp({ split, deadlineMs, instances }: ReportsOptions) {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "reports-"));
  const reports = { role: "worker", ...(instances ? { instances } : {}) };
  const file = join(folder, "trellis.config.ts");
  const text = config
    .replace("SPLIT", `split: ${JSON.stringify(split ? { reports } : {})}`)
    .replace("DEADLINE", `${deadlineMs}ms`);
  writeFileSync(file, text);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const edit = (before: string, after: string) => writeFileSync(file, text.replace(before, after));
  return { folder, edit };
}
