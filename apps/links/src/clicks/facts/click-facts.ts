import { type Block, block } from "trellis/block";
import type { ClickReader } from "./click-reader.ts";

/** Declares what tells where clicks come from: one reader in each instance. */
export function clickFacts(): Block<"click-facts", ClickReader> {
  return block({
    kind: "click-facts",
    needs: [],
    limits: [
      {
        name: "user agents remembered",
        value: 10_000,
        unit: "entries",
        set: "fixed: nearly everybody has one of these",
      },
    ],
    open: async () => {
      // A parser and lists that whoever only reads declarations need not load.
      const [{ ClickReader }, { UserAgents }] = await Promise.all([
        import("./click-reader.ts"),
        import("./user-agents.ts"),
      ]);
      return { handle: new ClickReader(new UserAgents()) };
    },
  });
}
