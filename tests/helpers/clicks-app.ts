import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { read } from "./notes-app.ts";

/** Inside the repository, so that `trellis` and `zod` are found; ignored by git. */
const place = join(import.meta.dirname, "../../.trellis/tests");

const migration = "create table seen (id text not null);";

const config = `
import { anyone, app, contract, database, get, redirect, service, stream } from "trellis";
import { z } from "zod";

const Click = z.object({ id: z.string() });
const whole = z.int();

const clicksContract = contract("clicks", {
  follow: get("/f/:id", { returns: redirect(), allow: anyone }),
  seen: get("/v1/seen", { returns: z.object({ ids: z.array(z.string()) }), allow: anyone }),
  account: get("/v1/account", {
    returns: z.object({ spooled: whole, inSpools: whole, forwarded: whole, unlogged: whole, lag: whole, setAside: whole }),
    allow: anyone,
  }),
});

const clicks = service(clicksContract, {
  uses: {
    db: database({ migrations: import.meta.resolve("./migrations/") }),
    clicks: stream(Click, { key: ({ id }) => id }),
  },
  routes: {
    follow: ({ params }, { clicks }) => {
      clicks.spool({ id: params.id });
      return { to: "https://example.com/" + params.id };
    },
    seen: async (_request, { db }) => ({ ids: (await db.selectFrom("seen").select("id").execute()).map(({ id }) => id) }),
    account: (_request, { clicks }) => clicks.account(),
  },
  consumes: {
    clicks: async ({ events, tx }, { db }) => {
      await db.in(tx).insertInto("seen").values(events).execute();
    },
  },
});

export default app({ services: [clicks], instances: { web: 2, worker: 1 } });
`;

/** An app whose one route spools a click and redirects, in a folder of its own, for the length of a test. */
export function clicksApp(): { readonly folder: string; readonly data: string } {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "clicks-"));
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "trellis.config.ts"), config);
  writeFileSync(join(folder, "migrations/0001_seen.sql"), migration);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, data: join(folder, ".trellis") };
}

export interface Account {
  readonly spooled: number;
  readonly inSpools: number;
  readonly forwarded: number;
  readonly unlogged: number;
  readonly lag: number;
  readonly setAside: number;
}

export const account = (url: string): Promise<Account> => read<Account>(`${url}/v1/account`);

/** The ids of the clicks that the consumer has been given, sorted. */
export async function seen(url: string): Promise<readonly string[]> {
  return (await read<{ ids: readonly string[] }>(`${url}/v1/seen`)).ids.toSorted();
}

/** Asks again and again, several at a time, each time with another id. */
export class ClickLoad {
  /** The ids whose answers were read. */
  readonly answered: string[] = [];
  /** How many questions got no answer: their instance was killed. */
  failed = 0;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #name: string;
  #ended = false;
  #loops: readonly Promise<void>[] = [];
  #url = "";

  constructor(name: string) {
    this.#name = name;
    onTestFinished(() => this.cut());
  }

  begin(url: string, atOnce = 16): void {
    this.#url = url;
    this.#loops = Array.from({ length: atOnce }, (_, loop) => this.#loop(`${this.#name}-${loop}`));
  }

  /** Resolves when so many more were answered. */
  async answers(more: number): Promise<void> {
    const enough = this.answered.length + more;
    while (this.answered.length < enough && !this.#ended) await new Promise(setImmediate);
  }

  /** Ends with the answers that are on their way. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#loops);
    this.#agent.destroy();
  }

  /** Ends at once: a connection that was just being handed to an instance that was killed is never answered. */
  async cut(): Promise<void> {
    this.#ended = true;
    this.#agent.destroy();
    await Promise.all(this.#loops);
  }

  async #loop(name: string): Promise<void> {
    for (let count = 0; !this.#ended; count += 1) {
      const id = `${name}-${count}`;
      if (await follow(this.#url, id, this.#agent)) this.answered.push(id);
      else this.failed += 1;
    }
  }
}

/** Whether it was answered. */
export function follow(url: string, id: string, agent?: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = get(`${url}/f/${id}`, { ...(agent ? { agent } : {}) }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode === 302));
      answer.once("error", () => resolve(false));
    });
    asking.once("error", () => resolve(false));
    asking.once("close", () => resolve(false));
  });
}
