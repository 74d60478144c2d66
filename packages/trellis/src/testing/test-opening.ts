import type { EngineName, Opening } from "../model/block.ts";
import { noMetrics } from "../model/metrics.ts";
import { noTracing } from "../model/tracing.ts";
import { silentLog } from "./silent-log.ts";
import { testClock } from "./test-clock.ts";
import { testRandom } from "./test-random.ts";

export interface TestOpeningOptions extends Partial<Omit<Opening, "engine">> {
  /** The engines that the block needs, by name: `{ bus: testBus() }`. */
  readonly engines?: Readonly<Record<string, unknown>>;
}

/** What a block is opened with in tests: `cache(Link, { ttl: "1h" }).open(testOpening({ engines: { bus } }))`. */
export function testOpening({ engines = {}, ...given }: TestOpeningOptions = {}): Opening {
  return {
    service: "test",
    name: "block",
    mode: "test",
    clock: testClock(),
    random: testRandom(),
    log: silentLog,
    metrics: noMetrics,
    tracing: noTracing,
    instance: "test-1",
    folder: "",
    engine: <E>(name: EngineName<E>): E => {
      if (!(name in engines)) throw new Error(`Give testOpening the engine "${name}".`);
      return engines[name] as E;
    },
    ...given,
  };
}
