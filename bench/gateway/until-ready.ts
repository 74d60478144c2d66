import { setTimeout as pause } from "node:timers/promises";
import { findOrder, orderIds } from "../route/orders.ts";
import { expectAnswer } from "../src/harness/expect-answer.ts";
import type { GatewaySide } from "./gateway-sides.ts";

const tries = 200;
const pauseMs = 20;

/** Resolves when the gateway passes requests on, and answers as all of them do. */
export async function untilReady({ origin }: GatewaySide): Promise<void> {
  const [id = ""] = orderIds;
  for (let left = tries; ; left -= 1)
    try {
      await expectAnswer(`${origin}/v1/orders/${id}`, {}, { status: 200, json: findOrder(id) });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await pause(pauseMs);
    }
}
