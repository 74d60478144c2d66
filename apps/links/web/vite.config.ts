import { fileURLToPath } from "node:url";
import { pagesConfig } from "trellis-ui/vite";
import { defineConfig } from "vite";

export default defineConfig(pagesConfig(fileURLToPath(new URL(".", import.meta.url))));
