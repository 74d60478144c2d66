/** What has been compressed of an answer is passed on after this long, though the rest of it is not there yet. */
export const flushMs = 20;
