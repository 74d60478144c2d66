import type { Page, Request, Route } from "playwright-core";
import type { CountedLink } from "../../../../apps/links/src/contract.ts";
import { cannedBreakdown, cannedLive, cannedSeries } from "./canned-clicks.ts";
import { cannedLinks } from "./canned-links.ts";
import { cannedOperations } from "./canned-operations.ts";

export interface CannedState {
  /** How many links there are. */
  readonly links?: number;
  readonly signedIn?: boolean;
  /** Clicks are behind, jobs are dead, schedules fail. */
  readonly troubled?: boolean;
  /** Every answer but the session's is a 503. */
  readonly down?: boolean;
  /** What was given up and set aside is answered with a 503. */
  readonly listsDown?: boolean;
  /** Nothing is ever answered. */
  readonly silent?: boolean;
}

/** Answers what the pages ask for, without a server: for their looks in each state, not for what the API does. */
export async function answerFromCans(page: Page, origin: string, state: CannedState): Promise<void> {
  const links = cannedLinks(state.links ?? 12, origin);
  await page.route(/\/v1\//, (route, request) => answer(route, request, links, state));
}

async function answer(
  route: Route,
  request: Request,
  links: readonly CountedLink[],
  state: CannedState,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url());
  if (state.signedIn === false)
    return json(route, 401, { code: "unauthenticated", title: "Nobody is signed in", status: 401 });
  if (pathname === "/v1/session")
    return json(route, 200, { workspace: "acme", scopes: ["*"], keyId: "k_1", label: "owner" });
  if (state.silent) return;
  const isList = pathname.endsWith("/dead") || pathname.endsWith("/set-aside");
  if (state.down || (state.listsDown && isList))
    return json(route, 503, { code: "unavailable", title: "Not available", status: 503 });
  if (pathname.endsWith("/qr")) return route.fulfill({ contentType: "image/svg+xml", body: cannedQr });
  if (pathname.endsWith("/live")) return live(route, state.troubled === true);
  const operations = cannedOperations(state.troubled === true, searchParams.get("cursor"))[pathname];
  if (operations !== undefined) return json(route, 200, operations);
  const value = linksAnswer(pathname, searchParams, links);
  return value === undefined
    ? json(route, 404, { code: "unknown-code", title: "No link has this code", status: 404, data: { code: "" } })
    : json(route, 200, value);
}

function linksAnswer(path: string, query: URLSearchParams, links: readonly CountedLink[]): unknown {
  if (path === "/v1/links") {
    const q = query.get("q");
    const start = Number(query.get("cursor")?.slice(0, -8) ?? 0);
    const found = links.filter(({ code, target }) => q === null || `${code} ${target}`.includes(q));
    const end = start + Number(query.get("limit") ?? 20);
    return { links: found.slice(start, end), next: end < found.length ? `${end}-aaaaaaa` : null };
  }
  const [, code, part] = /^\/v1\/links\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
  const link = links.find((candidate) => candidate.code === code);
  const from = query.get("from") ?? "";
  const to = query.get("to") ?? "";
  if (!link) return undefined;
  if (part === "clicks") return cannedSeries(from, to, query.get("unit") === "day" ? "day" : "hour");
  if (part === "breakdown") return cannedBreakdown(query.get("by") ?? "", from, to);
  if (part === "versions") return { versions: versionsOf(link), next: null };
  return link;
}

function versionsOf({ version, target, createdAt }: CountedLink) {
  return Array.from({ length: version }, (_, index) => ({
    version: version - index,
    target: index === 0 ? target : `${target}&draft=${index}`,
    createdAt,
  }));
}

/** One event, then the stream stays open for as long as the page listens. */
async function live(route: Route, troubled: boolean): Promise<void> {
  const event = JSON.stringify(cannedLive(troubled ? 12_400 : 40));
  await route.fulfill({ contentType: "text/event-stream", body: `data: ${event}\n\n` });
}

async function json(route: Route, status: number, body: unknown): Promise<void> {
  const contentType = status < 400 ? "application/json" : "application/problem+json";
  await route.fulfill({ status, contentType, body: JSON.stringify(body) });
}

const cannedQr =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h3v3H0zM6 0h3v3H6zM0 6h3v3H0zM4 4h1v1H4zM6 6h1v1H6zM8 8h1v1H8zM4 0h1v2H4zM4 7h1v2H4z"/></svg>';
