import { cache } from "trellis";
import { type TestBus, testBus, testOpening } from "trellis/testing";
import { Order } from "../route/order-schemas.ts";
import { measureCache, tagOf } from "./workload.ts";

const systemClock = {
  now: Date.now,
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

let network: TestBus | undefined;

/** As an instance opens it in production; the bus, which no hit touches, is in memory. */
await measureCache(async () => {
  network = network ? network.peer() : testBus();
  const { handle } = await cache(Order, { ttl: "1h", staleFor: "1d", tags: (order) => [tagOf(order)] }).open(
    testOpening({ mode: "production", clock: systemClock, random: Math.random, engines: { bus: network } }),
  );
  return (key, load) => handle.getOrLoad(key, load);
});
