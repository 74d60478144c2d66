import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blockOf } from "../../../spool/block.ts";
import { recordText } from "../../../spool/record-text.ts";
import { findSegments } from "../../../spool/segment.ts";
import { testRandom } from "../../../testing/test-random.ts";
import type { Recorded } from "../port.ts";
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

const written = (...turn: readonly Recorded[]): Buffer => Buffer.from(blockOf(turn.map(recordText).join("")));

/** Each written by itself, and the first two by one write. */
const turns = [records.slice(0, 2), ...records.slice(2).map((record) => [record])];
const blocks = turns.map((turn) => written(...turn));
const bytes = Buffer.concat(blocks);
/** The records of the blocks that end before a byte of the file. */
const wholeBefore = (at: number): readonly Recorded[] =>
  turns.filter((_, count) => Buffer.concat(blocks.slice(0, count + 1)).length <= at).flat();

test("records come back as they were, whatever their keys and bodies hold", async () => {
  expect(await readAll(fileOf(bytes).folder)).toEqual(records);
});

test("a file that is cut at any byte gives what was written whole before the cut, and nothing else", async () => {
  const file = fileOf(bytes);
  for (const cut of upTo(bytes.length + 1)) {
    file.write(bytes.subarray(0, cut));
    expect(await readAll(file.folder), `cut at ${cut}`).toEqual(wholeBefore(cut));
  }
});

test("a byte that has changed, whichever it is, is never read as something else", async () => {
  const file = fileOf(bytes);
  const random = testRandom();
  for (const at of upTo(bytes.length)) {
    const damaged = Uint8Array.from(bytes);
    damaged[at] = (bytes[at] as number) ^ (1 + Math.floor(random() * 255));
    file.write(damaged);
    expect(await readAll(file.folder), `changed at ${at}`).toEqual(wholeBefore(at));
  }
});

test("a cut block followed by whole ones is left out with the rest of its file, and the next file is read", async () => {
  const { folder } = fileOf(Buffer.concat([written(records[2] as Recorded), bytes.subarray(0, 29), bytes]));
  writeFileSync(join(folder, `${String(17).padStart(16, "0")}.spool`), bytes);
  expect(await readAll(folder)).toEqual([records[2], ...records]);
});

test("records are found however small the pieces are in which they are read", async () => {
  const { folder } = fileOf(Buffer.concat(upTo(5).map(() => bytes)));
  const all = upTo(5).flatMap(() => records);
  for (const pieces of upTo(200, 1)) expect(await readAll(folder, pieces)).toEqual(all);
  for (const count of upTo(6, 1)) expect(await readAll(folder, 1_000, count)).toEqual(all);
});

test("a text that is none of records is never read as some, though its checksum is right", async () => {
  for (const text of ["", "1 2", "1 0 1 a", "1 0 1 ab", "1 0 1 ab\n1 0 9 ab\n", "-1 0 1 a\n", "1 0 1.5 ab\n"]) {
    const { folder } = fileOf(Buffer.concat([bytes, blockOf(text), bytes]));
    expect(await readAll(folder), text).toEqual(text === "" ? [...records, ...records] : records);
  }
});

test("a length that claims more than there is does not make it read beyond its file", async () => {
  const { folder } = fileOf(Buffer.concat([bytes, Buffer.from("00000000 ffffffff\n"), bytes]));
  expect(await readAll(folder)).toEqual(records);
  expect(readFileSync(join(folder, "0000000000000000.spool")).length).toBeGreaterThan(bytes.length * 2);
});
