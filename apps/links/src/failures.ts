import { failure } from "trellis/contract";
import { z } from "zod";
import { Version } from "./link-shape.ts";

const ofCode = z.object({ code: z.string() });
const ofAlias = z.object({ alias: z.string() });

export const AliasTaken = failure("alias-taken", {
  status: 409,
  title: "The alias is taken",
  cure: "Choose another alias, or leave it out.",
  detail: ofAlias,
});
export const AliasReserved = failure("alias-reserved", {
  status: 422,
  title: "The alias is a reserved word",
  cure: "Choose another alias, or leave it out.",
  detail: ofAlias,
});
export const TargetRefused = failure("target-refused", {
  status: 422,
  title: "The target cannot be followed",
  cure: "Give an http or https address of another site, without a user name or password.",
  detail: z.object({
    field: z.literal("target"),
    reason: z.enum(["not-http", "credentials", "own-address", "too-long"]),
    /** The reason in one sentence. */
    says: z.string(),
  }),
});
export const UnknownCode = failure("unknown-code", {
  status: 404,
  title: "No link has this code",
  cure: "Check the address.",
  detail: ofCode,
});
export const LinkArchived = failure("link-archived", {
  status: 410,
  title: "The link is archived",
  cure: "Restore it, or make a new link.",
  detail: ofCode,
});
export const StaleVersion = failure("stale-version", {
  status: 409,
  title: "The link has changed meanwhile",
  cure: "Read it again, then repeat the change with its present version.",
  detail: z.object({ code: z.string(), version: Version }),
});
export const UnknownVersion = failure("unknown-version", {
  status: 404,
  title: "The link has no such version",
  cure: "Choose one of its versions.",
  detail: z.object({ code: z.string(), version: Version }),
});
export const SpanRefused = failure("span-refused", {
  status: 422,
  title: "The span of time cannot be shown",
  cure: "Give a `from` before `to`, and days instead of hours for long spans.",
  detail: z.object({
    /** The reason in one sentence. */
    says: z.string(),
  }),
});
