/** The files of a spool are deleted one by one as they are forwarded. */
export const segmentBytesMax = 8_000_000;
/** After a failed write nothing is tried for so long: a full disk must not cost every turn a try. */
export const writeAgainMs = 250;
