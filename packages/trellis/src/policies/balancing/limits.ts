/** A member's weight beside the others: more would make a ring of the size of a cache. */
export const weightMax = 100;

/** How long a member takes from a tenth of its share to all of it, unless said. */
export const slowStartMsDefault = 10_000;
