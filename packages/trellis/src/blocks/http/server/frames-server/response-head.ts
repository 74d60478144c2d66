import { EventEmitter } from "node:events";
import { headBytesMax } from "../../../../frames/limits.ts";
import { type HeaderValue, nodeError, withHeader } from "./head-text.ts";

type NamedHeaders = Readonly<Record<string, HeaderValue | undefined>>;
type Headers = NamedHeaders | readonly HeaderValue[];

/** Status and headers of a response, as node's `ServerResponse` has them. */
export class ResponseHead extends EventEmitter {
  statusCode = 200;
  statusMessage = "";
  sendDate = true;
  /** The head's text once it is settled, under node's name for it: it is measured by that. */
  _header: string | null = null;
  #headers: Map<string, { readonly name: string; readonly value: HeaderValue }> | undefined = undefined;

  get headersSent(): boolean {
    return this._header !== null;
  }

  setHeader(name: string, value: HeaderValue): this {
    if (this._header !== null) throw alreadySent("set");
    // Checked now, where whoever sets it can be told.
    withHeader("", name, value);
    this.#headers ??= new Map();
    this.#headers.set(name.toLowerCase(), { name, value });
    return this;
  }

  setHeaders(headers: Iterable<readonly [string, HeaderValue]>): this {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    const before = this.getHeader(name);
    return this.setHeader(name, before === undefined ? value : [before, value].flat().map(String));
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers?.get(name.toLowerCase())?.value;
  }

  getHeaders(): Record<string, HeaderValue> {
    return Object.fromEntries([...(this.#headers ?? [])].map(([lower, { value }]) => [lower, value]));
  }

  getHeaderNames(): string[] {
    return [...(this.#headers?.keys() ?? [])];
  }

  hasHeader(name: string): boolean {
    return this.#headers?.has(name.toLowerCase()) ?? false;
  }

  removeHeader(name: string): void {
    if (this._header !== null) throw alreadySent("remove");
    this.#headers?.delete(name.toLowerCase());
  }

  /** `headers` by name, or names and values in turn; those by name replace what was set, as node has it. */
  writeHead(status: number, message?: string | Headers, headers?: Headers): this {
    if (this._header !== null) throw alreadySent("write");
    if (!Number.isInteger(status) || status < 100 || status > 999)
      throw Object.assign(new RangeError(`Invalid status code: ${status}`), { code: "ERR_HTTP_INVALID_STATUS_CODE" });
    this.statusCode = status;
    const given = typeof message === "string" ? headers : message;
    let text = "";
    if (given === undefined) text = this.#withSetHeaders(text);
    else if (Array.isArray(given)) text = withList(this.#withSetHeaders(text), given as readonly HeaderValue[]);
    else text = this.#withNamed(given as NamedHeaders);
    if (text.length > headBytesMax)
      throw nodeError("HPE_HEADER_OVERFLOW", `A head has more than ${headBytesMax} bytes`);
    this._header = text;
    return this;
  }

  #withSetHeaders(text: string): string {
    let longer = text;
    for (const { name, value } of this.#headers?.values() ?? []) longer = withHeader(longer, name, value);
    return longer;
  }

  #withNamed(given: NamedHeaders): string {
    if (this.#headers === undefined) {
      let text = "";
      for (const name in given) {
        const value = given[name];
        if (value !== undefined) text = withHeader(text, name, value);
      }
      return text;
    }
    for (const name in given) {
      const value = given[name];
      if (value !== undefined) this.setHeader(name, value);
    }
    return this.#withSetHeaders("");
  }
}

function withList(text: string, list: readonly HeaderValue[]): string {
  let longer = text;
  for (let at = 0; at < list.length; at += 2)
    longer = withHeader(longer, String(list[at]), list[at + 1] as HeaderValue);
  return longer;
}

function alreadySent(what: string): Error {
  return nodeError("ERR_HTTP_HEADERS_SENT", `Cannot ${what} headers after they are sent to the client`);
}
