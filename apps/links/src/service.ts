import { service } from "trellis";
import { archive } from "./archive.ts";
import { change } from "./change.ts";
import { breakdown } from "./clicks/breakdown.ts";
import { clicks } from "./clicks/clicks.ts";
import { countClicks } from "./clicks/count-clicks.ts";
import { live } from "./clicks/live/live.ts";
import { reconciliation } from "./clicks/reconciliation.ts";
import { linksContract } from "./contract.ts";
import { follow } from "./follow.ts";
import { followedAtTheEdge } from "./followed-at-the-edge.ts";
import { list } from "./list.ts";
import { qr } from "./qr/qr.ts";
import { read } from "./read.ts";
import { restore } from "./restore.ts";
import { rollback } from "./rollback.ts";
import { shorten } from "./shorten.ts";
import { uses } from "./uses.ts";
import { versions } from "./versions.ts";

/** How Links keeps its contract: one file a use case. */
export const links = service(linksContract, {
  uses,
  routes: {
    shorten,
    list,
    read,
    change,
    versions,
    rollback,
    archive,
    restore,
    clicks,
    breakdown,
    live,
    qr,
    reconciliation,
    follow,
  },
  edgeEvents: { follow: { stream: "clicks", event: followedAtTheEdge } },
  consumes: { clicks: countClicks },
  pages: { folder: import.meta.resolve("../web/dist/"), at: ["/", "/links/*", "/operations", "/sign-in"] },
});
