import { expect, test } from "vitest";
import { type JournalFile, notesKept, ScaleJournal } from "./scale-journal.ts";
import type { ScaleNote } from "./scale-note.ts";

class Paper implements JournalFile {
  text: string | undefined;
  read(): string | undefined {
    return this.text;
  }
  append(text: string): void {
    this.text = (this.text ?? "") + text;
  }
  replace(text: string): void {
    this.text = text;
  }
  get lines(): number {
    return (this.text ?? "").split("\n").length - 1;
  }
}

const note = (at: number, more: Partial<ScaleNote> = {}): ScaleNote => ({
  at,
  group: "web",
  from: 1,
  to: 2,
  kind: "in-flight",
  says: "Many are under way.",
  done: true,
  ...more,
});

test("what was noted is there again after a restart, oldest first", () => {
  const paper = new Paper();
  const journal = new ScaleJournal(paper);
  journal.add(note(1));
  journal.add(note(2, { group: "worker", limitedBy: "cores", done: false }));
  expect(new ScaleJournal(paper).notes).toEqual(journal.notes);
  expect(new ScaleJournal(paper).last("worker")).toMatchObject({ at: 2, limitedBy: "cores" });
  expect(journal.last("reports")).toBeUndefined();
});

test("what is not done for the same reason as before is noted once, and again ten minutes later", () => {
  const journal = new ScaleJournal(new Paper());
  const stay = { to: 1, kind: "waiting-to-shrink", done: false } as const;
  expect(journal.add(note(0, stay))).toBe(true);
  expect(journal.add(note(1_000, { ...stay, says: "59 s to go." }))).toBe(false);
  expect(journal.add(note(2_000, { ...stay, kind: "latency-guard" }))).toBe(true);
  expect(journal.add(note(3_000, { ...stay, kind: "latency-guard", limitedBy: "memory" }))).toBe(true);
  expect(journal.add(note(4_000, { ...stay, kind: "latency-guard", limitedBy: "memory" }))).toBe(false);
  expect(journal.add(note(603_001, { ...stay, kind: "latency-guard", limitedBy: "memory" }))).toBe(true);
  expect(journal.add(note(603_002, { ...stay, kind: "latency-guard", limitedBy: "memory", group: "worker" }))).toBe(
    true,
  );
  expect(journal.add(note(603_003))).toBe(true);
  expect(journal.add(note(603_004))).toBe(true);
});

test("only the last thousand are kept, and the file is never much longer", () => {
  const paper = new Paper();
  const journal = new ScaleJournal(paper);
  for (let at = 0; at < notesKept * 3; at += 1) {
    journal.add(note(at));
    expect(paper.lines).toBeLessThanOrEqual(notesKept * 2);
  }
  expect(journal.notes).toHaveLength(notesKept);
  const again = new ScaleJournal(paper);
  expect(again.notes).toEqual(journal.notes);
  expect(again.notes[0]?.at).toBe(notesKept * 2);
});

test("a line that was cut off, or is of another kind, is left out, and the next one is whole", () => {
  const paper = new Paper();
  const wrong = ["null", "[]", '{"at":"now"}', '{"at":1,"group":"web","from":1,"to":2,"kind":"idle","says":"x"}', "é{"];
  paper.text = `${JSON.stringify(note(1))}\n${wrong.join("\n")}\n${JSON.stringify(note(2)).slice(0, 20)}`;
  const journal = new ScaleJournal(paper);
  expect(journal.notes.map(({ at }) => at)).toEqual([1]);
  journal.add(note(3));
  expect(new ScaleJournal(paper).notes.map(({ at }) => at)).toEqual([1, 3]);
});
