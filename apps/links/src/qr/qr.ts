import type { Request } from "trellis";
import { type LinksRoute, UnknownCode } from "../contract.ts";
import { findLink } from "../find-link.ts";
import type { Use } from "../uses.ts";
import { qrPng, qrSvg } from "./qr-image.ts";

/** A link's short address as an image that telephones read. */
export async function qr({ params, query, actor, origin }: Request<LinksRoute<"qr">>, { db }: Use) {
  const link = await findLink(db.replica, actor.workspace, params.code);
  if (!link) return UnknownCode({ code: params.code });
  const address = `${origin}/${link.code}`;
  return query.format === "png"
    ? { type: "image/png" as const, bytes: qrPng(address, query.size) }
    : { type: "image/svg+xml" as const, bytes: qrSvg(address, query.size) };
}
