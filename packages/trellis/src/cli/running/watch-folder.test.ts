import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchFolder } from "./watch-folder.ts";

function watched() {
  const root = mkdtempSync(join(tmpdir(), "trellis-watch-"));
  for (const folder of ["src", "node_modules", ".trellis", "data"]) mkdirSync(join(root, folder));
  const changed = new Set<string>();
  const unwatch = watchFolder(root, (path) => changed.add(path), join(root, "data"));
  onTestFinished(() => {
    unwatch();
    rmSync(root, { recursive: true, force: true });
  });
  const write = (file: string) => writeFileSync(join(root, file), "text");
  const hears = (file: string) => vi.waitFor(() => expect(changed).toContain(join(root, file)), 5_000);
  return { root, changed, write, hears, unwatch };
}

test("edits are heard, also in folders that are new", async () => {
  const { root, write, hears } = watched();
  write("trellis.config.ts");
  write("src/service.ts");
  await hears("trellis.config.ts");
  await hears("src/service.ts");
  mkdirSync(join(root, "src/deep/deeper"), { recursive: true });
  await hears("src/deep");
  write("src/deep/deeper/new.ts");
  await hears("src/deep/deeper/new.ts");
});

test("what programs write is no edit", async () => {
  const { root, changed, write, hears } = watched();
  for (const file of ["node_modules/index.js", ".trellis/port", "src/.service.ts.swp", "src/service.ts~", "app.log"])
    write(file);
  write("src/last.ts");
  await hears("src/last.ts");
  expect([...changed]).toEqual([join(root, "src/last.ts")]);
});
