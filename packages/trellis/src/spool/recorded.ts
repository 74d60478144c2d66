/** Something to be appended to a stream. */
export interface Recorded {
  readonly key: string;
  /** JSON. */
  readonly body: string;
  /** `traceparent` of what caused it. */
  readonly trace?: string | undefined;
}
