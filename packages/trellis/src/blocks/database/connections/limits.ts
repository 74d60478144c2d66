/** How long a transaction may do nothing: a handler that hangs in one would keep its locks and connection for ever. */
export const idleInTransactionMs = 60_000;

/** How long one waits for a connection: for a server that does not answer, or for a free one of a pool. */
export const waitMsDefault = 5_000;
/** How much longer than a statement may take a server may be silent, before its connection counts as lost. */
export const silenceMs = 5_000;
