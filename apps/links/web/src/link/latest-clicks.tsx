import { RelativeTime } from "trellis-ui";
import type { LatestClick } from "../../../src/contract.ts";
import "./latest-clicks.css";

interface LatestClicksProps {
  /** The newest first. */
  readonly latest: readonly LatestClick[];
}

const shown = 4;
const regions = new Intl.DisplayNames("en", { type: "region", fallback: "code" });
const kinds = { humans: "", bots: "Bot", previews: "Preview", heads: "HEAD" } as const;

/** The last few clicks in coarse words. Always as high, so that nothing below moves when one comes. */
export function LatestClicks({ latest }: LatestClicksProps) {
  if (latest.length === 0) return null;
  return (
    <section className="latest" aria-labelledby="latest-title">
      <h3 id="latest-title">Latest</h3>
      <ol>
        {latest.slice(0, shown).map((click, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a click has no name, and each line is wholly redrawn
          <li key={index}>
            <span className="latest-what">{words(click)}</span>
            <RelativeTime at={click.at} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** `Germany, Chrome on Android, from news.ycombinator.com` */
function words({ series, country, browser, os, crawler, referrer }: LatestClick): string {
  const program = crawler || [browser, os].filter(Boolean).join(" on ");
  const place = /^[A-Z]{2}$/.test(country) ? regions.of(country) : country;
  const parts = [kinds[series], place, program, referrer ? `from ${referrer}` : ""];
  return parts.filter(Boolean).join(", ") || "Unknown";
}
