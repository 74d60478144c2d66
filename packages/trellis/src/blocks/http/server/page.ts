/** An answer that is the same for everyone and outside of any service, such as `/openapi.json`. */
export interface Page {
  readonly path: string;
  readonly contentType: string;
  readonly body: () => string;
  /** More headers, lower-case names: a `content-security-policy`, say. */
  readonly headers?: Readonly<Record<string, string>>;
}
