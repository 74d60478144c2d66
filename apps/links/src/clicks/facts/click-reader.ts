import type { Request } from "trellis";
import type { LinksRoute } from "../../contract.ts";
import type { Click } from "../click.ts";
import { visitorMark } from "../sketch.ts";
import { referrerHost } from "./referrer-host.ts";
import type { UserAgents } from "./user-agents.ts";

/** What a click tells by itself, whoever answered it. */
export interface Followed {
  readonly method: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly client: Request<LinksRoute<"follow">>["client"];
  readonly userAgent: string | undefined;
  readonly referer: string | undefined;
}

/** Tells what is known of a click, in two microseconds; what tells who it was is let go of at once. */
export class ClickReader {
  readonly #userAgents: UserAgents;

  constructor(userAgents: UserAgents) {
    this.#userAgents = userAgents;
  }

  read(link: number, { method, at, client, userAgent = "", referer }: Followed): Click {
    const { series, bot, crawler, device, browser, os } = this.#userAgents.facts(userAgent);
    const click: Click = {
      link,
      at,
      series: method === "HEAD" ? "heads" : series,
      country: client.country,
      referrer: referrerHost(referer),
      device,
      browser,
      os,
      bot,
      crawler,
    };
    if (click.series === "humans") click.visitor = markOf(client.visitor);
    return click;
  }
}

function markOf(visitor: number | undefined): number | undefined {
  return visitor === undefined ? undefined : visitorMark(visitor);
}
