import type { Output } from "trellis/contract";
import type { operationsContract } from "trellis/operations";
import { cannedNow } from "./canned-links.ts";

const ago = (ms: number) => new Date(cannedNow - ms).toISOString();
const minute = 60_000;

/** As the contract has it: what does not fit would be left out by the page, unseen. */
type Answer<Name extends keyof typeof operationsContract.routes> = Output<(typeof operationsContract.routes)[Name]>;

/** The operations of an app in which all is well, or, `troubled`, much is not. `cursor`: of a page after the first. */
export function cannedOperations(troubled: boolean, cursor: string | null): Readonly<Record<string, unknown>> {
  return {
    "/v1/reconciliation": reconciliation(troubled),
    "/v1/operations/queues": queues(troubled),
    "/v1/operations/jobs/dead": cursor === null ? deadJobs(troubled) : olderDeadJobs(),
    "/v1/operations/schedules": schedules(troubled),
    "/v1/operations/streams": streams(troubled),
    "/v1/operations/streams/set-aside": setAside(troubled),
    "/v1/operations/instances": instances(),
  };
}

function reconciliation(troubled: boolean) {
  return {
    answered: 201_884,
    counted: troubled ? 197_020 : 201_884,
    inFlight: troubled ? 4_812 : 0,
    unlogged: troubled ? 52 : 0,
    series: { humans: troubled ? 138_106 : 142_970, bots: 46_218, previews: 12_580, heads: 116 },
  };
}

function queues(troubled: boolean): Answer<"queues"> {
  return {
    queues: [
      {
        queue: "links.checkTarget",
        waiting: troubled ? 4_201 : 3,
        delayed: 2,
        running: 16,
        dead: troubled ? 3 : 0,
        done: 12_480,
        oldestAgeMs: troubled ? 754_000 : 420,
      },
    ],
  };
}

function deadJobs(troubled: boolean): Answer<"deadJobs"> {
  return {
    jobs: troubled
      ? [
          {
            id: "101",
            queue: "links.checkTarget",
            payload: '{"code":"q4-hiring","target":"https://careers.acme.com/engineering"}',
            attempts: 6,
            error: "connect ETIMEDOUT 203.0.113.9:443",
            enqueuedAt: ago(90 * minute),
            diedAt: ago(31 * minute),
          },
          {
            id: "102",
            queue: "links.checkTarget",
            payload: '{"code":"status"}',
            attempts: 1,
            error: "The payload does not fit the schema: target is missing",
            enqueuedAt: ago(80 * minute),
            diedAt: ago(80 * minute),
          },
        ]
      : [],
    next: troubled ? "102" : null,
  };
}

function olderDeadJobs(): Answer<"deadJobs"> {
  const enqueuedAt = ago(1_500 * minute);
  const job = { id: "99", queue: "links.checkTarget", payload: '{"code":"brand"}', attempts: 6, enqueuedAt };
  return { jobs: [{ ...job, error: "connect ECONNREFUSED 203.0.113.9:443", diedAt: ago(1_440 * minute) }], next: null };
}

function schedules(troubled: boolean): Answer<"schedules"> {
  const run = (index: number, failed: boolean): Answer<"schedules">["schedules"][number]["runs"][number] => ({
    tick: ago((index + 1) * 1_440 * minute),
    at: ago((index + 1) * 1_440 * minute - 40),
    tookMs: 412 + index * 31,
    outcome: failed ? "failed" : "done",
    error: failed ? "canceling statement due to statement timeout" : null,
    skipped: 0,
    instance: "web-1",
    byHand: index === 2,
  });
  return {
    schedules: [
      {
        service: "links",
        name: "forgetVisitors",
        spec: "every 1d",
        zone: null,
        missed: "once",
        next: [ago(-9 * 60 * minute)],
        runningSince: null,
        runs: Array.from({ length: 8 }, (_, index) => run(index, troubled && index < 2)),
      },
      {
        service: "links",
        name: "weeklyReport",
        spec: "0 7 * * 1",
        zone: "Europe/Berlin",
        missed: "skip",
        next: [ago(-17 * 60 * minute)],
        runningSince: null,
        runs: [],
      },
    ],
  };
}

function streams(troubled: boolean): Answer<"streams"> {
  return {
    streams: [
      {
        service: "links",
        name: "clicks",
        partitions: 4,
        appended: 201_884,
        oldestAt: ago(6 * 1_440 * minute),
        outbox: 0,
        groups: [
          {
            group: "links",
            lag: troubled ? 4_600 : 0,
            oldestAgeMs: troubled ? 12_400 : 0,
            setAside: troubled ? 1 : 0,
            members: troubled
              ? []
              : [
                  { instance: "web-1", partitions: [0, 1] },
                  { instance: "web-2", partitions: [2, 3] },
                ],
          },
        ],
      },
    ],
    spools: [
      {
        instance: "web-1",
        waiting: troubled ? 212 : 0,
        bytes: troubled ? 40_100 : 0,
        unlogged: troubled ? 52 : 0,
        oldestAgeMs: troubled ? 12_100 : 0,
        behindBecause: troubled ? "the database cannot be reached" : null,
      },
    ],
  };
}

function setAside(troubled: boolean): Answer<"setAside"> {
  return {
    events: troubled
      ? [
          {
            id: "7",
            stream: "links.clicks",
            group: "links",
            partition: 2,
            offset: "88123",
            key: "q4-hiring",
            body: '{"code":"q4-hiring","at":"not a time"}',
            reason: "The event does not fit the schema: at is not a time",
            at: ago(44 * minute),
            setAsideAt: ago(43 * minute),
            retrying: false,
          },
        ]
      : [],
    next: null,
  };
}

function instances(): Answer<"instances"> {
  return {
    instances: ["web-1", "web-2"].map((name, index) => ({
      name,
      role: "web",
      host: "acme-1",
      pid: 4_120 + index,
      privateUrl: "http://127.0.0.1:41001",
      since: ago(200 * minute),
      seen: ago(2_000),
    })),
  };
}
