import type { Queries } from "trellis";
import { type Block, block } from "trellis/block";
import { Codes } from "./codes.ts";
import { isReserved } from "./reserved.ts";
import type { Tables } from "./tables.ts";

/** How many ids an instance takes at once. What it has not used when it ends is never used: there are enough. */
export const leaseIds = 1_000;

/** Fewer left than these: the next ones are fetched before anybody has to wait for them. */
const fetchAheadIds = leaseIds / 5;

/** The id and the code of a link to be. */
export interface Minted {
  readonly id: bigint;
  readonly code: string;
}

/** Declares where new links get their ids and codes: one mint in each instance. */
export function codeMint(): Block<"codes", CodeMint> {
  return block({
    kind: "codes",
    needs: [],
    limits: [
      { name: "ids of a lease", value: leaseIds, unit: "entries", set: "fixed: an instance's share for minutes" },
    ],
    open: () => ({ handle: new CodeMint() }),
  });
}

/**
 * Gives new links their ids, leased from the database many at a time, so that no two instances give the same and none
 * asks for each. Ids are given outside of transactions: one that is rolled back leaves a gap.
 */
export class CodeMint {
  #codes: Promise<Codes> | undefined;
  #lease: Lease = { next: 0, end: 0 };
  #ahead: Promise<Lease> | undefined;

  async take(queries: Queries<Tables>): Promise<Minted> {
    const codes = await this.codes(queries);
    for (;;) {
      while (this.#lease.next >= this.#lease.end) await this.#renewLease(queries);
      const id = this.#lease.next++;
      if (this.#lease.end - id <= fetchAheadIds) void this.#fetchAhead(queries);
      const code = codes.codeOf(id);
      if (!isReserved(code)) return { id: BigInt(id), code };
    }
  }

  /** This installation's permutation. */
  codes(queries: Queries<Tables>): Promise<Codes> {
    this.#codes ??= readKey(queries).catch((error: unknown) => {
      this.#codes = undefined;
      throw error;
    });
    return this.#codes;
  }

  async #renewLease(queries: Queries<Tables>): Promise<void> {
    const ahead = this.#fetchAhead(queries);
    const lease = await ahead;
    // Of all who waited for it, the first one takes it.
    if (this.#ahead !== ahead) return;
    this.#lease = lease;
    this.#ahead = undefined;
  }

  #fetchAhead(queries: Queries<Tables>): Promise<Lease> {
    if (this.#ahead !== undefined) return this.#ahead;
    const ahead = leaseMore(queries);
    this.#ahead = ahead;
    // Whoever needs the lease hears of the failure; one that was only fetched ahead of need is tried again then.
    ahead.catch(() => {
      if (this.#ahead === ahead) this.#ahead = undefined;
    });
    return ahead;
  }
}

/** Ids from `next` up to, not including, `end`. */
interface Lease {
  next: number;
  readonly end: number;
}

async function leaseMore(queries: Queries<Tables>): Promise<Lease> {
  const { next } = await queries
    .updateTable("id_lease")
    .set((row) => ({ next: row("next", "+", BigInt(leaseIds)) }))
    .returning("next")
    .executeTakeFirstOrThrow();
  const end = Number(next);
  return { next: end - leaseIds, end };
}

async function readKey(queries: Queries<Tables>): Promise<Codes> {
  const { key } = await queries.selectFrom("code_key").select("key").executeTakeFirstOrThrow();
  return new Codes(key);
}
