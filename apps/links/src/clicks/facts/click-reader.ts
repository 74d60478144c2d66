import type { Queries, Request } from "trellis";
import type { LinksRoute } from "../../contract.ts";
import type { Tables } from "../../tables.ts";
import type { Click } from "../click.ts";
import type { Countries } from "./countries.ts";
import { referrerHost } from "./referrer-host.ts";
import type { UserAgents } from "./user-agents.ts";
import type { Visitors } from "./visitors.ts";

/** Tells what is known of a click, in two microseconds; what tells who it was is let go of at once. */
export class ClickReader {
  readonly #userAgents: UserAgents;
  readonly #countries: Countries;
  readonly #visitors: Visitors;

  constructor(userAgents: UserAgents, countries: Countries, visitors: Visitors) {
    this.#userAgents = userAgents;
    this.#countries = countries;
    this.#visitors = visitors;
  }

  /** Resolves when people can be told apart: once a day it takes a look at the database. */
  prepare(queries: Queries<Tables>, nowMs: number): Promise<void> {
    return this.#visitors.prepare(queries, nowMs);
  }

  read(queries: Queries<Tables>, link: number, request: Request<LinksRoute<"follow">>): Click {
    const at = request.now();
    const { ip } = request;
    const userAgent = request.header("user-agent") ?? "";
    const { series, bot, crawler, device, browser, os, fingerprint } = this.#userAgents.facts(userAgent);
    const click: Click = {
      link,
      at,
      series: request.method === "HEAD" ? "heads" : series,
      country: this.#countries.of(ip),
      referrer: referrerHost(request.header("referer")),
      device,
      browser,
      os,
      bot,
      crawler,
    };
    if (click.series === "humans") click.visitor = this.#visitors.mark(queries, at, ip, fingerprint);
    return click;
  }
}
