import type { IncomingHeaders } from "../endpoint/incoming.ts";
import type { WireAnswer } from "../port.ts";

/** An answer of the platform's own that depends on who asks and where, such as `/metrics`. */
export interface OwnAnswer {
  readonly path: string;
  /** What it throws becomes a problem. `ownPort`: asked at the port of this instance alone, not at the shared one. */
  readonly answer: (request: { readonly headers: IncomingHeaders; readonly ownPort: boolean }) => Promise<WireAnswer>;
}
