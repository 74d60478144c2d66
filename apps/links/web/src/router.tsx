import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { readDrawerSearch } from "./drawer-search.ts";
import { readLinkSearch } from "./link-search.ts";
import { LinksPage } from "./links/links-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { Root } from "./root.tsx";

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

/** The list stays where it is while a link of it is open beside it. */
const list = createRoute({
  getParentRoute: () => root,
  id: "list",
  validateSearch: readLinkSearch,
  component: LinksPage,
});

const home = createRoute({ getParentRoute: () => list, path: "/" });

const link = createRoute({
  getParentRoute: () => list,
  path: "/links/$code",
  validateSearch: readDrawerSearch,
  component: lazyRouteComponent(() => import("./link/link-drawer.tsx"), "LinkDrawer"),
});

const operations = createRoute({
  getParentRoute: () => root,
  path: "/operations",
  component: lazyRouteComponent(() => import("./operations/operations-page.tsx"), "OperationsPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: ({ to }: Readonly<Record<string, unknown>>): { to?: string } =>
    typeof to === "string" && /^\/(?!\/)/.test(to) ? { to } : {},
  component: lazyRouteComponent(() => import("./session/sign-in-page.tsx"), "SignInPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([list.addChildren([home, link]), operations, signIn]),
  defaultPreload: "intent",
  scrollRestoration: true,
  // Plain words in the address, as people write and read them: no JSON.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const said = Object.entries(search).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
    return text === "" ? "" : `?${text}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
