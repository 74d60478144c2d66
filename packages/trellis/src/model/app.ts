import { TrellisError } from "./errors.ts";
import { checkSplit, type InstanceCount, type Split } from "./group.ts";
import type { Service } from "./service.ts";

/** The services of one installation and how many instances run them: what `trellis.config.ts` exports. */
export interface App {
  readonly services: readonly Service[];
  /** How many instances of each role one machine runs: 2 web and 1 worker unless said otherwise. `{ min, max }`: as their load asks for. */
  readonly instances?: { readonly web?: InstanceCount; readonly worker?: InstanceCount };
  /** Services that run in instances of their own, by name: `{ reports: { role: "worker" } }`. Their code stays as it is. */
  readonly split?: Readonly<Record<string, Split>>;
}

export function app(options: App): App {
  const names = new Set<string>();
  for (const { contract } of options.services) {
    if (names.has(contract.name))
      throw new TrellisError("invalid-app", {
        says: `Two services are named "${contract.name}"`,
        cure: "Give each contract a name of its own.",
      });
    names.add(contract.name);
  }
  checkSplit(options.split ?? {}, names);
  return options;
}
