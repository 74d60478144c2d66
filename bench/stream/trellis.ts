import { anyone, app, contract, database, get, type Handles, service, stream } from "trellis";
import { startTestApp } from "trellis/testing";
import { z } from "zod";
import { callers, consumedAtOnce, eachOf, measureStream, partitions } from "./workload.ts";

const Click = z.object({
  code: z.string(),
  at: z.int(),
  country: z.string(),
  referrer: z.string().nullable(),
  device: z.string(),
  browser: z.string(),
  series: z.string(),
});

const uses = {
  db: database({ migrations: import.meta.resolve("./migrations/") }),
  clicks: stream(Click, { key: ({ code }) => code, partitions, batch: consumedAtOnce }),
};

/** The consumer waits here while it is not its turn. */
let gate = Promise.withResolvers<void>();
let handled = 0;
let given = 0;
let use: Handles<typeof uses> | undefined;

const benchedContract = contract("benched", { open: get("/open", { returns: z.object({}), allow: anyone }) });
const benched = service(benchedContract, {
  uses,
  routes: {
    open: (_request, handles) => {
      use = handles;
      return {};
    },
  },
  consumes: {
    clicks: async ({ events }) => {
      await gate.promise;
      handled += events.length;
    },
  },
});

const running = await startTestApp(app({ services: [benched] }), {
  instances: 1,
  environment: { NODE_ENV: "production", TRELLIS_METRICS: "no" },
});
await (await running.client(benchedContract)).open();
if (!use) throw new Error("The route was not asked.");
const { db, clicks } = use;

await measureStream({
  async append(batches) {
    await eachOf(batches, callers, (batch) => clicks.append(...batch));
    given += batches.reduce((sum, { length }) => sum + length, 0);
  },
  async consume() {
    gate.resolve();
    await until(async () => handled >= given && (await clicks.account()).lag === 0);
    gate = Promise.withResolvers();
  },
  async commitSingly(events, connections) {
    const before = (await clicks.account()).lag;
    await eachOf(events, connections, (click) => db.transaction((tx) => clicks.in(tx).append(click)));
    given += events.length;
    // All are committed; now the last ones are on their way into the log.
    await until(async () => (await clicks.account()).lag >= before + events.length);
  },
  end: () => running.stop(),
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 1));
}
