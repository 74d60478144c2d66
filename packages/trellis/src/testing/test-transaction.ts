import { openTransaction, type Transaction } from "../model/transaction.ts";

/** A transaction of no database: for tests of what takes effect with a commit. */
export interface TestTransaction {
  readonly tx: Transaction;
  /** Runs what was to run after the commit, in order. */
  commit(): void;
  rollback(): void;
}

/** Statements in it fail: whoever writes rows needs a database. */
export function testTransaction(): TestTransaction {
  const afterCommit: (() => void)[] = [];
  let isOpen = true;
  const end = (): void => {
    if (!isOpen) throw new Error("The transaction has ended.");
    isOpen = false;
  };
  const tx = openTransaction({
    query: noTables,
    defer: noTables,
    afterCommit: (run) => {
      if (!isOpen) throw new Error("The transaction has ended.");
      afterCommit.push(run);
    },
  });
  return {
    tx,
    commit: () => {
      end();
      for (const run of afterCommit) run();
    },
    rollback: end,
  };
}

const noTables = (): Promise<never> => Promise.reject(new Error("A test transaction has no tables; use a database."));
