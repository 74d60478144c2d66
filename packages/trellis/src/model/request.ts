import type { Context } from "./context.ts";
import type { RequestClient } from "./request-client.ts";
import type { ActorOf, Output, Params, Route } from "./route.ts";
import type { Infer } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** What a route's handler is given: checked input, who is asking, and the context. */
export interface Request<R extends Route> extends Context {
  /** As it was sent: a route of GET also answers HEAD. */
  readonly method: string;
  /**
   * The edge cache renews an answer that it keeps, and nobody is given this one: what is written down of each visitor is
   * not to be written down of it.
   */
  readonly refreshes: boolean;
  /** The caller's IP address; the one that a trusted proxy says (`TRELLIS_TRUSTED_PROXIES`). Empty for calls in process. */
  readonly ip: string;
  /** What may be written down of who asks: made when it is read. Nothing is known of other services' calls. */
  readonly client: RequestClient;
  readonly params: Params<R>;
  readonly query: Infer<R["options"]["query"]>;
  readonly body: Infer<R["options"]["body"]>;
  readonly actor: ActorOf<R>;
  readonly headers: Headers;
  /** One header by its lower-case name, a repeated one as a list in one text. Cheaper than `headers`, which makes them all. */
  header(name: string): string | undefined;
  /** The public address of the app: `TRELLIS_ORIGIN`, else where the caller or a trusted proxy says that it was sent. */
  readonly origin: string;
  /** The id that this request has in logs, answers and traces. */
  readonly requestId: string;
  /** With an `Idempotency-Key`: keeps this result with the key in `tx`, so that a retry gets it again. */
  once<T extends Output<R>>(tx: Transaction, result: T): Promise<T>;
}
