/** How long one waits for a connection: for a server that does not answer, or for a free one of a pool. */
export const waitMsDefault = 5_000;
