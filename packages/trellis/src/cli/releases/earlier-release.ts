import { existsSync } from "node:fs";
import { TrellisError } from "../../model/errors.ts";
import type { ReleaseRecord } from "../../supervisor/state.ts";

export interface KnownReleases {
  /** Oldest first. */
  readonly releases: readonly ReleaseRecord[];
  /** The one that serves. */
  readonly current: ReleaseRecord | undefined;
}

/**
 * The release of that number, or the last one that served before the present one. Throws `usage` where there is none, and
 * `release-gone` where its code is not kept any more, with those that can be gone back to.
 */
export function earlierRelease(known: KnownReleases, to?: number): ReleaseRecord {
  const { releases, current } = known;
  const wanted =
    to === undefined
      ? releases.findLast(({ state }) => state === "replaced")
      : releases.find(({ number }) => number === to);
  if (wanted && wanted.number === current?.number)
    throw new TrellisError("usage", { says: `Release ${to} is the one that serves`, cure: cureFrom(known) });
  if (!wanted) {
    const says = to === undefined ? "No release served before this one" : `There is no release ${to}`;
    throw new TrellisError("usage", { says, cure: cureFrom(known) });
  }
  if (existsSync(wanted.config)) return wanted;
  throw new TrellisError("release-gone", {
    says: `The code of release ${wanted.number} is not kept any more`,
    cure: `${cureFrom(known)} What is older is deployed anew, as by \`trellis deploy REF\`.`,
  });
}

/** Names those that once served, whose code is still there. */
function cureFrom({ releases, current }: KnownReleases): string {
  const numbers = releases
    .filter(({ number, state }) => number !== current?.number && (state === "replaced" || state === "rolled-back"))
    .filter(({ config }) => existsSync(config))
    .map(({ number }) => number)
    .toReversed();
  if (numbers.length === 0) return "There is none to go back to: see `trellis releases`.";
  return `Go back to ${numbers.join(" or ")} with \`trellis rollback N\`: see \`trellis releases\`.`;
}
