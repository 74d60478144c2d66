import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { FramesUpstream } from "../gateway/upstreams/frames-upstream.ts";
import { gatewayRequest, RecordedAnswer } from "../gateway/upstreams/recorded-answer.contract.ts";
import { anyone } from "../model/actor.ts";
import { app } from "../model/app.ts";
import { contract } from "../model/contract.ts";
import { plan } from "../model/plan.ts";
import { get } from "../model/route.ts";
import { service } from "../model/service.ts";
import { type FreshDatabase, freshDatabase } from "../testing/fresh-database.ts";
import { silentLog } from "../testing/silent-log.ts";
import { startInstance } from "./instance.ts";
import { systemClock } from "./system-clock.ts";

const shop = service(
  contract("shop", {
    me: get("/me", { returns: z.object({ ip: z.string(), origin: z.string() }), allow: anyone }),
  }),
  { uses: {}, routes: { me: ({ ip, origin }) => ({ ip, origin }) } },
);

let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase(process.env.TEST_DATABASE_URL);
  folder = await mkdtemp(join(tmpdir(), "trellis-instance-"));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function start(role: "web" | "worker") {
  const planned = plan(app({ services: [shop] }), { NODE_ENV: "test", PORT: "0" });
  const framesSocket = join(folder, `${role}.sock`);
  const instance = await startInstance(planned, {
    role,
    name: `${role}-1`,
    folder,
    databaseUrl: database.url,
    secret: "s".repeat(32),
    log: silentLog,
    framesSocket,
  });
  return { instance, framesSocket, upstream: new FramesUpstream(framesSocket, { clock: systemClock }) };
}

it("behind a gateway, an instance answers its frames and has no shared port; it believes who the gateway says it is for", async () => {
  const { instance, framesSocket, upstream } = await start("web");
  const answer = new RecordedAnswer();
  const headers = ["host", "a", "x-forwarded-for", "192.0.2.7", "x-forwarded-host", "shop.test"];
  upstream.forward(
    gatewayRequest({ target: "/me", headers: [...headers, "x-forwarded-proto", "https"], deadlineMs: Infinity }),
    answer,
  );
  const { status, text } = await answer.over;
  expect([status, JSON.parse(text)]).toEqual([200, { ip: "192.0.2.7", origin: "https://shop.test" }]);
  expect(instance.port).toBeUndefined();
  expect((await fetch(`${instance.privateUrl}/me`)).status).toBe(200);
  expect(await instance.stop()).toBe(true);
  expect(existsSync(framesSocket)).toBe(false);
});

it("a worker takes no frames", async () => {
  const { instance, framesSocket } = await start("worker");
  expect(existsSync(framesSocket)).toBe(false);
  await instance.stop();
});
