import type { Clock } from "../../../model/clock.ts";
import { errorCatalogue, TrellisError } from "../../../model/errors.ts";
import { over } from "../conversation-end.ts";
import type { Transport, WireCall } from "../port.ts";
import { WebWireSocket } from "./web-wire-socket.ts";

interface Parts {
  /** Where a call goes, as `fetch` takes it. */
  readonly address: (call: WireCall) => string;
  /** Sent with every call. */
  readonly headers: Readonly<Record<string, string>>;
  readonly webSocket: typeof WebSocket | undefined;
  readonly clock: Clock;
  /** Asks the same by `fetch`. */
  readonly ask: Transport;
}

/** Carries calls of `socket` routes over the platform's `WebSocket`. */
export function socketTransport({ address, headers, webSocket, clock, ask }: Parts): Transport {
  return async (call) => {
    const { signal } = call;
    const sent = { ...headers, ...call.headers };
    const socket = new WebWireSocket(connect(webSocket ?? ownWebSocket(), address(call), sent, call), clock);
    const leave = (): void => socket.end(over);
    signal?.addEventListener("abort", leave);
    void socket.ended.then(() => signal?.removeEventListener("abort", leave));
    if (signal?.aborted) leave();
    if (await socket.opened) return { status: 101, headers: {}, body: socket };
    // A WebSocket does not say why it was refused; an answer does.
    const answer = await ask({ ...call, headers: { accept: "application/json", ...call.headers } });
    if (answer.status !== errorCatalogue["upgrade-required"].status) return answer;
    throw Object.assign(new Error("No WebSocket could be opened"), { code: "NO_WEBSOCKET" });
  };
}

/** As Node.js has it. */
type HeadedWebSocket = new (url: string, options: { readonly headers: Readonly<Record<string, string>> }) => WebSocket;

function connect(
  Platform: typeof WebSocket,
  address: string,
  headers: Readonly<Record<string, string>>,
  call: WireCall,
): WebSocket {
  const url = socketAddress(address);
  if (Object.keys(headers).length === 0) return new Platform(url);
  try {
    return new (Platform as unknown as HeadedWebSocket)(url, { headers });
  } catch (cause) {
    // Browsers take what is said of headers for the name of a protocol, which it cannot be.
    if (Object(cause).name === "SyntaxError") throw headersRefused(headers, call, cause);
    throw cause;
  }
}

/** Relative to the page, as `fetch` takes addresses; older browsers know WebSockets by `ws:` and `wss:` only. */
function socketAddress(address: string): string {
  const { document, location } = globalThis as {
    readonly document?: { readonly baseURI: string };
    readonly location?: { readonly href: string };
  };
  return new URL(address, document?.baseURI ?? location?.href).href.replace(/^http/, "ws");
}

function ownWebSocket(): typeof WebSocket {
  if (typeof WebSocket === "function") return WebSocket;
  throw new TrellisError("invalid-setting", {
    says: "This platform has no WebSocket",
    cure: "Use Node.js 22 or a later one, or give the client one as `webSocket`.",
  });
}

function headersRefused(
  headers: Readonly<Record<string, string>>,
  { service, route }: WireCall,
  cause: unknown,
): TrellisError {
  const names = Object.keys(headers).join(", ");
  return new TrellisError("invalid-setting", {
    says: `${service}.${route} is a WebSocket, with which browsers cannot send ${names}`,
    cure: "Sign in by a cookie and use a client without `key` and `headers`, or call it from a server.",
    cause,
  });
}
