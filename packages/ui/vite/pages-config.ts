import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import type { UserConfig } from "vite";
import { compressed } from "./compressed.ts";
import { pageHead } from "./page-head.ts";

/** How Vite builds the pages in `folder`, where `index.html` lies: into its `dist`, ready to be served as they are. */
export function pagesConfig(folder: string): UserConfig {
  return {
    root: folder,
    publicDir: fileURLToPath(new URL("../public/", import.meta.url)),
    plugins: [{ ...optimizeLocales.vite({ locales: ["en-US"] }), enforce: "pre" }, react(), pageHead(), compressed()],
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2023",
      // A page's policy allows no `data:`; and what is inlined is compressed and cached worse.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
}
