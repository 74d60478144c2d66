import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { FramesUpstream } from "../../../gateway/upstreams/frames-upstream.ts";
import { type Actor, anyone, scope } from "../../../model/actor.ts";
import { contract } from "../../../model/contract.ts";
import type { Conversation } from "../../../model/conversation.ts";
import { TrellisError } from "../../../model/errors.ts";
import { failure } from "../../../model/failure.ts";
import type { Log, LogFacts } from "../../../model/log.ts";
import { created, events, file, nothing, redirect, socket } from "../../../model/reply.ts";
import { del, get, post, put } from "../../../model/route.ts";
import { service } from "../../../model/service.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { type TestClock, testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { openFront } from "../server/frames-server/frames-front.contract.ts";
import { type Http, type HttpOptions, openHttp } from "../server/server.ts";
import { callerStorage } from "./caller-storage.ts";

const day = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
export const Item = z.object({ id: z.string(), name: z.string(), since: day });
const NewItem = z.object({
  name: z.string().min(1).max(20),
  size: z.enum(["s", "m"]).default("m"),
  tags: z.array(z.object({ label: z.string() })).optional(),
});
const Line = z.object({ text: z.string().min(1).max(2_000), loud: z.boolean().default(false) });
const Said = z.object({ text: z.string().max(2_000), at: day });
const Search = z.object({ tag: z.array(z.string()).default([]), limit: z.coerce.number().int().max(100).default(10) });

export const SoldOut = failure("sold-out", {
  status: 409,
  title: "Nothing is left",
  cure: "Wait for the next delivery.",
  detail: z.object({ nextDelivery: day }),
});

const Nest: z.ZodType<object> = z.object({
  get in() {
    return Nest.optional();
  },
});

/** A service with a route of every kind, for tests. */
export const shopContract = contract("shop", {
  read: get("/items/:id", { returns: Item, allow: anyone, edge: { maxAge: "5m", tags: ({ id }) => [id, "a, b"] } }),
  search: get("/items", {
    query: Search,
    returns: z.object({ tag: z.array(z.string()), limit: z.number() }),
    allow: anyone,
  }),
  create: post("/items", {
    body: NewItem,
    returns: created(Item, { at: ({ id }) => `/items/${id}` }),
    allow: scope("shop:write"),
    bodyMax: "1KB",
  }),
  buy: post("/items/:id/buy", { returns: nothing(), fails: [SoldOut], allow: anyone }),
  me: get("/me", {
    returns: z.object({ id: z.string(), traceparent: z.string(), origin: z.string(), tongue: z.string().nullable() }),
  }),
  follow: get("/go/:code", { returns: redirect(), allow: anyone }),
  wrong: get("/wrong/:how", { returns: z.object({ n: z.number().max(3) }), allow: anyone }),
  slow: post("/slow", { returns: z.object({ aborted: z.boolean() }), allow: anyone, timeout: "5s" }),
  long: get("/long", { returns: z.object({ text: z.string() }), allow: anyone }),
  ticks: get("/ticks", { returns: events(z.object({ at: day })), allow: anyone }),
  chat: get("/rooms/:room/chat", {
    params: z.object({ room: z.string().max(9) }),
    returns: socket({ receives: Line, sends: Said }),
    fails: [SoldOut],
    allow: anyone,
    bodyMax: "1KB",
  }),
  diary: get("/diary", { returns: socket({ receives: Line, sends: Line }) }),
  picture: get("/pictures/:type", { returns: file("image/png", "image/svg+xml"), allow: anyone }),
  drop: del("/items/:id", { params: z.object({ id: z.string().max(3) }), returns: nothing(), allow: anyone }),
  nest: put("/nest", { body: Nest, returns: nothing(), allow: anyone, bodyMax: "1MB" }),
});
/** No text in any encoding, and longer than what is compressed. */
export const pictureBytes = Uint8Array.from({ length: 3_000 }, (_, index) => index * 37);

/** What the shop's handlers met, for tests to look at and to steer. */
export interface ShopState {
  /** Called by `slow` with its signal; its promise is awaited. */
  slow: (signal: AbortSignal) => Promise<void>;
  ticks: AsyncIterable<{ at: Date }>;
  /** What `chat` answers for each room but "full", which is sold out. */
  chat: (room: string, request: { readonly signal: AbortSignal }) => Chat;
  buys: number;
}

type Chat = Conversation<z.infer<typeof Line>, z.infer<typeof Said>>;

export const ada: Actor = { id: "ada", workspace: "w", scopes: ["shop:write"] };
export const bob: Actor = { id: "bob", workspace: "w", scopes: [] };

const thrown: Readonly<Record<string, unknown>> = {
  throw: new Error("secret detail"),
  "throw-code": new TrellisError("statement-timeout"),
  "throw-door": new TrellisError("invalid-input", { says: "of another request" }),
  "throw-setup": new TrellisError("invalid-setting", { says: "secret setting" }),
};

function shop(state: ShopState) {
  return service(shopContract, {
    uses: {},
    routes: {
      read: ({ params }) => ({ id: params.id, name: "ball", since: new Date(0), secret: "never leaves" }),
      search: ({ query }) => query,
      create: async ({ body, now }) => ({ id: `${body.name}-${body.size}`, name: body.name, since: new Date(now()) }),
      buy: ({ params }) => {
        state.buys += 1;
        return params.id === "last" ? SoldOut({ nextDelivery: new Date(0) }) : undefined;
      },
      me: (request) => {
        const { actor, origin, headers, log } = request;
        log.info("me");
        if (request.header("accept-language") !== (headers.get("accept-language") ?? undefined))
          throw new Error("The two ways to read a header differ");
        const traceparent = callerStorage.getStore()?.traceparent ?? "";
        return { id: actor.id, traceparent, origin, tongue: headers.get("accept-language") };
      },
      follow: ({ params }) => ({
        to: `https://example.com/${params.code}`,
        status: params.code === "moved" ? (301 as const) : (302 as const),
      }),
      wrong: ({ params }) => {
        if (thrown[params.how]) throw thrown[params.how];
        return { n: params.how === "many" ? 4 : 1 };
      },
      slow: async ({ signal }) => {
        await state.slow(signal);
        return { aborted: signal.aborted };
      },
      long: () => ({ text: "all work and no play ".repeat(100) }),
      ticks: () => state.ticks,
      chat: (request) => {
        const { room } = request.params;
        return room === "full" ? SoldOut({ nextDelivery: new Date(0) }) : state.chat(room, request);
      },
      diary: ({ actor }) => ({ receive: ({ text, loud }) => ({ text: `${actor.id}: ${text}`, loud }) }),
      picture: ({ params }) => ({
        type: params.type as "image/png",
        bytes: params.type === "image/svg+xml" ? (undefined as never) : pictureBytes,
      }),
      drop: () => undefined,
      nest: () => undefined,
    },
  });
}

export interface OpenShop {
  readonly http: Http;
  readonly url: string;
  readonly server: Server;
  readonly port: number;
  readonly clock: TestClock;
  readonly state: ShopState;
  readonly logged: { says: string; facts: LogFacts | undefined }[];
  close(): Promise<void>;
}

/** How requests reach the shop: by its own port, or by a gateway that passes them on as frames. */
export type WayIn = "by HTTP" | "by frames";
export const waysIn: readonly WayIn[] = ["by HTTP", "by frames"];

/** The shop on a port of its own. `authorization: ada` is Ada, who may write, and `bob` is Bob, who may not. */
export async function openShop(options: Partial<HttpOptions> = {}, way: WayIn = "by HTTP"): Promise<OpenShop> {
  const state: ShopState = { slow: async () => {}, ticks: (async function* () {})(), chat: echo, buys: 0 };
  const clock = testClock();
  const logged: OpenShop["logged"] = [];
  const logWith = (more: LogFacts): Log => {
    const keep = (says: string, facts?: LogFacts): void => void logged.push({ says, facts: { ...more, ...facts } });
    return { ...silentLog, info: keep, error: keep, with: (facts) => logWith({ ...more, ...facts }) };
  };
  const http = openHttp({
    services: [{ service: shop(state), handles: {} }],
    settings: {
      bodyBytesMax: 2_048,
      headersBytesMax: 16_384,
      requestTimeoutMs: 30_000,
      drainTimeoutMs: 20_000,
      logRequests: "no",
    },
    mode: "test",
    clock,
    random: testRandom(),
    log: logWith({}),
    secret: "secret",
    authenticate: ({ authorization }) =>
      authorization === "carol" ? Promise.reject(outage()) : { ada, bob: Promise.resolve(bob) }[authorization ?? ""],
    ...options,
  });
  const entrance = way === "by HTTP" ? await openPort(http) : await openFrames(http, clock);
  const { port } = entrance.server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await http.close();
    entrance.close();
  };
  return { http, url: `http://127.0.0.1:${port}`, server: entrance.server, port, clock, state, logged, close };
}

const echo = (): Chat => ({
  receive: ({ text, loud }) => ({ text: loud ? text.toUpperCase() : text, at: new Date(0) }),
});

interface Entrance {
  readonly server: Server;
  close(): void;
}

async function openPort(http: Http): Promise<Entrance> {
  const server = http.newServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, close: () => undefined };
}

async function openFrames(http: Http, clock: TestClock): Promise<Entrance> {
  const path = join(await mkdtemp(join(tmpdir(), "trellis-frames-")), "frames.sock");
  await http.newFramesServer().listen(path);
  const upstream = new FramesUpstream(path, { clock });
  const { server } = await openFront(upstream, clock);
  const close = (): void => {
    upstream.close();
    server.close();
    server.closeAllConnections();
  };
  return { server, close };
}

/** Keys cannot be looked up. */
function outage(): TrellisError {
  return new TrellisError("database-unreachable");
}
