import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { get } from "./helpers/http-load.ts";
import { menuApp } from "./helpers/menu-app.ts";
import { strangeOrigin } from "./helpers/strange-origin.ts";
import { runTrellis, startTrellis, TrellisProcess } from "./helpers/trellis-process.ts";

/** So many connections that each of two processes takes some of them. */
const connections = 24;

/** What is answered at that address on as many new connections. */
async function everywhere(url: string) {
  const agent = new Agent({ keepAlive: false });
  const answers = await Promise.all(Array.from({ length: connections }, () => get(url, agent)));
  return answers.map(({ body, headers }) => ({ body, hit: String(headers["cache-status"]).includes("hit") }));
}

async function untilKept(url: string) {
  await expect.poll(async () => (await everywhere(url)).every(({ hit }) => hit)).toBe(true);
}

const namesAt = async (url: string): Promise<ReadonlySet<string>> =>
  new Set((await everywhere(url)).map(({ body }) => JSON.parse(body).name));

test("what a service purges with its transaction is asked for again at each gateway process, and only that", async () => {
  const { folder } = menuApp();
  const app = startTrellis({ folder, environment: { TRELLIS_GATEWAYS: "2" } });
  const { url, ownerKey } = await app.ready;
  const [soup, cake] = [`${url}/v1/dishes/soup`, `${url}/v1/dishes/cake`];
  const post = async (path: string, body: object, headers = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
  await untilKept(soup);
  await untilKept(cake);
  expect(await namesAt(soup)).toEqual(new Set(["tomato"]));

  expect((await post("/v1/rename", { id: "soup", name: "leek", fails: true })).body).toEqual({ renamed: false });
  expect((await everywhere(soup)).every(({ hit }) => hit)).toBe(true);

  expect((await post("/v1/rename", { id: "soup", name: "leek", fails: false })).body).toEqual({ renamed: true });
  await expect.poll(() => namesAt(soup), { interval: 20 }).toEqual(new Set(["leek"]));
  await untilKept(soup);
  expect(await namesAt(soup)).toEqual(new Set(["leek"]));
  expect((await everywhere(cake)).every(({ hit }) => hit)).toBe(true);

  const purged = await runTrellis(["purge", "--tag", "dish soup", "--json"], { folder });
  expect(purged).toMatchObject({ code: 0, events: [{ event: "purged", tag: "dish soup" }] });
  expect((await everywhere(soup)).some(({ hit }) => !hit)).toBe(true);
  expect((await everywhere(cake)).every(({ hit }) => hit)).toBe(true);
  expect((await runTrellis(["purge", "--all", "--service", "menus"], { folder })).code).toBe(64);

  await untilKept(soup);
  const purge = "/v1/operations/edge/purge";
  expect((await post(purge, { url: soup })).status).toBe(401);
  const authorization = { authorization: `Bearer ${ownerKey}` };
  expect((await post(purge, { url: "soup" }, authorization)).status).toBe(422);
  expect((await everywhere(soup)).every(({ hit }) => hit)).toBe(true);
  expect(await post(purge, { url: soup }, authorization)).toEqual({ status: 200, body: { purged: true } });
  await expect.poll(async () => (await everywhere(soup)).some(({ hit }) => !hit), { interval: 5 }).toBe(true);
});

test("`trellis purge --admin` purges at each process of a gateway that runs alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trellis-purge-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const origin = await strangeOrigin("one");
  const words = ["gateway", "--json", "--port", "0", "--admin", "0", "--processes", "2", "--to", origin.url];
  const process = new TrellisProcess(words, { folder });
  const { url, admin } = (await process.ready) as unknown as Record<"url" | "admin", string>;
  const kept = `${url}/cached`;
  await untilKept(kept);
  const port = new URL(admin).port;
  const outcome = await runTrellis(["purge", "--admin", port, "--url", kept], { folder });
  expect(outcome).toMatchObject({ code: 0, stdout: "Purged.\n" });
  const first = (await everywhere(kept)).filter(({ hit }) => !hit);
  expect(first.length).toBeGreaterThanOrEqual(2);
  expect((await runTrellis(["purge", "--admin", port], { folder })).code).toBe(64);
  await process.stop();
  expect((await runTrellis(["purge", "--admin", port, "--all"], { folder })).code).toBe(69);
});
