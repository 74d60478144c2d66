import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { anyone, calls, contract, get, service } from "../index.ts";
import { app } from "../model/app.ts";
import type { RequestClient } from "../model/request-client.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";

const Facts = z.object({ country: z.string(), visitor: z.int().nullable() });
const told = ({ country, visitor }: RequestClient) => ({ country, visitor: visitor ?? null });
const ask = { returns: Facts, allow: anyone };
const nearContract = contract("near", { look: get("/near", ask) });
const farContract = contract("far", { look: get("/far", ask) });
const frontContract = contract("front", {
  look: get("/look", ask),
  near: get("/asks-near", ask),
  far: get("/asks-far", ask),
});
const near = service(nearContract, { uses: {}, routes: { look: ({ client }) => told(client) } });
const far = service(farContract, { uses: {}, routes: { look: ({ client }) => told(client) } });
const front = service(frontContract, {
  uses: { near: calls(nearContract), far: calls(farContract) },
  routes: {
    look: ({ client }) => told(client),
    near: (_, use) => use.near.look(),
    far: (_, use) => use.far.look(),
  },
});

let running: TestApp;
beforeAll(async () => {
  running = await startTestApp(app({ services: [front, near, far], split: { far: { role: "web" } } }), {
    instances: 2,
  });
}, 60_000);
afterAll(() => running?.stop(), 60_000);

interface Who {
  readonly ip: string;
  readonly userAgent?: string;
}

/** Loopback may say for whom it asks. */
function look(instance: number, path: string, { ip, userAgent = "Mozilla/5.0" }: Who): Promise<z.infer<typeof Facts>> {
  const headers = { "x-forwarded-for": ip, "user-agent": userAgent };
  return new Promise((resolve, reject) => {
    request(`${running.instances[instance]?.privateUrl}${path}`, { headers }, async (answer) => {
      resolve(JSON.parse(Buffer.concat(await answer.toArray()).toString()));
    })
      .once("error", reject)
      .end();
  });
}

test("two instances make the same facts of the same person, and others of another", async () => {
  const people: readonly Who[] = [
    { ip: "8.8.8.8" },
    { ip: "8.8.8.8", userAgent: "Another/1.0" },
    { ip: "2a00:1450:4001::1" },
    { ip: "10.1.2.3" },
  ];
  const facts = (instance: number) => Promise.all(people.map((who) => look(instance, "/look", who)));
  const [one, other] = await Promise.all([facts(0), facts(1)]);
  expect(other).toEqual(one);
  expect(one.map(({ country }) => country)).toEqual(["US", "US", "IE", ""]);
  expect(new Set(one.map(({ visitor }) => visitor)).size).toBe(4);
  expect(one).not.toContainEqual(expect.objectContaining({ visitor: null }));
});

test("another service that is called learns nothing of the client, in this process or another", async () => {
  const nobody = { country: "", visitor: null };
  expect(await look(0, "/asks-near", { ip: "8.8.8.8" })).toEqual(nobody);
  expect(await look(0, "/asks-far", { ip: "8.8.8.8" })).toEqual(nobody);
});

test("all instances share the day's one salt, and nothing that they keep tells an address", async () => {
  await look(0, "/look", { ip: "8.8.8.8" });
  const { platform } = running.instances[0]?.opened.database ?? {};
  const rows = await platform?.query<{ day: number; bytes: number }>(
    "select day, length(salt) as bytes from trellis.visitor_salt order by day",
  );
  const today = Math.floor(Date.now() / 86_400_000);
  expect(rows?.map(({ bytes }) => bytes).every((bytes) => bytes === 32)).toBe(true);
  expect(rows?.length).toBeLessThanOrEqual(2);
  expect([today, today + 1]).toContain(rows?.at(-1)?.day);
});
