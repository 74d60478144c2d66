import type { Failure, Result } from "trellis/contract";
import { describe, expect, test } from "vitest";
import type { Link, Reconciliation } from "../src/contract.ts";
import { type DemoError, exits } from "./arguments.ts";
import { type DemoParts, demo } from "./demo.ts";
import type { Followed } from "./follower.ts";
import domains from "./top-sites/domains.json" with { type: "json" };

const start = Date.parse("2026-01-01T00:00:00.500Z");

const noClicks = { humans: 0, bots: 0, previews: 0, heads: 0 };

/** A shortener that keeps links by idempotency key and counts its clicks, as the real one does. */
class Shortener {
  readonly byKey = new Map<string, Link>();
  readonly present = new Map<string, Link>();
  answered = 0;
  counted = 0;
  /** How many clicks are counted with each look at the books. */
  countsEachLook = Number.POSITIVE_INFINITY;
  up = true;
  text = "";
  nowMs = start;
  readonly stop = new AbortController();

  parts(): DemoParts {
    const api = {
      shorten: { try: this.#shorten },
      read: { try: this.#read },
      reconciliation: Object.assign(this.#reconciliation, {
        try: async () => this.#answer(await this.#reconciliation()),
      }),
    };
    const screen = {
      isTerminal: false,
      write: (more: string) => {
        this.text += more;
      },
    };
    let turn = 0;
    return {
      api: api as unknown as DemoParts["api"],
      url: "http://go.test",
      screen,
      nowMs: () => this.nowMs,
      sleep: async (ms) => {
        const until = this.nowMs + ms;
        await Promise.resolve();
        this.nowMs = Math.max(this.nowMs, until);
      },
      stop: this.stop.signal,
      follower: { follow: this.follow },
      traffic: { next: () => ({ link: turn++, method: "GET", ip: "1.1.1.1", userAgent: "x", referer: undefined }) },
    };
  }

  follow = async (code: string): Promise<Followed> => {
    this.nowMs += 2;
    if (!this.up) return { status: undefined, location: undefined };
    this.answered++;
    return { status: 302, location: this.present.get(code)?.target };
  };

  #reconciliation = async (): Promise<Reconciliation> => {
    this.counted += Math.min(this.countsEachLook, this.answered - this.counted);
    const { answered, counted } = this;
    return { answered, counted, inFlight: answered - counted, unlogged: 0, series: { ...noClicks, humans: counted } };
  };

  #answer<Value>(value: Value | Failure): Result<Value, Failure> {
    this.nowMs += 2;
    if (!this.up) return { ok: false, failure: { code: "unavailable", detail: {}, failed: true } };
    if (typeof value === "object" && value !== null && "failed" in value) return { ok: false, failure: value };
    return { ok: true, value };
  }

  #shorten = async ({ body }: { body: { target: string } }, { idempotencyKey }: { idempotencyKey: string }) => {
    const code = `code-${this.byKey.size}`;
    const fresh: Link = {
      code,
      target: body.target,
      url: `http://go.test/${code}`,
      state: "active",
      version: 1,
      createdAt: new Date(this.nowMs).toISOString(),
    };
    const link = this.byKey.get(idempotencyKey) ?? fresh;
    this.byKey.set(idempotencyKey, link);
    if (!this.present.has(link.code)) this.present.set(link.code, link);
    return this.#answer(link);
  };

  #read = async ({ params: { code } }: { params: { code: string } }) => this.#answer(this.present.get(code) as Link);
}

const clicks = (count: number, rate = Number.POSITIVE_INFINITY) => ({ clicks: count, rate });

const refusal = (run: Promise<boolean>) =>
  run.then(
    () => undefined,
    (error: DemoError) => error,
  );

describe("the demo", () => {
  test("has 500 domains, each once", () => {
    expect(new Set(domains).size).toBe(500);
    for (const domain of domains) expect(new URL(`https://${domain}/`).hostname).toBe(domain);
  });

  test("makes a link to each domain, follows as often as asked and finds every click counted", async () => {
    const shortener = new Shortener();
    shortener.countsEachLook = 500;
    expect(await demo(shortener.parts(), domains, clicks(1_234))).toBe(true);
    expect([...shortener.present.values()].map(({ target }) => target)).toEqual(
      domains.map((domain) => `https://${domain}/`),
    );
    expect(shortener.answered).toBe(1_234);
    expect(shortener.text).toContain("500 links: 500 new, 0 made before");
    expect(shortener.text).toContain("1,234 followed, each to its target");
    expect(shortener.text).toContain("Reconciled to the unit: 1,234 answered here, 1,234 counted there");
  });

  test("a second run makes none anew, and reconciles its own clicks alone", async () => {
    const shortener = new Shortener();
    await demo(shortener.parts(), domains, clicks(10));
    shortener.nowMs += 60_000;
    expect(await demo(shortener.parts(), domains, clicks(20))).toBe(true);
    expect(shortener.present.size).toBe(500);
    expect(shortener.text).toContain("500 links: 0 new, 500 made before");
    expect(shortener.text).toContain("20 answered here, 20 counted there");
  });

  test("a click that was lost, and one that was counted twice, are told", async () => {
    for (const wrong of [-1, 1]) {
      const shortener = new Shortener();
      const parts = shortener.parts();
      let turn = 0;
      const follow = async (code: string): Promise<Followed> => {
        if (turn++ === 5) shortener.answered += wrong;
        return shortener.follow(code);
      };
      expect(await demo({ ...parts, follower: { follow } }, ["a.test"], clicks(10))).toBe(false);
      expect(shortener.text).toContain(`Not reconciled: 10 answered here and 0 without an answer; there ${10 + wrong}`);
    }
  });

  test("clicks that are never counted are not waited for without an end", async () => {
    const shortener = new Shortener();
    shortener.countsEachLook = 0;
    expect(await demo(shortener.parts(), ["a.test"], clicks(3))).toBe(false);
    expect(shortener.text).toContain("3 in flight");
  });

  test("keeps to the rate", async () => {
    const shortener = new Shortener();
    await demo(shortener.parts(), ["a.test"], clicks(101, 50));
    const [, took = ""] = /in ([\d.]+) s: [45]\d\/s/.exec(shortener.text) ?? [];
    expect(Number(took)).toBeGreaterThanOrEqual(2);
  });

  test("goes on until it is asked to stop, and then reconciles", async () => {
    const shortener = new Shortener();
    const parts = shortener.parts();
    const follow = async (code: string): Promise<Followed> => {
      if (shortener.answered === 20_000) shortener.stop.abort();
      return shortener.follow(code);
    };
    expect(await demo({ ...parts, follower: { follow } }, ["a.test"], clicks(Number.POSITIVE_INFINITY))).toBe(true);
    expect(shortener.text).toMatch(/Following: 10000\nFollowing: 20000\n.*Reconciled to the unit: 20,0\d\d/s);
  });

  test("links that were changed or archived since an earlier run lead where they should", async () => {
    const shortener = new Shortener();
    await demo(shortener.parts(), ["a.test", "b.test"], clicks(0));
    const [one, other] = [...shortener.present.values()];
    if (!one || !other) throw new Error("No links were made");
    shortener.present.set(one.code, { ...one, target: "https://elsewhere.test/", version: 2 });
    shortener.present.set(other.code, { ...other, state: "archived" });
    expect(await demo(shortener.parts(), ["a.test", "b.test"], clicks(10))).toBe(true);
    expect(shortener.text).toContain("10 followed");
  });

  test("a link that leads elsewhere ends it", async () => {
    const shortener = new Shortener();
    const follow = async (): Promise<Followed> => ({ status: 302, location: "https://wrong.test/" });
    const error = await refusal(demo({ ...shortener.parts(), follower: { follow } }, ["a.test"], clicks(1)));
    expect(error?.message).toBe("http://go.test/code-0 gave https://wrong.test/ instead of https://a.test/");
    expect(error?.exit).toBe(exits.software);
  });

  test("where nothing answers it says how to start", async () => {
    const shortener = new Shortener();
    shortener.up = false;
    const error = await refusal(demo(shortener.parts(), domains, clicks(10)));
    expect(error?.message).toContain("npm start");
    expect(error?.exit).toBe(exits.unavailable);
  });
});
