import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testRandom } from "../../../testing/test-random.ts";
import type { Recorded } from "../port.ts";
import { recordText } from "./record-text.ts";
import { findSegments } from "./segment.ts";
import { SegmentReader } from "./segment-reader.ts";
import { testFolder, upTo } from "./test-spools.contract.ts";

const records: readonly Recorded[] = [
  { key: "a", body: '{"n":1}' },
  { key: "ключ 😀", body: '{"n":"é\u2028"}', trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  { key: "", body: "0" },
  { key: "1 2 3 \n4", body: '{\n  "n": "12 3 4 5 x"\n}' },
];

async function readAll(folder: string, bytesMax = 500_000, recordsMax = 2_000): Promise<readonly Recorded[]> {
  const reader = new SegmentReader({
    segments: findSegments(folder),
    onRead: async () => undefined,
    onDamage: () => undefined,
  });
  const found: Recorded[] = [];
  for (;;) {
    const batch = await reader.read(recordsMax, bytesMax);
    if (!batch) return found;
    found.push(...batch.records);
    reader.taken(batch);
  }
}

function fileOf(bytes: string | Uint8Array): { readonly folder: string; write(bytes: Uint8Array): void } {
  const folder = testFolder();
  const path = join(folder, "0000000000000000.spool");
  writeFileSync(path, bytes);
  return { folder, write: (other) => writeFileSync(path, other) };
}

const text = records.map(recordText).join("");
const bytes = Buffer.from(text);
/** How many bytes the first record, the first two, … take. */
const ends = upTo(records.length + 1).map((count) =>
  Buffer.byteLength(records.slice(0, count).map(recordText).join("")),
);

test("records come back as they were, whatever their keys and bodies hold", async () => {
  expect(await readAll(fileOf(text).folder)).toEqual(records);
});

test("a file that is cut at any byte gives the whole records before the cut, and nothing else", async () => {
  const file = fileOf(bytes);
  for (const cut of upTo(bytes.length + 1)) {
    file.write(bytes.subarray(0, cut));
    const whole = ends.filter((end) => end <= cut).length - 1;
    expect(await readAll(file.folder), `cut at ${cut}`).toEqual(records.slice(0, whole));
  }
});

test("a byte that has changed, whichever it is, is never read as something else", async () => {
  const file = fileOf(bytes);
  const random = testRandom();
  for (const at of upTo(bytes.length)) {
    const damaged = Uint8Array.from(bytes);
    damaged[at] = (bytes[at] as number) ^ (1 + Math.floor(random() * 255));
    file.write(damaged);
    const before = ends.filter((end) => end <= at).length - 1;
    expect(await readAll(file.folder), `changed at ${at}`).toEqual(records.slice(0, before));
  }
});

test("a cut record followed by whole ones is left out with the rest of its file, and the next file is read", async () => {
  const { folder } = fileOf(`${recordText(records[0] as Recorded)}${text.slice(0, 9)}${text}`);
  writeFileSync(join(folder, `${String(17).padStart(16, "0")}.spool`), text);
  expect(await readAll(folder)).toEqual([records[0], ...records]);
});

test("records are found however small the pieces are in which they are read", async () => {
  const { folder } = fileOf(text.repeat(5));
  const all = upTo(5).flatMap(() => records);
  for (const pieces of upTo(200, 1)) expect(await readAll(folder, pieces)).toEqual(all);
  for (const count of upTo(6, 1)) expect(await readAll(folder, 1_000, count)).toEqual(all);
});

test("a length that claims more than there is does not make it read beyond its file", async () => {
  const { folder } = fileOf(`${text}123 9999999999999999999999 0 999999999999999999 x\n${text}`);
  expect(await readAll(folder)).toEqual(records);
  expect(readFileSync(join(folder, "0000000000000000.spool")).length).toBeGreaterThan(bytes.length * 2);
});
