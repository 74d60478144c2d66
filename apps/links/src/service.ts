import { service } from "trellis";
import { archive } from "./archive.ts";
import { change } from "./change.ts";
import { linksContract, UnknownCode } from "./contract.ts";
import { findLink, toLink } from "./find-link.ts";
import { follow } from "./follow.ts";
import { list } from "./list.ts";
import { shorten } from "./shorten.ts";
import { uses } from "./uses.ts";
import { versions } from "./versions.ts";

/** How Links keeps its contract: one file a use case. */
export const links = service(linksContract, {
  uses,
  routes: {
    shorten,
    list,
    read: async ({ params, actor, origin }, { db }) => {
      const link = await findLink(db.replica, actor.workspace, params.code);
      return link ? toLink(link, origin) : UnknownCode({ code: params.code });
    },
    change,
    versions,
    archive,
    follow,
  },
});
