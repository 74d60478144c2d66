import { describe } from "vitest";
import { appendingContract } from "./contract/appending.contract.ts";
import { failingContract } from "./contract/failing.contract.ts";
import { keepingContract } from "./contract/keeping.contract.ts";
import { poisonContract } from "./contract/poison.contract.ts";
import { sharingContract } from "./contract/sharing.contract.ts";
import { type StreamGround, StreamTools } from "./contract/stream-tools.contract.ts";
import { transactionsContract } from "./contract/transactions.contract.ts";
import { watchingContract } from "./contract/watching.contract.ts";

/** What every engine of streams promises. */
export function streamContract(engineName: string, ground: () => StreamGround): void {
  const tools = new StreamTools(ground);
  describe(`streams: ${engineName}`, { timeout: 60_000 }, () => {
    appendingContract(tools);
    transactionsContract(tools);
    sharingContract(tools);
    failingContract(tools);
    poisonContract(tools);
    keepingContract(tools);
    watchingContract(tools);
  });
}
