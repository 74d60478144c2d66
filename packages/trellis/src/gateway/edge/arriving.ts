import { forwardStatus } from "../../policies/http-cache/cache-status.ts";
import { hasAlready } from "../../policies/http-cache/conditional.ts";
import { firstLine } from "../../policies/http-cache/fields.ts";
import { fieldsOf304 } from "../../policies/http-cache/stored-fields.ts";
import type { Keeping } from "../../policies/http-cache/storing.ts";
import { selectingKey } from "../../policies/http-cache/vary.ts";
import type { HeaderList } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import type { FlightPlan } from "./flight-plan.ts";
import type { Reader } from "./reader.ts";

/** An answer whose head has come, and whom it is for. */
export class Arriving {
  readonly status: number;
  readonly headers: HeaderList;
  /** Undefined: it is not kept. */
  readonly keeping: Keeping | undefined;
  readonly #plan: FlightPlan;

  constructor(plan: FlightPlan, status: number, headers: HeaderList, keeping: Keeping | undefined) {
    this.#plan = plan;
    this.status = status;
    this.headers = headers;
    this.keeping = keeping;
  }

  /** Bytes of its body, where it says so. */
  get length(): number | undefined {
    const length = firstLine(this.headers, "content-length");
    return length === undefined ? undefined : Number(length);
  }

  /** Whether it is for a reader who came when it was on its way. */
  suits({ request }: Reader): boolean {
    if (!this.isShareable()) return false;
    const vary = this.keeping?.vary ?? [];
    return vary.length === 0 || selectingKey(vary, request.headers) === selectingKey(vary, this.#plan.request.headers);
  }

  isShareable(): boolean {
    return this.keeping !== undefined && this.status !== 206;
  }

  headersFor({ request, collapsed }: Reader): HeaderList {
    const cacheStatus = forwardStatus(this.#plan.reason, { stored: this.keeping !== undefined, collapsed });
    request.facts.cache = cacheStatus;
    return [...this.headers, "cache-status", `trellis; ${cacheStatus}`];
  }

  /** Of what the reader is given. */
  statusFor({ asked }: Reader, now: number): number {
    return this.#isKnown(asked, now) ? 304 : this.status;
  }

  /** A client that has this very answer already is told so; true where it was. */
  wasKnownTo({ asked, sink, request }: Reader, now: number): boolean {
    if (!this.#isKnown(asked, now)) return false;
    const cacheStatus = forwardStatus(this.#plan.reason, { status: 200, stored: true });
    request.facts.cache = cacheStatus;
    sink.whole(304, [...fieldsOf304(this.headers), "cache-status", `trellis; ${cacheStatus}`], "");
    return true;
  }
  #isKnown(asked: Asked, now: number): boolean {
    if (!this.keeping || this.status !== 200 || !asked.hasValidator) return false;
    const etag = firstLine(this.headers, "etag");
    const lastModified = firstLine(this.headers, "last-modified");
    return hasAlready(asked, { etag, lastModified }, this.keeping.madeMs, now);
  }
}
