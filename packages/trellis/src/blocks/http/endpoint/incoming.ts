/** What a request carries before anything is checked: the same over HTTP and in process. */
export interface Incoming {
  readonly method: string;
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Decoded. A repeated one is a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: IncomingHeaders;
  /** Text, where there is any. */
  readonly body?: string | undefined;
}

/** Lower-case names. */
export interface IncomingHeaders {
  readonly authorization?: string | undefined;
  readonly [name: string]: string | readonly string[] | undefined;
}

/** The header's value; the first where there are several. */
export function headerOf(headers: IncomingHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}
