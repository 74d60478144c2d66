import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { StartGatewaySide } from "../gateway/gateway-sides.ts";
import { untilReady } from "../gateway/until-ready.ts";
import { findOrder, orderIds } from "../route/orders.ts";
import { expectAnswer } from "../src/harness/expect-answer.ts";
import type { HttpSide } from "../src/harness/http-side.ts";

/** Every order of the shop. */
export const orderPaths: readonly string[] = orderIds.map((id) => `/v1/orders/${id}`);

/** The gateway after each path was asked once; the second answer must be a hit, and an event where hits are. */
export async function filled(start: StartGatewaySide): Promise<HttpSide> {
  const side = await start();
  try {
    await untilReady(side);
    for (const path of orderPaths) await (await fetch(side.origin + path)).arrayBuffer();
    for (const path of [orderPaths[0], orderPaths.at(-1)]) {
      const answer = await fetch(`${side.origin}${path}`);
      const status = answer.headers.get("cache-status") ?? "";
      if (!/\bhit\b/i.test(status)) throw new Error(`${path} was not kept: cache-status is "${status}".`);
      await answer.arrayBuffer();
    }
    if (side.data !== undefined && readdirSync(join(side.data, "spool")).length === 0)
      throw new Error(`No event was written down in ${side.data}.`);
    return { origin: side.origin, pid: side.gatewayPid, end: () => side.end() };
  } catch (error) {
    await side.end();
    throw error;
  }
}

/** Throws where a side does not answer as all do. */
export async function checkOrders(origin: string): Promise<void> {
  for (const id of [orderIds[0], orderIds.at(-1)] as string[])
    await expectAnswer(`${origin}/v1/orders/${id}`, {}, { status: 200, json: findOrder(id) });
  await expectAnswer(`${origin}/v1/orders/ord_99999999`, {}, { status: 404 });
}
