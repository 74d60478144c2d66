/** One line an event: what happened in a few words, and the facts beside it. */
export interface Log {
  debug(says: string, facts?: LogFacts): void;
  info(says: string, facts?: LogFacts): void;
  warn(says: string, facts?: LogFacts): void;
  error(says: string, facts?: LogFacts): void;
  /** A log whose every line carries these facts too. */
  with(facts: LogFacts): Log;
}

export type LogFacts = Readonly<Record<string, unknown>>;
