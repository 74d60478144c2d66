import type { HtmlTagDescriptor, Plugin } from "vite";

/** The faces that every page shows at once. */
const firstFonts = /geist(?:-mono)?-latin-wght-normal-.+\.woff2$/;

/** Puts into each page's head what all pages have: the script that runs first, and the fonts of the first paint. */
export function pageHead(): Plugin {
  return {
    name: "trellis-page-head",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) => [
        {
          tag: "script",
          // React Aria writes a <style> into the page unless something has this id; base.css has its rule.
          attrs: { src: "/page.js", id: "react-aria-pressable-style" },
          injectTo: "head-prepend",
        },
        ...Object.keys(bundle ?? {})
          .filter((name) => firstFonts.test(name))
          .map(
            (name): HtmlTagDescriptor => ({
              tag: "link",
              attrs: { rel: "preload", href: `/${name}`, as: "font", type: "font/woff2", crossorigin: "" },
              injectTo: "head",
            }),
          ),
      ],
    },
  };
}
