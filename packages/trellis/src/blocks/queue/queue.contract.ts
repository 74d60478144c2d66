import { failuresContract } from "./contract/failures.contract.ts";
import { handingOutContract } from "./contract/handing-out.contract.ts";
import type { NewTestJobs } from "./contract/test-jobs.contract.ts";
import { transactionsContract } from "./contract/transactions.contract.ts";

/** What every engine of queues promises. */
export function queueContract(newJobs: NewTestJobs): void {
  handingOutContract(newJobs);
  transactionsContract(newJobs);
  failuresContract(newJobs);
}
