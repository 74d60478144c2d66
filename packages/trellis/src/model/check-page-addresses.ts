import { TrellisError } from "./errors.ts";
import type { Service } from "./service.ts";

const form = /^\/(?:[\w.~-]+\/)*(?:[\w.~-]+|\*)?$/;

/** Throws `invalid-app` where pages want an address that cannot be one, or that a route or other pages answer. */
export function checkPageAddresses(services: readonly Service[]): void {
  const owners = new Map<string, string>();
  for (const { contract } of services)
    for (const [name, { method, path }] of Object.entries(contract.routes))
      if (method === "GET") owners.set(path, `${contract.name}.${name}`);
  for (const { contract, pages } of services)
    for (const address of pages?.at ?? []) {
      if (!form.test(address))
        throw new TrellisError("invalid-app", {
          says: `The pages of ${contract.name} are wanted at "${address}", which is no address`,
          cure: 'Write addresses such as "/", "/links" or "/links/*".',
        });
      const owner = owners.get(address);
      if (owner !== undefined)
        throw new TrellisError("invalid-app", {
          says: `${owner} and the pages of ${contract.name} answer the same address, ${address}`,
          cure: "Give one of them another path.",
        });
      owners.set(address, `the pages of ${contract.name}`);
    }
}
