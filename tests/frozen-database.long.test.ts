import { expect, test } from "vitest";
import { freeze } from "./helpers/freeze.ts";
import { type RunningLinks, startLinks } from "./helpers/links-start.ts";
import { problemOf } from "./helpers/problem.ts";

const target = "https://example.com/page";
const requestTimeoutMs = 1_500;

/** What it resolves with, and that it does so within the deadline. */
async function inTime<T>(asked: Promise<T>, limitMs = requestTimeoutMs): Promise<T> {
  const beganMs = performance.now();
  const answer = await asked;
  expect(performance.now() - beganMs).toBeLessThan(limitMs + 1_000);
  return answer;
}

async function readiness(links: RunningLinks, of: string): Promise<{ status: number; unhealthy: readonly string[] }> {
  const answer = await links.ask("/readyz", {}, of);
  const { unhealthy } = (await answer.json()) as { unhealthy: readonly string[] };
  return { status: answer.status, unhealthy };
}

test("while PostgreSQL hangs cached links are followed, everything else is told in time, and afterwards all goes on", async () => {
  const links = await startLinks({ TRELLIS_REQUEST_TIMEOUT: `${requestTimeoutMs}ms`, TRELLIS_STATEMENT_TIMEOUT: "1s" });
  for (const alias of ["warm", "cold"]) expect((await links.shorten({ target, alias })).status).toBe(201);
  // Cached once the instance has heard that the link was made.
  for (const web of links.webs)
    for (let count = 0; count < 20; count += 1) expect(await links.follow("warm", web)).toBe(target);

  for (const round of ["1", "2"]) {
    const { thaw } = freeze(links);
    const waiting = links.webs.map((web) => inTime(readiness(links, web), 2_000));
    for (const web of links.webs) {
      expect(await inTime(links.follow("warm", web), 100)).toBe(target);
      expect((await links.ask("/livez", {}, web)).status).toBe(200);
    }
    const asked: Record<string, Promise<Response>> = {
      "an uncached link": links.ask(`/cold-${round}`),
      "a new link": links.shorten({ target, alias: `new-${round}` }),
      "a new link with a key": links.shorten({ target }, { "idempotency-key": round }),
      "the end of a link": links.ask("/v1/links/cold", { method: "DELETE" }),
      "a list": links.ask("/v1/links", {}, links.webs[1]),
      "a stranger": links.ask("/v1/links", {
        headers: { authorization: `Bearer trellis_${round.repeat(16)}_${"x".repeat(32)}` },
      }),
    };
    for (const [what, answer] of Object.entries(asked)) {
      const told = await problemOf(await inTime(answer));
      expect([503, 504], what).toContain(told.status);
    }
    for (const ready of await Promise.all(waiting))
      expect(ready).toMatchObject({ status: 503, unhealthy: [expect.stringMatching(/\S/)] });
    expect(await links.follow("warm")).toBe(target);

    thaw();
    for (const web of links.webs) {
      await expect.poll(() => readiness(links, web), { timeout: 15_000 }).toEqual({ status: 200, unhealthy: [] });
      await expect.poll(() => links.follow("not-there", web), { timeout: 15_000 }).toBe("404");
    }
    await expect.poll(async () => (await links.shorten({ target })).status, { timeout: 15_000 }).toBe(201);
  }
  expect(links.trellis.events.filter(({ event }) => event === "restart")).toEqual([]);
  expect((await links.trellis.stop()).code).toBe(0);
});
