import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { read } from "./notes-app.ts";

/** Inside the repository, so that `trellis` and `zod` are found; ignored by git. */
const place = join(import.meta.dirname, "../../.trellis/tests");

const migration = `
create table placed (number int primary key);
create table shipped (nth bigint generated always as identity, number int not null, customer text not null, pid int not null);
create table held (pid int not null);
`;

const config = `
import { anyone, app, contract, created, database, get, post, service, stream } from "trellis";
import { z } from "zod";

const Order = z.object({ number: z.int(), customer: z.string() });
const Shipped = z.object({ number: z.int(), customer: z.string(), pid: z.int() });

const ordersContract = contract("orders", {
  place: post("/v1/orders", { body: z.object({ from: z.int(), to: z.int() }), returns: created(z.object({})), allow: anyone }),
  shipped: get("/v1/shipped", { returns: z.array(Shipped), allow: anyone }),
  /** The process freezes once, within its next batch: its connection stays open, its transaction too. */
  hold: post("/v1/hold", { body: z.object({ pid: z.int() }), returns: z.object({}), allow: anyone }),
});

let hasFrozen = false;

const orders = service(ordersContract, {
  uses: {
    db: database({ migrations: import.meta.resolve("./migrations/") }),
    placed: stream(Order, { key: ({ customer }) => customer, batch: 50 }),
  },
  routes: {
    place: ({ body }, { db, placed }) =>
      db.transaction(async (tx) => {
        const numbers = Array.from({ length: body.to - body.from }, (_, index) => body.from + index);
        await db.in(tx).insertInto("placed").values(numbers.map((number) => ({ number }))).execute();
        await placed.in(tx).append(...numbers.map((number) => ({ number, customer: "customer " + (number % 16) })));
        return {};
      }),
    shipped: (_request, { db }) => db.selectFrom("shipped").select(["number", "customer", "pid"]).orderBy("nth").execute(),
    hold: async ({ body }, { db }) => {
      await db.insertInto("held").values(body).execute();
      return {};
    },
  },
  consumes: {
    placed: async ({ events, tx }, { db }) => {
      const rows = events.map((order) => ({ ...order, pid: process.pid }));
      await db.in(tx).insertInto("shipped").values(rows).execute();
      const held = await db.in(tx).selectFrom("held").select("pid").where("pid", "=", process.pid).execute();
      if (held.length === 0 || hasFrozen) return;
      hasFrozen = true;
      process.kill(process.pid, "SIGSTOP");
    },
  },
});

export default app({ services: [orders], instances: { web: 1, worker: 2 } });
`;

/** An app that places orders in transactions and ships them in two workers, for the length of a test. */
export function ordersApp(): { readonly folder: string } {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "orders-"));
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "trellis.config.ts"), config);
  writeFileSync(join(folder, "migrations/0001_orders.sql"), migration);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder };
}

export interface Shipped {
  readonly number: number;
  readonly customer: string;
  /** The process that shipped it. */
  readonly pid: number;
}

export const shipped = (url: string): Promise<readonly Shipped[]> => read<readonly Shipped[]>(`${url}/v1/shipped`);

/** Places the orders from `from` to before `to`, in one transaction. */
export const placeOrders = (url: string, from: number, to: number): Promise<void> =>
  post(`${url}/v1/orders`, { from, to });

/** Makes the process freeze within its next batch. */
export const hold = (url: string, pid: number): Promise<void> => post(`${url}/v1/hold`, { pid });

async function post(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}
