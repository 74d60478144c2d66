import { fileURLToPath } from "node:url";
import { build, type Rollup } from "vite";
import { expect, it } from "vitest";

const entry = "virtual:page";
const page = `
  import { client, contract, created, failure, get, post, scope } from ${JSON.stringify(fileURLToPath(import.meta.resolve("./contract.ts")))};
  export const links = client(contract("links", { read: get("/:code", { returns: {} }) }), { url: "" });
`;

it("bundles a contract and a client for the browser without any module of Node.js or any package", async () => {
  const imports: string[] = [];
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: true, rollupOptions: { input: entry, preserveEntrySignatures: "strict" } },
    plugins: [
      {
        name: "page",
        enforce: "pre",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? page : undefined),
        moduleParsed: ({ id }) => void imports.push(id),
      },
    ],
  });
  const { output } = result as Rollup.RollupOutput;
  const code = output.flatMap((part) => (part.type === "chunk" ? [part.code] : [])).join("\n");
  expect(imports.filter((id) => !id.includes("/packages/trellis/src/") && id !== entry)).toEqual([]);
  expect(imports.filter((id) => id.includes("/src/blocks/http/")).length).toBeGreaterThan(3);
  expect(code).toContain("Bearer");
  expect(code).not.toMatch(/node:|__vite-browser-external|\brequire\(/);
  expect(Buffer.byteLength(code)).toBeLessThan(26_000);
});
