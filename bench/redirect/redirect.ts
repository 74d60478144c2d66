import type { Bench } from "../src/harness/bench.ts";
import { expectAnswer } from "../src/harness/expect-answer.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { startProgram } from "../src/harness/http-side.ts";
import { followed, links } from "./links.ts";
import { startLinks } from "./trellis.ts";

export const redirect: Bench = {
  name: "redirect",
  line: "Links following warm links on one instance, beside a bare node:http 302 and Fastify",
  hasPeers: true,
  packages: ["fastify"],
  run: (how) =>
    measureHttp(
      {
        sides: {
          trellis: startLinks,
          bare: () => startProgram(new URL("bare.ts", import.meta.url)),
          fastify: () => startProgram(new URL("fastify.ts", import.meta.url)),
        },
        load: { method: "GET", paths: followed },
        check,
        goals: [{ ratio: "trellis/bare", atLeast: 0.65 }],
        notes: [
          `GET /:code of ${links.length.toLocaleString("en")} links by Zipf's law, all in the cache before measuring`,
          "trellis: the app Links with its database, one web instance at its private address; bare and fastify: a map in memory",
        ],
      },
      how,
    ),
};

async function check(origin: string): Promise<void> {
  for (const { code, target } of [links[0], links.at(-1)].flatMap((link) => link ?? []))
    await expectAnswer(`${origin}/${code}`, {}, { status: 302, location: target });
  await expectAnswer(`${origin}/unknown`, {}, { status: 404 });
}
