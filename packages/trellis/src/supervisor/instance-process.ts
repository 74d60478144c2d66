/** One operating-system process that runs an instance, as its supervisor sees it. */
export interface InstanceProcess {
  readonly pid: number;
  /** When it began, as the kernel tells it: another process that has its number later is not mistaken for it. */
  readonly born?: string;
  /** Asks it to finish what it has begun and to end. */
  drain(): void;
  /** Ends it at once. */
  kill(): void;
}

/** Starts a process; `listener` is told what becomes of it, never before this returns. */
export type SpawnInstance = (listener: InstanceListener) => InstanceProcess;

export interface InstanceListener {
  /** It serves. */
  ready(facts: ReadyFacts): void;
  /** It is gone: told once, and nothing after it. */
  ended(end: InstanceEnd): void;
}

export interface ReadyFacts {
  /** The address of this instance alone. */
  readonly privateUrl: string;
  /** The port that it listens on besides; undefined behind a gateway, and for a worker. */
  readonly port?: number;
  /** Made by this instance, if it was the first ever on its data. */
  readonly ownerKey?: string;
}

export interface InstanceEnd {
  /** `exit code 1`, `signal SIGKILL`. */
  readonly says: string;
  /** Why it could not go on, if it could still tell. */
  readonly error?: InstanceError;
}

/** An error that travels between processes: the parts of a `TrellisError`. */
export interface InstanceError {
  readonly code: string;
  readonly says: string;
  readonly cure: string;
}
