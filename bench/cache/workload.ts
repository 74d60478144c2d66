import { type NewOrder, newOrder, type Order, placeOrder } from "../route/orders.ts";
import { zipfRanks } from "../src/harness/zipf.ts";

/** One cache as the bench sees it: what an app calls to get a value, loaded where the cache has none. */
export type GetOrLoad = (key: string, load: () => Promise<Order>) => unknown;

/** What one process measured of one cache. */
export interface CacheOutcome {
  readonly hitsPerCpuSecond: number;
  readonly hitsPerCpuSecondOfMany: number;
  /** The most loads in any one instance while a thousand callers on each asked for the same missing key. */
  readonly loads: number;
}

/** A working set that the processor's own caches hold, and one that they do not. */
const fewKeys = 1_000;
const manyKeys = 10_000;

const warmMs = 400;
const measuredMs = 800;
const askers = 1_000;
const loadMs = 20;

/** Room for every key: what is measured are hits. */
export const entriesMax = 2 * (fewKeys + manyKeys);

/** What each cache keeps by its tag, where it has tags. */
export const tagOf = ({ customer }: NewOrder): string => customer;

/**
 * Measures one cache in this process and prints the outcome as a line of JSON. `open` gives one instance of it; two
 * that are opened know of each other if the cache can do that.
 */
export async function measureCache(open: () => GetOrLoad | Promise<GetOrLoad>): Promise<never> {
  const instances = [await open(), await open()] as const;
  const outcome: CacheOutcome = {
    loads: await loadsOnMiss(instances),
    hitsPerCpuSecond: await measureHits(instances[0], "few", fewKeys),
    hitsPerCpuSecondOfMany: await measureHits(instances[0], "many", manyKeys),
  };
  console.log(JSON.stringify(outcome));
  process.exit();
}

async function measureHits(getOrLoad: GetOrLoad, prefix: string, keyCount: number): Promise<number> {
  // One string object a key: strings at two addresses are compared letter by letter, which is V8's cost, no cache's.
  const keys = Array.from({ length: keyCount }, (_, rank) => `${prefix}${rank}`);
  const asked = zipfRanks(keyCount, 1 << 14).map((rank) => keys[rank] as string);
  let loads = 0;
  const load = async (key: string): Promise<Order> => {
    loads += 1;
    return orderOf(key);
  };
  for (const key of keys) await getOrLoad(key, () => load(key));
  const hitsDuring = async (ms: number): Promise<number> => {
    let hits = 0;
    for (const end = performance.now() + ms; performance.now() < end; hits += asked.length)
      for (const key of asked) {
        const order = (await getOrLoad(key, () => load(key))) as Order;
        if (order.priority !== newOrder.priority)
          throw new Error(`The cache gave ${JSON.stringify(order)} for ${key}.`);
      }
    return hits;
  };
  await hitsDuring(warmMs);
  loads = 0;
  const before = process.cpuUsage();
  const hits = await hitsDuring(measuredMs);
  const { user, system } = process.cpuUsage(before);
  if (loads > 0) throw new Error(`${loads} loads while only hits were measured.`);
  return hits / ((user + system) / 1e6);
}

async function loadsOnMiss(instances: readonly GetOrLoad[]): Promise<number> {
  const counts = instances.map(() => 0);
  await Promise.all(
    instances.flatMap((getOrLoad, instance) =>
      Array.from({ length: askers }, () =>
        getOrLoad("missing", async () => {
          counts[instance] = (counts[instance] ?? 0) + 1;
          await new Promise((resolve) => setTimeout(resolve, loadMs));
          return orderOf("missing");
        }),
      ),
    ),
  );
  return Math.max(...counts);
}

const orderOf = (key: string): Order => placeOrder({ ...newOrder, reference: key });
