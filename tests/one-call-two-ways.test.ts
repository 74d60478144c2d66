import { app, calls, service } from "trellis";
import { anyone, type Client, contract, events, failure, get, post, scope } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

/** Travels as text, is a Date for handlers and callers. */
const Moment = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
const Refused = failure("refused", {
  status: 409,
  title: "Refused",
  cure: "Ask for less.",
  detail: z.object({ since: Moment }),
});

const Seen = z.object({ traceparent: z.string(), tracestate: z.string().nullable(), requestId: z.string() });

const clockContract = contract("clock", {
  later: post("/clock/later", {
    body: z.object({ at: Moment, days: z.number().int().default(1) }),
    returns: z.object({ at: Moment, by: z.string() }),
    fails: [Refused],
    allow: scope("clock:read"),
  }),
  hang: get("/clock/hang", { returns: z.object({}), allow: anyone }),
  trace: get("/clock/trace", { returns: Seen, allow: anyone }),
});
const clock = service(clockContract, {
  uses: {},
  routes: {
    later: ({ body, actor }) => {
      if (body.days > 365) return Refused({ since: body.at });
      return { at: new Date(body.at.getTime() + body.days * 86_400_000), by: actor.id };
    },
    hang: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
    trace: ({ headers, requestId }) => ({
      traceparent: headers.get("traceparent") ?? "",
      tracestate: headers.get("tracestate"),
      requestId,
    }),
  },
});

const askingContract = contract("asking", {
  later: post("/asking/later", {
    body: z.object({ days: z.number() }),
    returns: z.object({ outcome: z.string() }),
    allow: scope("clock:read"),
  }),
  watch: get("/asking/watch", { returns: events(z.object({ by: z.string() })), allow: scope("clock:read") }),
  hang: get("/asking/hang", { returns: z.object({ outcome: z.string() }), allow: anyone }),
  trace: get("/asking/trace", { returns: Seen, allow: anyone }),
});
const asking = service(askingContract, {
  uses: { clock: calls(clockContract, { deadline: "300ms" }) },
  routes: {
    later: async ({ body }, { clock }) => {
      const tried = await clock.later.try({ body: { at: "2026-02-27T00:00:00.000Z", days: body.days } });
      if (tried.ok) return { outcome: `${tried.value.at.toISOString()} by ${tried.value.by.slice(0, 4)}` };
      const { failure } = tried;
      return { outcome: failure.code === "refused" ? `refused since ${failure.detail.since.getTime()}` : failure.code };
    },
    watch: async function* (_, { clock }) {
      for (const days of [1, 2])
        yield { by: (await clock.later({ body: { at: "2026-02-27T00:00:00.000Z", days } })).by };
    },
    hang: async (_, { clock }) => {
      const tried = await clock.hang.try();
      return { outcome: tried.ok ? "answered" : `${tried.failure.code} ${tried.failure.detail.service}` };
    },
    trace: async (_, { clock }) => clock.trace(),
  },
});

describe.each(["in process", "over HTTP", "that is split out"] as const)("one service calling another %s", (way) => {
  const running: TestApp[] = [];
  let api: Client<(typeof askingContract)["routes"]>;
  let url: string;

  beforeAll(async () => {
    const secret = "shared by both, so that each believes whom the other names";
    const clocks = await startTestApp(app({ services: [clock] }), { instances: 1, secret });
    running.push(clocks);
    const far = way === "over HTTP" ? { TRELLIS_URL_CLOCK: clocks.instances[0]?.privateUrl } : {};
    const services = way === "over HTTP" ? [asking] : [asking, clock];
    const split = way === "that is split out" ? ({ clock: { role: "worker" } } as const) : {};
    const askers = await startTestApp(app({ services, split }), { instances: 1, secret, environment: far });
    running.push(askers);
    api = await askers.client(askingContract, { scopes: ["clock:read"] });
    url = askers.instances[0]?.privateUrl ?? "";
  });
  afterAll(() => Promise.all(running.map((each) => each.stop())));

  it("gives the same value, decoded, and passes on who asks", async () => {
    expect(await api.later({ body: { days: 2 } })).toEqual({ outcome: "2026-03-01T00:00:00.000Z by key:" });
  });

  it("gives the same typed failure with its detail decoded", async () => {
    const { outcome } = await api.later({ body: { days: 400 } });
    expect(outcome).toBe(`refused since ${Date.UTC(2026, 1, 27)}`);
  });

  it("passes on who asks from within a stream of events, which has no deadline", async () => {
    const seen: string[] = [];
    for await (const { by } of await api.watch()) seen.push(by.slice(0, 4));
    expect(seen).toEqual(["key:", "key:"]);
  });

  it("ends at the same deadline, as a failure that the caller can branch on", async () => {
    expect(await api.hang()).toEqual({ outcome: "unavailable clock" });
  });

  it("checks input the same way", async () => {
    await expect(api.later({ body: { days: 1.5 } })).rejects.toThrow(expect.objectContaining({ code: "internal" }));
  });

  it("is one trace and one request id, with a span of its own", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const ask = async (more: Readonly<Record<string, string>>): Promise<z.infer<typeof Seen>> => {
      const headers = { tracestate: "one=1,other=2", "x-request-id": "asked-once", ...more };
      return Seen.parse(await (await fetch(`${url}/asking/trace`, { headers })).json());
    };
    const seen = await ask({ traceparent });
    expect(seen.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
    expect(seen.requestId).toBe("asked-once");
    expect(seen.tracestate).toBe("one=1,other=2");
    expect((await ask({ traceparent: "no trace" })).tracestate).toBeNull();
  });
});
