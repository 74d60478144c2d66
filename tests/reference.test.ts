import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "../packages/trellis/src/cli/commands.ts";
import { repository } from "./helpers/checkout.ts";
import { commandSection, commonOptionsTable, errorTable, settingsTable } from "./helpers/reference-tables.ts";

const page = (name: string): Promise<string> => readFile(join(repository, "docs", name), "utf8");

test("docs/errors.md says what the catalogue says of every error", async () => {
  expect(await page("errors.md")).toContain(errorTable());
});

test("docs/command.md has every setting, with its default", async () => {
  expect(await page("command.md")).toContain(settingsTable());
});

test("docs/command.md has the options that every command has", async () => {
  expect(await page("command.md")).toContain(commonOptionsTable());
});

test.each(commands)("docs/command.md has trellis $name as it explains itself", async ({ load }) => {
  expect(await page("command.md")).toContain(commandSection(await load()));
});

test("docs/command.md has no command that there is not", async () => {
  const titles = (await page("command.md")).match(/^### `trellis .*$/gm) ?? [];
  expect(titles).toHaveLength(commands.length);
});
