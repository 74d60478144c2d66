/** What one side does in this process. Each resolves when everything is where it belongs, offsets committed. */
export interface StreamSide {
  /** Appends all batches, some at the same time. */
  append(batches: readonly (readonly Click[])[]): Promise<void>;
  /** Handles all that was appended: the handler is given values, and does nothing. */
  consume(count: number): Promise<void>;
  /** Commits each event in a transaction of its own, so many at the same time, and moves it into the log. */
  commitSingly(events: readonly Click[], connections: number): Promise<void>;
  end(): Promise<void>;
}

export interface StreamOutcome {
  /** Events a second. */
  readonly appended: number;
  readonly consumed: number;
  readonly committed: number;
}

export interface Click {
  readonly code: string;
  readonly at: number;
  readonly country: string;
  readonly referrer: string | null;
  readonly device: string;
  readonly browser: string;
  readonly series: string;
}

export const partitions = 4;
export const batchEvents = 500;
export const callers = 4;
export const consumedAtOnce = 1_000;
export const connections = 16;
const events = 200_000;
const singleEvents = 20_000;
const warmEvents = 20_000;
const warmSingleEvents = 2_000;
const codes = 5_000;

/** Measures one side in this process and prints the outcome as a line of JSON. */
export async function measureStream(side: StreamSide): Promise<never> {
  await side.append(batchesOf(warmEvents));
  await side.consume(warmEvents);
  await side.commitSingly(clicks(warmSingleEvents), connections);
  const outcome: StreamOutcome = {
    committed: await rate(singleEvents, clicks(singleEvents), (given) => side.commitSingly(given, connections)),
    appended: await rate(events, batchesOf(events), (batches) => side.append(batches)),
    consumed: await rate(events, events + warmSingleEvents + singleEvents, (count) => side.consume(count)),
  };
  console.log(JSON.stringify(outcome));
  await side.end();
  process.exit();
}

async function rate<T>(count: number, given: T, run: (given: T) => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await run(given);
  return (count / (performance.now() - startedMs)) * 1_000;
}

function clicks(count: number): readonly Click[] {
  return Array.from({ length: count }, (_, index) => ({
    code: `c${(index * 7_919) % codes}`,
    at: 1_767_225_600_000 + index,
    country: "FR",
    referrer: index % 3 === 0 ? null : "news.example.com",
    device: "phone",
    browser: "Firefox",
    series: "humans",
  }));
}

function batchesOf(count: number): readonly (readonly Click[])[] {
  const all = clicks(count);
  return Array.from({ length: count / batchEvents }, (_, index) =>
    all.slice(index * batchEvents, (index + 1) * batchEvents),
  );
}

/** Runs `work` for each of the items, so many at the same time. */
export async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, lane: number) => Promise<unknown>,
) {
  let next = 0;
  const lane = async (_: unknown, index: number): Promise<void> => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
