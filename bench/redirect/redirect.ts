import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { expectAnswer } from "../src/harness/expect-answer.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { startProgram } from "../src/harness/http-side.ts";
import { followed, links } from "./links.ts";
import { startMeasuredLinks, startSilentLinks, withoutCounting } from "./trellis.ts";

const browser =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/** Of a click that is told apart by all there is. */
export const browserHeaders = { "user-agent": browser, referer: "https://example.org/page" } as const;

export const redirect: Bench = {
  name: "redirect",
  line: "Links following warm links on one instance and writing every click down, beside a bare node:http 302 and Fastify",
  hasPeers: true,
  packages: ["fastify"],
  run: measureRedirects,
};

const withFigures = "trellis with figures";

async function measureRedirects(how: HowToRun): Promise<Findings> {
  const { measures, notes, goals } = await measureHttp(
    {
      sides: {
        trellis: () => withoutCounting(startSilentLinks),
        [withFigures]: () => withoutCounting(startMeasuredLinks),
        "trellis, counting": startSilentLinks,
        bare: () => startProgram(new URL("bare.ts", import.meta.url)),
        fastify: () => startProgram(new URL("fastify.ts", import.meta.url)),
      },
      load: { method: "GET", paths: followed, headers: browserHeaders },
      check,
      goals: [
        { ratio: "trellis/bare", atLeast: 0.6 },
        { measure: measuredName, ratio: "trellis/bare", atLeast: 0.5 },
      ],
      notes: [
        `GET /:code of ${links.length.toLocaleString("en")} links by Zipf's law, all in the cache before measuring`,
        "trellis: the app Links with its database, one web instance at its private address; every click is classified, written down before its answer leaves and forwarded to the stream; TRELLIS_METRICS=no; the worker that counts is stopped meanwhile, as if on a machine of its own. With figures: as it comes, after a first look at /metrics. Counting: the worker counts at the same time, on the generator's core, where PostgreSQL is too; whatever shares caches with the server's core costs it time. bare and fastify: a map in memory, and no clicks",
      ],
    },
    how,
  );
  const [perCpuSecond] = measures;
  const { [withFigures]: trellis = [], bare = [] } = perCpuSecond.sides;
  return { measures: [...measures, { ...perCpuSecond, name: measuredName, sides: { trellis, bare } }], notes, goals };
}

const measuredName = "requests per second of server CPU, with figures";

async function check(origin: string): Promise<void> {
  for (const { code, target } of [links[0], links.at(-1)].flatMap((link) => link ?? []))
    await expectAnswer(`${origin}/${code}`, {}, { status: 302, location: target });
  await expectAnswer(`${origin}/unknown`, {}, { status: 404 });
}
