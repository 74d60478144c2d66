import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LinksApi } from "./helpers/links-api.ts";
import { problemOf } from "./helpers/problem.ts";

let links: LinksApi;
beforeAll(async () => {
  links = await LinksApi.start();
});
afterAll(() => links.stop());

const target = "https://example.com/page";
const refused = (reason: string) => ({
  status: 422,
  code: "target-refused",
  data: { field: "target", reason, says: expect.stringMatching(/\S/) },
});

/** What the body is told, and that nothing of it is kept. */
async function shorten(body: unknown) {
  const before = await links.stored();
  const told = await problemOf(await links.shorten(body));
  expect(await links.stored()).toEqual(before);
  return told;
}

describe("a target that would harm whoever follows it is refused", () => {
  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "  javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\r\nscript:alert(1)",
    "\u0000javascript:alert(1)",
    "\u001fjavascript:alert(1)",
    "javascript://example.com/%0aalert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "DATA:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "FILE://localhost/etc/passwd",
    "vbscript:msgbox(1)",
    "VbScript:msgbox(1)",
    "view-source:https://example.com/",
    "ftp://example.com/",
    "ws://example.com/",
  ])("for its scheme: %j", async (harmful) => {
    const told = await shorten({ target: harmful });
    expect(told).toMatchObject(refused("not-http"));
  });

  test.each(["https://user:secret@example.com/", "https://bank.example@evil.example/", "https://:x@example.com/"])(
    "for its credentials: %s",
    async (harmful) => {
      expect(await shorten({ target: harmful })).toMatchObject(refused("credentials"));
    },
  );

  test("is so in a change as well, and the link keeps its target", async () => {
    await links.make("stays", target);
    const before = await links.stored();
    const told = await problemOf(await links.send("PATCH", "/v1/links/stays", { target: "javascript:alert(1)" }));
    expect(told).toMatchObject(refused("not-http"));
    expect(await links.stored()).toEqual(before);
    expect((await links.ask("/stays")).headers.get("location")).toBe(target);
  });
});

test("a link to the shortener itself, which could go round in circles, is refused by any of its names", async () => {
  for (const { privateUrl } of links.app.instances) {
    const { port } = new URL(privateUrl);
    for (const name of [
      "127.0.0.1",
      "[::1]",
      "localhost",
      "LOCALHOST.",
      "127.1",
      "2130706433",
      "0x7f.0.0.1",
      "0.0.0.0",
      "[::ffff:127.0.0.1]",
    ]) {
      const before = await links.stored();
      const answer = await fetch(`${privateUrl}/v1/links`, {
        method: "POST",
        headers: { authorization: `Bearer ${links.key}`, "content-type": "application/json" },
        body: JSON.stringify({ target: `http://${name}:${port}/round`, alias: "round" }),
      });
      expect(await problemOf(answer), name).toMatchObject(refused("own-address"));
      expect(await links.stored()).toEqual(before);
    }
  }
  expect((await links.ask("/round")).status).toBe(404);
});

test.each(["v1", "V1", "admin", "Api", "livez", "readyz", "openapi", "www", "login", "well-known", "undefined"])(
  "the reserved word %s is nobody's alias",
  async (alias) => {
    const told = await shorten({ target, alias });
    // Words of two letters are too short before they are reserved.
    if (alias.length < 3) expect(told).toMatchObject({ status: 422, code: "invalid-input" });
    else expect(told).toMatchObject({ status: 422, code: "alias-reserved", data: { alias } });
  },
);

describe("an alias that is taken", () => {
  test("stays the first one's", async () => {
    await links.make("mine", target);
    const told = await shorten({ target: "https://evil.example/", alias: "mine" });
    expect(told).toMatchObject({ status: 409, code: "alias-taken", data: { alias: "mine" } });
    expect((await links.ask("/mine")).headers.get("location")).toBe(target);
  });

  test("is not given again when its link is archived", async () => {
    await links.make("gone", target);
    expect((await links.ask("/v1/links/gone", { method: "DELETE" })).status).toBe(204);
    expect(await shorten({ target, alias: "gone" })).toMatchObject({ status: 409, code: "alias-taken" });
    const changed = await problemOf(await links.send("PATCH", "/v1/links/gone", { target }));
    expect(changed).toMatchObject({ status: 410, code: "link-archived", data: { code: "gone" } });
    expect(await problemOf(await links.ask("/gone"))).toMatchObject({ status: 410, code: "link-archived" });
  });

  test("of twenty who want it at once, through two instances, exactly one gets it, whole", async () => {
    const wanted = Array.from({ length: 20 }, (_, index) => `https://example.com/${index}`);
    const answers = await Promise.all(wanted.map((each) => links.shorten({ target: each, alias: "raced" })));
    const winners = wanted.filter((_, index) => answers[index]?.status === 201);
    expect(winners).toHaveLength(1);
    for (const answer of answers)
      if (answer.status !== 201)
        expect(await problemOf(answer)).toMatchObject({ status: 409, code: "alias-taken", data: { alias: "raced" } });
    expect((await links.ask("/raced")).headers.get("location")).toBe(winners[0]);
    const { versions } = (await (await links.ask("/v1/links/raced/versions")).json()) as { versions: unknown[] };
    expect(versions).toMatchObject([{ version: 1, target: winners[0] }]);
  });
});

test("of twenty who change the same version at once exactly one succeeds, and the others hear the present one", async () => {
  await links.make("busy", target);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      links.send("PATCH", "/v1/links/busy", { target: `https://example.com/${index}`, version: 1 }),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers)
    if (answer.status !== 200)
      expect(await problemOf(answer)).toMatchObject({
        status: 409,
        code: "stale-version",
        data: { code: "busy", version: 2 },
      });
});

test("of twenty with one idempotency key one link comes, whatever the others hear meanwhile", async () => {
  const headers = { "idempotency-key": "only-once" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => links.shorten({ target, alias: "once" }, headers)),
  );
  const made = answers.filter(({ status }) => status === 201);
  expect(made.length).toBeGreaterThan(0);
  for (const answer of answers)
    if (answer.status !== 201) expect(await problemOf(answer)).toMatchObject({ status: 409, code: "key-in-progress" });
  const reused = await problemOf(await links.shorten({ target: "https://example.com/other" }, headers));
  expect(reused).toMatchObject({ status: 422, code: "key-reused" });
});
