import { parseRequestControl, type RequestControl } from "../../policies/http-cache/cache-control.ts";
import type { Preconditions } from "../../policies/http-cache/conditional.ts";
import { firstLine, wholeField } from "../../policies/http-cache/fields.ts";
import type { AskedWith } from "../../policies/http-cache/storing.ts";
import type { HeaderList } from "../exchange.ts";

/** What a request asks of caches beyond its address. */
export class Asked implements Preconditions, AskedWith {
  readonly control: RequestControl | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  /** It holds a precondition that only the origin can judge. */
  readonly guarded: boolean;
  readonly authorized: boolean;

  constructor(headers: HeaderList) {
    const control = wholeField(headers, "cache-control");
    const pragma = wholeField(headers, "pragma");
    this.control = control === undefined && pragma === undefined ? undefined : parseRequestControl(control, pragma);
    this.range = firstLine(headers, "range");
    this.ifRange = firstLine(headers, "if-range");
    this.ifNoneMatch = wholeField(headers, "if-none-match");
    this.ifModifiedSince = firstLine(headers, "if-modified-since");
    this.guarded =
      firstLine(headers, "if-match") !== undefined || firstLine(headers, "if-unmodified-since") !== undefined;
    this.authorized = firstLine(headers, "authorization") !== undefined;
  }

  get noStore(): boolean {
    return this.control?.noStore ?? false;
  }

  /** It has a validator of the client's own. */
  get hasValidator(): boolean {
    return this.ifNoneMatch !== undefined || this.ifModifiedSince !== undefined;
  }

  get conditional(): boolean {
    return this.hasValidator || this.range !== undefined;
  }
}

/** What a request asks of caches; mostly nothing, and then nothing is read. */
export function askedOf(headers: HeaderList): Asked {
  return isPlain(headers) ? nothing : new Asked(headers);
}

const nothing = new Asked([]);

/** Whether a request asks nothing of caches, as most do: told by the lengths of its names, without reading most. */
export function isPlain(headers: HeaderList): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    switch (name.length) {
      case 5:
        if (name === "range") return false;
        break;
      case 6:
        if (name === "pragma") return false;
        break;
      case 8:
        if (name === "if-match" || name === "if-range") return false;
        break;
      case 13:
        if (name === "cache-control" || name === "if-none-match" || name === "authorization") return false;
        break;
      case 17:
        if (name === "if-modified-since") return false;
        break;
      case 19:
        if (name === "if-unmodified-since") return false;
        break;
    }
  }
  return true;
}
