import type { EdgeEvent } from "trellis";
import type { Click } from "./clicks/click.ts";
import type { LinksRoute } from "./contract.ts";
import { findDestination, loadDestination } from "./find-destination.ts";
import type { Use } from "./uses.ts";

/** The click that `follow` would have written down, had the edge not answered in its place. */
export async function followedAtTheEdge(
  { method, params: { code }, status, at, client, headers }: EdgeEvent<LinksRoute<"follow">>,
  use: Use,
): Promise<Click | undefined> {
  if (status < 300 || status >= 400) return undefined;
  // It did lead somewhere: what this instance remembers of before it was made is not believed.
  const link = (await findDestination(code, use)) ?? (await loadDestination(use.db, code));
  return (
    link && use.facts.read(link.id, { method, at, client, userAgent: headers["user-agent"], referer: headers.referer })
  );
}
