import type { ErrorCode } from "../../model/errors.ts";

/** What node tells of bytes that its parser refused, or that came too slowly. */
export interface UnreadableBytes {
  readonly code?: string | undefined;
  /** The bytes at which it happened. */
  readonly rawPacket?: {
    indexOf(text: string): number;
    toString(encoding: "latin1", start: number, end: number): string;
  };
}

/** What a client is told whose bytes never became a request, or not the rest of one. */
export function unreadableCode({ code, rawPacket }: UnreadableBytes, headersBytesMax: number): ErrorCode {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "request-timeout";
  if (code !== "HPE_HEADER_OVERFLOW") return "malformed-request";
  // A first line that alone fills the limit is an address, not headers.
  const firstLine = rawPacket?.indexOf("\r\n") ?? 0;
  const isAddress = rawPacket !== undefined && /^[A-Z]+ /.test(rawPacket.toString("latin1", 0, 16));
  return isAddress && (firstLine < 0 || firstLine > headersBytesMax) ? "address-too-long" : "headers-too-large";
}
