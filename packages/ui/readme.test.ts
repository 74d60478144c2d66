import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

test("the README names everything that pages may import, and nothing else", () => {
  const exported = [...read("./src/index.ts").matchAll(/^export \{ (.+) \} from/gm)]
    .flatMap(([, names = ""]) => names.split(", "))
    .filter((name) => !name.startsWith("type "));
  expect(exported.length).toBeGreaterThan(20);
  const readme = read("./README.md");
  expect(exported.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  const named = [...readme.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(
    ([, cell = ""]) => cell.match(/(?<=`)[A-Za-z]+(?=`)/g) ?? [],
  );
  expect(named.filter((name) => !exported.includes(name))).toEqual(["TimeSeries"]);
});
