import { request } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { z } from "zod";
import { anyone } from "../../../model/actor.ts";
import { contract } from "../../../model/contract.ts";
import { get } from "../../../model/route.ts";
import { service } from "../../../model/service.ts";
import { readTarget } from "./read-target.ts";
import { type OpenShop, openShop } from "./shop.contract.ts";

const Params = z.record(z.string(), z.string());
const route = get("/go/:code/to/:part", { returns: Params, allow: anyone });
const served = service(contract("served", { route }), { uses: {}, routes: { route: ({ params }) => ({ ...params }) } });

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop({ services: [{ service: served, handles: {} }] });
});
afterAll(() => shop.close());

/** What a handler gets; undefined where the route is not asked. `fetch` would tidy the target up. */
function servedParams(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asking = request({ port: shop.port, host: "127.0.0.1", path }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () => resolve(answer.statusCode === 200 ? JSON.parse(body) : undefined));
    });
    asking.on("error", reject);
    asking.end();
  });
}

const read = (path: string): unknown => {
  try {
    return readTarget(route)(path);
  } catch {
    return undefined;
  }
};

const visible = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
const segment = fc.oneof(
  visible,
  fc.string({ minLength: 1 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    "a%2Fb",
    "%25",
    "%2525",
    "%",
    "%zz",
    "%C3%BC",
    "%c3",
    "a+b",
    "a;b=c",
    ":code",
    "",
    "%20",
    "~!$&'()*,=@",
  ),
);

it("reads of any address what a handler is given", async () => {
  const address = fc
    .tuple(segment, segment, fc.constantFrom("", "?", "?a=b/c", "?%zz", "/"))
    .map(([code, part, end]) => `/go/${code}/to/${part}${end}`);
  const known = ["/go/a/to/b", "/go/%C3%BC/to/a%2Fb?x", "/go/%2525/to/%25", "/g%6F/a/to/b", "/go//to/b", "/go/a/to/"];
  for (const path of known) expect(read(path), path).toEqual(await servedParams(path));
  expect(read("/go/%C3%BC/to/a%2Fb?x")).toEqual({ code: "ü", part: "a/b" });
  await fc.assert(
    fc.asyncProperty(address, async (path) => {
      expect(read(path)).toEqual(await servedParams(path));
    }),
    { numRuns: 400 },
  );
});

test("parameters are what the route's schema makes of them, and refused where it refuses", async () => {
  const numbered = readTarget(
    get("/n/:code", { params: z.object({ code: z.coerce.number().int() }), returns: Params }),
  );
  expect(numbered("/n/12?x=1")).toEqual({ code: 12 });
  expect(() => numbered("/n/twelve")).toThrow(/params\.code/);
  expect(() => numbered("/m/12")).toThrow('"/m/12" is not an address of /n/:code');
  const slow = readTarget(
    get("/n/:code", { params: z.object({ code: z.string().refine(async (code) => code !== "no") }), returns: Params }),
  );
  expect(await slow("/n/yes")).toEqual({ code: "yes" });
  await expect(slow("/n/no")).rejects.toMatchObject({ code: "invalid-input" });
});
