import { TrellisError } from "../model/errors.ts";
import type { ReleaseShape } from "./state.ts";

/** The pool of that name, else the one that answers for the service of that name. Throws `usage` where there is neither. */
export function poolNamed({ groups, services }: ReleaseShape, name: string): string {
  const found =
    groups.find((group) => group.name === name) ??
    groups.find((group) => group.answers && group.services.includes(name));
  if (!found) requireService({ services }, name);
  return found?.name ?? name;
}

/** Throws `usage` where the app has no such service. */
export function requireService({ services }: Pick<ReleaseShape, "services">, name: string): void {
  if (services.includes(name)) return;
  throw new TrellisError("usage", {
    says: `The app has no service "${name}"`,
    cure: `Give one of ${services.join(", ")}.`,
  });
}
