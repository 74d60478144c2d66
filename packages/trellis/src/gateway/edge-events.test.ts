import { expect, onTestFinished, test } from "vitest";
import { frameKind } from "../frames/frame-kind.ts";
import { edgeEventHeader, edgeRefreshHeader } from "../model/edge-event.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { silentLog } from "../testing/silent-log.ts";
import { openEdgeWorld } from "./edge/edge-world.contract.ts";
import { keptRecords, planned, testData } from "./edge/events/events-world.contract.ts";
import { openEdgeEvents } from "./edge/events/open-edge-events.ts";
import { openGatewayRig } from "./gateway-rig.contract.ts";
import { FramesInstance, type SeenFrame } from "./upstreams/frames-instance.contract.ts";

async function openInstance(): Promise<FramesInstance> {
  const instance = await FramesInstance.open();
  onTestFinished(() => instance.close());
  return instance;
}

/** A gateway with a data folder, before an instance in the test's hand. */
async function gatewayBefore(instance: FramesInstance) {
  const data = await testData(systemClock);
  const gateway = openGatewayRig({ data });
  onTestFinished(() => gateway.close());
  gateway.apply({
    version: 1,
    hosts: [{ host: "*", service: "links" }],
    services: [{ name: "links", pool: "web", edge: true }],
    pools: [{ name: "web", upstreams: [{ id: "0", address: { frames: instance.path } }] }],
  });
  const port = await gateway.listen({ port: 0, host: "127.0.0.1" });
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: "manual" });
    await answer.arrayBuffer();
    return answer;
  };
  return { gateway, ask, data };
}

/** Names and values of a request's head, method and target last. */
const headOf = ({ payload }: SeenFrame) => payload.toString("latin1").split("\0");

async function answerNext(instance: FramesInstance, control: string): Promise<readonly string[]> {
  const asked = await instance.next(frameKind.request);
  const headers = ["cdn-cache-control", control, "trellis-edge-route", "GET /:code", ...planned];
  instance.writer?.whole(asked.stream, 302, ["location", "https://there.example", ...headers].join("\0"), "");
  return headOf(asked);
}

test("a redirect that the edge answers is an event, its figure and the client's next answer; drained, all of it is left", async () => {
  const instance = await openInstance();
  const { gateway, ask, data } = await gatewayBefore(instance);
  const first = ask("/abc");
  await answerNext(instance, "max-age=100");
  const answers = [await first, await ask("/abc", { referer: "https://news.example/" }), await ask("/abc")];
  for (const { status, headers } of answers)
    expect([status, headers.get(edgeEventHeader), headers.get("location")]).toEqual([
      302,
      null,
      "https://there.example",
    ]);
  expect(keptRecords(data).map(({ event }) => [event?.target, event?.headers.referer])).toEqual([
    ["/abc", "https://news.example/"],
    ["/abc", undefined],
  ]);
  expect(gateway.figures().edge.routes).toEqual([
    { route: "links GET /:code", hits: 2, misses: 1, stale: 0, events: 2 },
  ]);
  await gateway.drain(1_000);
  expect(keptRecords(data)).toHaveLength(2);
});

test("only the gateway tells an instance that nobody is given the answer, and no client can", async () => {
  const instance = await openInstance();
  const { ask, data } = await gatewayBefore(instance);
  const first = ask("/abc", { [edgeRefreshHeader]: "1" });
  expect(await answerNext(instance, "max-age=0, stale-while-revalidate=100")).not.toContain(edgeRefreshHeader);
  await first;
  const stale = await ask("/abc", { [edgeRefreshHeader]: "1" });
  expect(stale.headers.get("cache-status")).toContain("hit");
  const refresh = await answerNext(instance, "max-age=100");
  expect(refresh[refresh.indexOf(edgeRefreshHeader) + 1]).toBe("1");
  expect(refresh.filter((text) => text === edgeRefreshHeader)).toHaveLength(1);
  expect(keptRecords(data)).toHaveLength(1);
});

test("what an origin that is not ours says of events means nothing, and reaches nobody", async () => {
  const data = await testData(systemClock);
  const options = { name: "gateway-1", folder: data, bytesMax: 1e9, clock: systemClock, log: silentLog };
  const events = openEdgeEvents(options);
  const world = await openEdgeWorld({ events });
  onTestFinished(async () => {
    await world.close();
    await events.close();
  });
  world.script("/abc", { status: 302, headers: ["cdn-cache-control", "max-age=100", ...planned] });
  const answers = [await world.ask("/abc"), await world.ask("/abc")];
  expect(answers.map(({ headers }) => headers["cache-status"])).toEqual([
    "trellis; fwd=uri-miss; stored",
    "trellis; hit; ttl=100",
  ]);
  expect(answers.some(({ headers }) => edgeEventHeader in headers)).toBe(false);
  expect(keptRecords(data)).toEqual([]);
});
