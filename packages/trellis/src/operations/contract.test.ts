import { fileURLToPath } from "node:url";
import { build } from "vite";
import { expect, test } from "vitest";
import { operationsContract } from "./contract.ts";

test("a browser can load it: it comes to no module of Node.js and to no package but zod", async () => {
  const imports: string[] = [];
  await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      lib: { entry: fileURLToPath(import.meta.resolve("./contract.ts")), formats: ["es"] },
    },
    plugins: [{ name: "watch", moduleParsed: ({ id }) => void imports.push(id) }],
  });
  expect(imports.filter((id) => !id.includes("/packages/trellis/src/") && !id.includes("/node_modules/zod/"))).toEqual(
    [],
  );
  expect(imports.filter((id) => /\/src\/(?!model|operations)\w+\//.test(id))).toEqual([]);
});

test("whatever changes something takes the scope for it, whatever only tells takes the other", () => {
  for (const [name, { method, options }] of Object.entries(operationsContract.routes)) {
    const scope = method === "GET" ? "operations:read" : "operations:write";
    expect([name, options.allow?.says]).toEqual([name, `scope ${scope}`]);
  }
});
