import type { Page } from "playwright-core";
import type { CannedState } from "./canned-api.ts";

/** One page in one state, as a person meets it. */
export interface Look {
  readonly path: string;
  readonly state?: CannedState;
  readonly dark?: boolean;
  readonly phone?: boolean;
  /** Is there once the page stands. */
  readonly shows: string;
  /** Opens what is to be seen. */
  readonly open?: (page: Page) => Promise<void>;
}

const rows = ".link-row";
const chart = ".time-series canvas";
const troubled = { troubled: true };

/** Every page in light and dark, wide and on a phone, with its overlays open, and in its worst states. */
export const looks: Readonly<Record<string, Look>> = {
  "links in light": { path: "/", shows: rows },
  "links in dark": { path: "/", dark: true, shows: rows },
  "links on a phone": { path: "/", phone: true, shows: rows },
  "links on a dark phone": { path: "/", phone: true, dark: true, shows: rows },
  "links, none yet": { path: "/", state: { links: 0 }, shows: ".empty-state" },
  "links, none found": { path: "/?q=nowhere", shows: ".empty-state" },
  "links while they load": { path: "/", state: { silent: true }, shows: ".link-skeleton" },
  "links while the server is away": { path: "/", state: { down: true }, shows: ".error-state" },
  "links with clicks behind": { path: "/", state: troubled, shows: ".stale-line" },
  "links with a row's menu open": {
    path: "/",
    shows: rows,
    open: async (page) => {
      await page.locator(".link-menu").nth(1).click();
      await page.locator(".menu-item").first().waitFor();
    },
  },
  "links with the palette open": {
    path: "/",
    dark: true,
    shows: rows,
    open: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("acme");
      await page.locator(".palette-item", { hasText: "pricing" }).waitFor();
    },
  },
  "links with a wrong address": {
    path: "/",
    shows: rows,
    open: async (page) => {
      await page.locator(".shorten-input").fill("not an address");
      await page.keyboard.press("Enter");
      await page.locator(".field-error").waitFor();
    },
  },
  "a link in light": { path: "/links/q4-hiring", shows: chart },
  "a link in dark": { path: "/links/q4-hiring?range=30d", dark: true, shows: chart },
  "a link on a phone": { path: "/links/q4-hiring?range=7d", phone: true, shows: chart },
  "a link while it is edited": { path: "/links/q4-hiring?show=edit", shows: ".target-form" },
  "a link's QR code": { path: "/links/q4-hiring?show=qr", dark: true, shows: ".qr" },
  "a link's breakdowns and versions": {
    path: "/links/q4-hiring",
    shows: chart,
    open: async (page) => page.locator(".version").last().scrollIntoViewIfNeeded(),
  },
  "a link that is not there": { path: "/links/nowhere", shows: ".drawer .empty-state" },
  "a link with clicks behind": { path: "/links/q4-hiring", dark: true, state: troubled, shows: ".drawer .stale-line" },
  "operations in light": { path: "/operations", shows: ".run-mark" },
  "operations in dark, in trouble": { path: "/operations", dark: true, state: troubled, shows: ".kept-item" },
  "operations on a phone, in trouble": { path: "/operations", phone: true, state: troubled, shows: ".kept-item" },
  "operations with all that was given up": {
    path: "/operations",
    state: troubled,
    shows: ".kept-item",
    open: async (page) => {
      await page.getByRole("button", { name: "Show more" }).click();
      await page.getByRole("button", { name: "Try all 3 again" }).waitFor();
      await page.getByRole("button", { name: "Show more" }).waitFor({ state: "detached" });
    },
  },
  "operations without the lists of what was given up": {
    path: "/operations",
    state: { ...troubled, listsDown: true },
    shows: ".error-state",
    open: (page) => page.locator(".error-state").nth(1).waitFor(),
  },
  "operations while the server is away": { path: "/operations", state: { down: true }, shows: ".error-state" },
  "sign-in": { path: "/operations", state: { signedIn: false }, shows: ".sign-in-form" },
  "sign-in on a dark phone": { path: "/", phone: true, dark: true, state: { signedIn: false }, shows: ".sign-in-form" },
  "an address that leads nowhere": { path: "/links/a/b/c", shows: ".empty-state" },
};
