import type { EntryList, Listed } from "../../policies/eviction/entry-list.ts";
import { hitStatus } from "../../policies/http-cache/cache-status.ts";
import type { Validators } from "../../policies/http-cache/conditional.ts";
import { firstLine, wholeField } from "../../policies/http-cache/fields.ts";
import type { ContentRange } from "../../policies/http-cache/ranges.ts";
import type { Keeping } from "../../policies/http-cache/storing.ts";
import { selectingKey } from "../../policies/http-cache/vary.ts";
import type { HeaderList } from "../exchange.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import type { RouteCount } from "./route-counts.ts";

/** What objects, keys and the places in lists cost for each entry, measured roughly; so that tiny ones are not free. */
const entryBytes = 600;

/** What a place in the set of a tag costs, and perhaps that set. */
const tagBytes = 200;

export interface StoredParts {
  readonly key: string;
  /** What of the request it depends on, as `selectingKey` writes it. */
  readonly selecting: string;
  readonly service: string;
  readonly route: RouteCount;
  readonly status: number;
  readonly headers: HeaderList;
  /** A string where it is short and all ASCII: node writes it together with the head. */
  readonly body: Uint8Array | string;
  /** Where it is a part of a representation only. */
  readonly part: ContentRange | undefined;
  readonly keeping: Keeping;
  /** What each answer is that the edge gives of it; undefined for most. */
  readonly event: PlannedEvent | undefined;
}

/** An answer that is kept. It does not change; one that is updated is replaced by another. */
export class StoredAnswer {
  readonly key: string;
  readonly selecting: string;
  readonly service: string;
  readonly route: RouteCount;
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array | string;
  readonly part: ContentRange | undefined;
  readonly keeping: Keeping;
  readonly event: PlannedEvent | undefined;
  readonly validators: Validators;
  readonly tags: readonly string[];
  readonly bytes: number;
  /** Until then it is given whole to whoever asks nothing special. */
  readonly plainUntilMs: number;
  /** How often it was used since it last came up for eviction, at most 3; kept by the store. */
  uses = 0;
  /** Until then nobody fetches its successor in the background: somebody does, or has just failed. */
  refreshFromMs = 0;
  /** Its place among those that may have to make room. */
  list: EntryList<Listed> | undefined = undefined;
  before: Listed | undefined = undefined;
  after: Listed | undefined = undefined;

  #flat: HeaderList = [];
  #flatAge = -1;
  #hitStatus = "";

  constructor(parts: StoredParts) {
    this.key = parts.key;
    this.selecting = parts.selecting;
    this.service = parts.service;
    this.route = parts.route;
    this.status = parts.status;
    this.headers = parts.headers;
    this.body = parts.body;
    this.part = parts.part;
    this.keeping = parts.keeping;
    this.event = parts.event;
    this.validators = {
      etag: firstLine(parts.headers, "etag"),
      lastModified: firstLine(parts.headers, "last-modified"),
    };
    this.tags = tagsOf(parts.headers);
    this.bytes = sizeOf(parts) + this.tags.length * tagBytes;
    this.plainUntilMs = parts.part || parts.keeping.alwaysValidate ? 0 : parts.keeping.freshUntilMs;
  }

  /** Whether it is for requests with these headers (RFC 9111 §4.1). */
  suits(headers: HeaderList): boolean {
    const { vary } = this.keeping;
    return vary.length === 0 || selectingKey(vary, headers) === this.selecting;
  }

  get bodyBytes(): number {
    return this.body.length;
  }

  /** Its headers with `Age` and `Cache-Status`: made once a second however often it is asked for. */
  flatAt(now: number): HeaderList {
    const age = Math.floor(Math.max(0, now - this.keeping.madeMs) / 1_000);
    if (age === this.#flatAge) return this.#flat;
    this.#flatAge = age;
    this.#hitStatus = hitStatus(this.keeping.freshUntilMs, now);
    this.#flat = [...this.headers, "age", String(age), "cache-status", `trellis; ${this.#hitStatus}`];
    return this.#flat;
  }

  /** `hit; ttl=10`, as in the headers that `flatAt` gives. */
  hitStatusAt(now: number): string {
    this.flatAt(now);
    return this.#hitStatus;
  }

  /** The same with other headers, and what they say. */
  updated({ headers, keeping, selecting }: Pick<StoredParts, "headers" | "keeping" | "selecting">): StoredAnswer {
    const { key, service, route, status, body, part, event } = this;
    return new StoredAnswer({ key, selecting, service, route, status, body, part, headers, keeping, event });
  }
}

/** `Cache-Tag` is separated by commas, `Surrogate-Key` by spaces. */
function tagsOf(headers: HeaderList): readonly string[] {
  const tags = wholeField(headers, "cache-tag");
  const keys = wholeField(headers, "surrogate-key");
  if (tags === undefined && keys === undefined) return noTags;
  const all = [...(tags?.split(",") ?? []), ...(keys?.split(/[\s,]+/) ?? [])];
  return [...new Set(all.map((tag) => tag.trim()).filter((tag) => tag !== ""))];
}

const noTags: readonly string[] = [];

function sizeOf({ key, selecting, headers, body }: StoredParts): number {
  // The headers are there twice: as they came, and with the age.
  let bytes = entryBytes + key.length + selecting.length + body.length;
  for (const text of headers) bytes += text.length + 16;
  return bytes;
}
