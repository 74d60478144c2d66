import type { Dimension } from "../contract.ts";

/** The numbers under which `link_hour_share` keeps what clicks are told apart by. Never to be given anew. */
export const dimensionNumbers: Readonly<Record<Dimension, number>> = {
  country: 1,
  referrer: 2,
  device: 3,
  browser: 4,
  os: 5,
  bot: 6,
  crawler: 7,
};
