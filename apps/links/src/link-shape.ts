import { z } from "zod";
import { Series } from "./click-shapes.ts";

/** The longest target: what every browser, mail program and proxy still takes. */
export const targetCharactersMax = 2_048;

export const Target = z
  .url("must be a whole address, such as https://example.com/page")
  .max(targetCharactersMax, `must have at most ${targetCharactersMax} characters`);
export const Alias = z
  .string()
  .regex(/^[A-Za-z0-9_-]{3,64}$/, "must be 3 to 64 letters, digits, hyphens or underscores");
export const Version = z.int().min(1);
export const State = z.enum(["active", "archived"]);

export const Link = z.object({
  code: z.string(),
  target: z.string(),
  /** The short address. */
  url: z.string(),
  state: State,
  version: Version,
  /** When it was made. */
  createdAt: z.iso.datetime(),
});
export type Link = z.infer<typeof Link>;

/** A link with how often it was followed. */
export const CountedLink = Link.extend({
  /** All that were ever counted. */
  clicks: Series,
  /** What people followed in each of the last 24 hours, the present one last. */
  lastDay: z.array(z.int().min(0)).length(24),
});
export type CountedLink = z.infer<typeof CountedLink>;

export const LinkVersion = z.object({ version: Version, target: z.string(), createdAt: z.iso.datetime() });
