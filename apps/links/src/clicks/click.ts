import { z } from "zod";
import { SeriesName } from "../contract.ts";
import { markMax } from "./sketch.ts";

/** The longest name of a browser, an operating system or a robot that is kept. */
export const nameCharactersMax = 48;

const name = z.string().max(nameCharactersMax);

/**
 * One followed link as it is written down and sent on: everything is decided already, and nothing in it tells who it
 * was. Empty is unknown.
 */
export const Click = z.object({
  /** The link's id. */
  link: z.int().min(1),
  /** Milliseconds since 1970. */
  at: z.int().min(0),
  series: SeriesName,
  /** ISO 3166-1, two letters. */
  country: z.string().max(2),
  /** The host that led here. */
  referrer: z.string().max(253),
  device: name,
  browser: name,
  os: name,
  /** The kind of robot, and which. */
  bot: name,
  crawler: name,
  /** A person, as `visitorMark` makes it. */
  visitor: z.int().min(0).max(markMax).optional(),
});
export type Click = z.infer<typeof Click>;
