import type { Request } from "trellis";
import { LinkArchived, type LinksRoute, UnknownCode } from "./contract.ts";
import { findDestination } from "./find-destination.ts";
import { isCode } from "./find-link.ts";
import type { Use } from "./uses.ts";

/**
 * Leads to a link's target and writes the click down: the path that nearly all requests take where no gateway answers, so
 * that the answer is what the cache holds, and what cannot be a code reaches neither cache nor database. Nothing that
 * becomes of the click can hold up or spoil the answer.
 */
export async function follow(request: Request<LinksRoute<"follow">>, use: Use) {
  const { code } = request.params;
  if (!isCode(code)) return UnknownCode({ code });
  const found = await findDestination(code, use);
  if (found === undefined) return UnknownCode({ code });
  if (!("to" in found)) return LinkArchived({ code });
  // Those whom the edge gives what it has asked for are clicks of their own.
  if (!request.refreshes)
    use.clicks.spool(
      use.facts.read(found.id, {
        method: request.method,
        at: request.now(),
        client: request.client,
        userAgent: request.header("user-agent"),
        referer: request.header("referer"),
      }),
    );
  return found;
}
