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
    open: async ({ folder, log }) => {
      // A parser and lists that whoever only reads declarations need not load.
      const [{ ClickReader }, { Countries }, { UserAgents }, { Visitors }] = await Promise.all([
        import("./click-reader.ts"),
        import("./countries.ts"),
        import("./user-agents.ts"),
        import("./visitors.ts"),
      ]);
      const countries = await Countries.open(folder, log);
      return {
        handle: new ClickReader(new UserAgents(), countries, new Visitors()),
        close: () => countries.close(),
      };
    },
  });
}
