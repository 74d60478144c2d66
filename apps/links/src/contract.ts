/** What others may ask of Links. Browsers may load this file. */
import { anyone, contract, created, del, failure, get, nothing, patch, post, redirect, scope } from "trellis/contract";
import { z } from "zod";

/** The longest target: what every browser, mail program and proxy still takes. */
export const targetCharactersMax = 2_048;

const Target = z
  .url("must be a whole address, such as https://example.com/page")
  .max(targetCharactersMax, `must have at most ${targetCharactersMax} characters`);
const Alias = z.string().regex(/^[A-Za-z0-9_-]{3,64}$/, "must be 3 to 64 letters, digits, hyphens or underscores");
const Version = z.int().min(1);
const State = z.enum(["active", "archived"]);
/** Part of a list: at most 100, 20 unless said otherwise. */
const limit = z.coerce.number<number>().int().min(1).max(100).default(20);

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

const LinkVersion = z.object({ version: Version, target: z.string(), createdAt: z.iso.datetime() });

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
  cure: "Make a new link.",
  detail: ofCode,
});
export const StaleVersion = failure("stale-version", {
  status: 409,
  title: "The link has changed meanwhile",
  cure: "Read it again, then repeat the change with its present version.",
  detail: z.object({ code: z.string(), version: Version }),
});

const read = scope("links:read");
const write = scope("links:write");

export const linksContract = contract("links", {
  shorten: post("/v1/links", {
    summary: "Makes a link to `target`, under `alias` or a code of 7 characters",
    body: z.object({ target: Target, alias: Alias.optional() }),
    returns: created(Link, { at: (link) => `/v1/links/${link.code}` }),
    fails: [AliasTaken, AliasReserved, TargetRefused],
    allow: write,
  }),
  list: get("/v1/links", {
    summary: "The workspace's links, newest first; `next` is the `cursor` of the next page",
    query: z.object({
      cursor: z
        .string()
        .regex(/^[A-Za-z0-9]{7}$/, "must be the `next` of an earlier page")
        .optional(),
      limit,
      state: z.enum([...State.options, "all"]).default("active"),
    }),
    returns: z.object({ links: z.array(Link), next: z.string().nullable() }),
    allow: read,
  }),
  read: get("/v1/links/:code", { summary: "One link", returns: Link, fails: [UnknownCode], allow: read }),
  change: patch("/v1/links/:code", {
    summary: "Gives the link a new target, as a new version; with `version` only where that is its present one",
    body: z.object({ target: Target, version: Version.optional() }),
    returns: Link,
    fails: [UnknownCode, LinkArchived, StaleVersion, TargetRefused],
    allow: write,
  }),
  versions: get("/v1/links/:code/versions", {
    summary: "Every target that the link has had, the newest first; `next` is the `cursor` of the next page",
    query: z.object({ cursor: z.coerce.number<number>().int().min(1).optional(), limit }),
    returns: z.object({ versions: z.array(LinkVersion), next: Version.nullable() }),
    fails: [UnknownCode],
    allow: read,
  }),
  archive: del("/v1/links/:code", {
    summary: "Ends the link for good: following it answers 410, its code is never used again",
    returns: nothing(),
    fails: [UnknownCode],
    allow: write,
  }),
  follow: get("/:code", {
    summary: "Leads to the link's target",
    returns: redirect(),
    fails: [UnknownCode, LinkArchived],
    allow: anyone,
    edge: { maxAge: "5m", staleFor: "1h", tags: ({ code }) => [code] },
  }),
});

type LinksRoutes = typeof linksContract.routes;

/** A route of this contract, by name. */
export type LinksRoute<Name extends keyof LinksRoutes> = LinksRoutes[Name];
