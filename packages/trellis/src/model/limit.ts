/** One bound of the running system. `trellis plan` prints them all: nothing is hidden. */
export interface Limit {
  /** What is bounded, such as `request body`. */
  readonly name: string;
  readonly value: number;
  readonly unit: "bytes" | "ms" | "connections" | "instances" | "retries" | "entries" | "characters" | "requests";
  /** The setting that changes it, or why it is fixed. */
  readonly set: string;
}
