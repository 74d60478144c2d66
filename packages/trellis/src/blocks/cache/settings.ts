/** A cache's options with every default filled in and every unit settled. */
export interface CacheSettings<Key, Value> {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly negativeMs: number;
  readonly loadMsMax: number;
  readonly windowMs: number;
  readonly bytesMax: number;
  readonly unsavedMax: number;
  readonly jitter: number;
  readonly keyOf: (key: Key) => string;
  readonly tagsOf: ((value: Value) => readonly string[]) | undefined;
}
