import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** As node's HTTP server tells of a request to switch protocols. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Other protocols are not switched to: such a request is answered as if it had not asked (RFC 9110, section 7.8). */
export function asksForWebSocket(method: string | undefined, { upgrade }: IncomingHttpHeaders): boolean {
  return method === "GET" && upgrade?.toLowerCase() === "websocket";
}
