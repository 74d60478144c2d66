/** What others may ask of Links. Browsers may load this file. */
import {
  anyone,
  contract,
  created,
  del,
  events,
  file,
  get,
  nothing,
  patch,
  post,
  redirect,
  scope,
} from "trellis/contract";
import { z } from "zod";
import { Breakdown, ClickSeries, Dimension, LiveClicks, Reconciliation, Span, Unit } from "./click-shapes.ts";
import {
  AliasReserved,
  AliasTaken,
  LinkArchived,
  SpanRefused,
  StaleVersion,
  TargetRefused,
  UnknownCode,
  UnknownVersion,
} from "./failures.ts";
import { Alias, CountedLink, Link, LinkVersion, State, Target, Version } from "./link-shape.ts";

export * from "./click-shapes.ts";
export * from "./failures.ts";
export * from "./link-shape.ts";

/** Part of a list: at most 100, 20 unless said otherwise. */
const limit = z.coerce.number<number>().int().min(1).max(100).default(20);
const cursor = z
  .string()
  .regex(/^(?:[0-9]{1,16}-)?[A-Za-z0-9]{7}$/, "must be the `next` of an earlier page")
  .optional();

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
    summary:
      "The workspace's links with their clicks; `q` is part of the code or target; `next` is the next page's `cursor`",
    query: z.object({
      cursor,
      limit,
      state: z.enum([...State.options, "all"]).default("active"),
      q: z.string().trim().max(200).optional(),
      /** By when they were made, or by how often people followed them. */
      sort: z.enum(["newest", "oldest", "most-followed"]).default("newest"),
    }),
    returns: z.object({ links: z.array(CountedLink), next: z.string().nullable() }),
    allow: read,
  }),
  read: get("/v1/links/:code", {
    summary: "One link with its clicks",
    returns: CountedLink,
    fails: [UnknownCode],
    allow: read,
  }),
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
  rollback: post("/v1/links/:code/rollback", {
    summary: "Gives the link the target of an earlier version again, as a new version",
    body: z.object({ version: Version }),
    returns: Link,
    fails: [UnknownCode, UnknownVersion, LinkArchived],
    allow: write,
  }),
  archive: del("/v1/links/:code", {
    summary: "Ends the link: following it answers 410 unless it is restored; its code is never used again",
    returns: nothing(),
    fails: [UnknownCode],
    allow: write,
  }),
  restore: post("/v1/links/:code/restore", {
    summary: "Takes an archived link back: it leads where it led",
    returns: Link,
    fails: [UnknownCode],
    allow: write,
  }),
  clicks: get("/v1/links/:code/clicks", {
    summary: "How often the link was followed in each hour or day; the last 24 hours or 30 days unless said otherwise",
    query: z.object({ ...Span, unit: Unit.default("hour") }),
    returns: ClickSeries,
    fails: [UnknownCode, SpanRefused],
    allow: read,
  }),
  breakdown: get("/v1/links/:code/breakdown", {
    summary: "What clicks had in common, the most frequent first; of the last 30 days unless said otherwise",
    query: z.object({ ...Span, by: Dimension, limit }),
    returns: Breakdown,
    fails: [UnknownCode, SpanRefused],
    allow: read,
  }),
  live: get("/v1/links/:code/live", {
    summary: "The link's clicks as they are counted",
    returns: events(LiveClicks),
    fails: [UnknownCode],
    allow: read,
  }),
  qr: get("/v1/links/:code/qr", {
    summary: "The short address as a QR code; `size` is its width in pixels, quiet zone included",
    query: z.object({
      format: z.enum(["svg", "png"]).default("svg"),
      size: z.coerce.number<number>().int().min(64).max(2_048).default(512),
    }),
    returns: file("image/svg+xml", "image/png"),
    fails: [UnknownCode],
    allow: read,
  }),
  reconciliation: get("/v1/reconciliation", {
    summary: "What became of every redirect answered: counted, in flight or unlogged, to the unit",
    returns: Reconciliation,
    allow: scope("links:reconcile"),
  }),
  follow: get("/:code", {
    summary: "Leads to the link's target",
    returns: redirect(),
    fails: [UnknownCode, LinkArchived],
    allow: anyone,
    // What changes a link purges its code. A click is what either answers, the edge or an instance.
    edge: {
      maxAge: "5m",
      staleFor: "1h",
      tags: ({ code }) => [code],
      event: { headers: ["referer", "user-agent"] },
    },
  }),
});

type LinksRoutes = typeof linksContract.routes;

/** A route of this contract, by name. */
export type LinksRoute<Name extends keyof LinksRoutes> = LinksRoutes[Name];
