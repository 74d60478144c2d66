import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { overshootMax } from "../packages/trellis/src/policies/rate-limit/token-lease.ts";
import { type Answered, get, startLoad } from "./helpers/http-load.ts";
import { type StrangeAnswer, strangeOrigin } from "./helpers/strange-origin.ts";
import { kill, runTrellis, type TrellisEvent, TrellisProcess } from "./helpers/trellis-process.ts";

interface GatewayReady extends TrellisEvent {
  readonly url: string;
  readonly admin: string;
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trellis-front-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function startGateway(...words: readonly string[]) {
  const process = new TrellisProcess(["gateway", "--json", "--port", "0", "--admin", "0", ...words], {
    folder: await emptyFolder(),
  });
  const { url, admin } = (await process.ready) as unknown as GatewayReady;
  return { process, url, admin };
}

const answerOf = async (url: string): Promise<StrangeAnswer> => JSON.parse((await get(url)).body);

const namesIn = (answers: readonly string[]): ReadonlySet<string> =>
  new Set(answers.map((body) => (JSON.parse(body) as StrangeAnswer).name));

test("before two servers that are not ours it balances, caches, and answers what has begun when it is told to end", async () => {
  const [one, two] = await Promise.all([strangeOrigin("one"), strangeOrigin("two")]);
  const { process, url } = await startGateway("--to", one.url, "--to", two.url, "--balance", "round-robin");

  const counts = { one: 0, two: 0 };
  for (let turn = 0; turn < 20; turn += 1) counts[(await answerOf(`${url}/`)).name as "one" | "two"] += 1;
  expect(counts).toEqual({ one: 10, two: 10 });

  const first = await get(`${url}/cached`);
  const again = await get(`${url}/cached`);
  expect(first.headers["cache-status"]).toContain("fwd=uri-miss; stored");
  expect(again.headers["cache-status"]).toContain("hit");
  expect(again.body).toBe(first.body);

  const slow = get(`${url}/?ms=700`);
  await answerOf(`${url}/`);
  const ended = process.stop();
  expect((await slow).status).toBe(200);
  expect(await ended).toMatchObject({ code: 0, stderr: "" });
  await expect(get(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("no request fails when one of two origins is killed under load", async () => {
  const [one, two] = await Promise.all([strangeOrigin("one"), strangeOrigin("two")]);
  const { url } = await startGateway("--to", one.url, "--to", two.url);
  const load = startLoad(url, { workers: 16 });
  await load.more(500);
  await one.kill();
  await load.more(1_000);
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(namesIn(load.answers.slice(0, 500))).toEqual(new Set(["one", "two"]));
  expect(namesIn(load.answers.slice(-500))).toEqual(new Set(["two"]));
});

test("only the connections of a gateway that is killed are cut, and another one follows it", async () => {
  const origin = await strangeOrigin("one");
  const { process, url, admin } = await startGateway("--to", origin.url, "--processes", "2");
  const sockets = await Promise.all(Array.from({ length: 40 }, () => openConnection(Number(new URL(url).port))));
  const connections = async () => {
    const { gateways } = JSON.parse((await get(`${admin}/status`)).body) as {
      gateways: readonly { name: string; connections: number }[];
    };
    return Object.fromEntries(gateways.map(({ name, connections: count }) => [name, count]));
  };
  await expect.poll(async () => Object.values(await connections()).reduce((sum, count) => sum + count, 0)).toBe(40);
  const { "gateway-1": own = 0, "gateway-2": others = 0 } = await connections();
  expect(own).toBeGreaterThan(0);
  expect(others).toBeGreaterThan(0);

  const { pid } = await process.event<TrellisEvent & { pid: number }>(
    ({ event, name }) => event === "gateway" && name === "gateway-1",
  );
  const before = process.events.length;
  kill(pid);
  expect(await process.event(({ event }) => event === "restart", before)).toMatchObject({ name: "gateway-1", pid });
  await process.event(({ event }) => event === "gateway", before);
  const outcomes = await Promise.all(sockets.map((socket) => socket.askAgain()));
  expect(outcomes.filter((outcome) => outcome === "answered")).toHaveLength(others);
  expect(outcomes.filter((outcome) => outcome === "cut")).toHaveLength(own);
  expect((await answerOf(url)).name).toBe("one");
});

/** A connection that has had one answer, and stays open. */
async function openConnection(port: number) {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  const ask = () =>
    new Promise<"answered" | "cut">((resolve) => {
      if (socket.destroyed) return resolve("cut");
      socket.once("close", () => resolve("cut"));
      socket.once("data", () => resolve("answered"));
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    });
  expect(await ask()).toBe("answered");
  return { askAgain: ask };
}

const configOf = (urls: readonly string[]) =>
  JSON.stringify({
    hosts: [{ host: "*", service: "web" }],
    services: [{ name: "web", pool: "web" }],
    pools: [{ name: "web", upstreams: urls.map((url) => ({ url })) }],
  });

test("no request fails while the configuration is read again under load, and a broken one changes nothing", async () => {
  const [one, two] = await Promise.all([strangeOrigin("one"), strangeOrigin("two")]);
  const file = join(await emptyFolder(), "routing.json");
  await writeFile(file, configOf([one.url]));
  const { process, url } = await startGateway("--config", file, "--processes", "2");
  const load = startLoad(url, { workers: 16 });
  const reload = async (text: string): Promise<TrellisEvent> => {
    await writeFile(file, text);
    const before = process.events.length;
    process.signal("SIGHUP");
    return process.event(({ event }) => event === "reloaded" || event === "refused", before);
  };
  for (const urls of [[two.url], [one.url, two.url], [one.url], [two.url]]) {
    expect(await reload(configOf(urls))).toMatchObject({ event: "reloaded" });
    await load.more(200);
  }
  expect(await reload("{")).toMatchObject({ event: "refused", code: "invalid-routing" });
  await load.more(200);
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(namesIn(load.answers.slice(-150))).toEqual(new Set(["two"]));
});

test("two gateways share a client's limit: together they let pass what it says, and little more", async () => {
  const origin = await strangeOrigin("one");
  const perSecond = 50;
  const { url } = await startGateway("--to", origin.url, "--processes", "2", "--rate", `${perSecond}/s`);
  const begun = performance.now();
  const statuses: number[] = [];
  const refused: Answered[] = [];
  // Each on a connection of its own, so that both gateways are asked.
  for (let round = 0; round < 60; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(url)));
    statuses.push(...answers.map(({ status }) => status));
    refused.push(...answers.filter(({ status }) => status === 429));
  }
  const seconds = (performance.now() - begun) / 1_000;
  const allowed = statuses.filter((status) => status === 200).length;
  const onTrust = overshootMax({ perSecond, burst: perSecond }, 2);
  expect(allowed).toBeGreaterThan(perSecond);
  expect(allowed).toBeLessThanOrEqual(perSecond + perSecond * seconds + onTrust);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(refused[0]?.headers).toMatchObject({
    "content-type": "application/problem+json; charset=utf-8",
    "retry-after": expect.stringMatching(/^[1-9]/),
    "ratelimit-policy": '"client";q=50;w=1',
    ratelimit: expect.stringMatching(/^"client";r=0;t=\d+$/),
  });
});

test.each([
  { says: "no JSON", config: "{", message: /routing\.json: .*JSON/ },
  { says: "an unknown word", config: '{"hosts":[],"services":[],"pools":[],"pool":[]}', message: /pool/ },
  {
    says: "an unknown service",
    config: '{"hosts":[{"host":"*","service":"shop"}],"services":[],"pools":[]}',
    message: /unknown service `shop`/,
  },
  {
    says: "an unknown pool",
    config: '{"hosts":[],"services":[{"name":"web","pool":"web"}],"pools":[]}',
    message: /the pool `web` is unknown/,
  },
  {
    says: "an origin with a path",
    config: '{"hosts":[],"services":[],"pools":[{"name":"web","upstreams":[{"url":"http://h/path"}]}]}',
    message: /http:\/\/h\/path/,
  },
])("a configuration with $says is refused before anything is opened", async ({ config, message }) => {
  const folder = await emptyFolder();
  await writeFile(join(folder, "routing.json"), config);
  const { code, events } = await runTrellis(["gateway", "--json", "--config", "routing.json", "--port", "0"], {
    folder,
  });
  expect(events).toEqual([
    expect.objectContaining({ event: "error", code: "invalid-routing", says: expect.stringMatching(message) }),
  ]);
  expect(code).toBe(78);
});
