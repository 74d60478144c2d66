import type { Clock } from "../../../model/clock.ts";
import type { Contract, Routes } from "../../../model/contract.ts";
import { TrellisError } from "../../../model/errors.ts";
import { isConversation } from "../../../model/route.ts";
import type { Transport, WireAnswer, WireCall } from "../port.ts";
import { eventStream } from "./event-stream.ts";
import { socketTransport } from "./socket-transport.ts";
import { webClock } from "./web-clock.ts";

export interface HttpTransportOptions {
  /** Where the service answers: `https://links.example`, or with a path in front of its routes. `""`: this page's host. */
  readonly url: string;
  /** The platform's own `fetch` unless given. */
  readonly fetch?: typeof fetch;
  /** The platform's own `WebSocket` unless given. */
  readonly webSocket?: typeof WebSocket;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The real clock unless given. */
  readonly clock?: Clock;
}

/** Carries calls over HTTP, with `fetch` and `WebSocket` alone: the same in browsers and in Node.js. */
export function httpTransport(contract: Contract<string, Routes>, options: HttpTransportOptions): Transport {
  if (!/^(?:https?:\/\/[^/?#]|\/|$)[^?#]*$/.test(options.url))
    throw new TrellisError("invalid-setting", {
      says: `"${options.url}" is not the address of a service`,
      cure: 'Give an address such as "https://links.example", or "" for the host of the page.',
    });
  const base = options.url.replace(/\/+$/, "");
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  const address = (call: WireCall): string => base + addressOf(contract.routes[call.route]?.path ?? "", call);
  const ask: Transport = async (call) => {
    const response = await send(address(call), {
      method: call.method,
      headers: { ...options.headers, ...call.headers },
      // A redirect is an answer for whoever asked, not for fetch.
      redirect: "manual",
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
    if (response.type === "opaqueredirect") throw hiddenRedirect(call);
    return await readAnswer(response);
  };
  const { clock = webClock, headers = {}, webSocket } = options;
  const converse = socketTransport({ address, headers, webSocket, clock, ask });
  return (call) => {
    const route = contract.routes[call.route];
    return route && isConversation(route) ? converse(call) : ask(call);
  };
}

function addressOf(path: string, { params, query }: WireCall): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map((item): [string, string] => [name, item]),
  );
  return pairs.length === 0 ? filled : `${filled}?${new URLSearchParams(pairs)}`;
}

async function readAnswer(response: Response): Promise<WireAnswer> {
  const { status, body } = response;
  const headers = Object.fromEntries(response.headers);
  const type = headers["content-type"] ?? "";
  const live = body !== null && response.ok && type.startsWith("text/event-stream");
  if (live) return { status, headers, body: eventStream(body) };
  return { status, headers, body: isText(type) ? await response.text() : new Uint8Array(await response.arrayBuffer()) };
}

/** What has no type is no file of ours either. */
function isText(type: string): boolean {
  return type === "" || /^(?:text\/|application\/(?:[\w.+-]*\+)?json)/.test(type);
}

function hiddenRedirect({ service, route }: WireCall): TrellisError {
  return new TrellisError("unexpected-answer", {
    says: `${service}.${route} answered a redirect, which browsers hide from the code of a page`,
    cure: "Let the browser go to the address itself, with a link or `location.assign`, or call it from a server.",
  });
}
