import type { HttpAddress } from "../port.ts";

export interface HttpUpstreamOptions {
  readonly address: HttpAddress;
  /** Of connections at once; more requests wait for one of them. */
  readonly connectionsMax?: number;
}
