import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Inside the repository, so that `trellis` and `zod` are found; ignored by git. */
const place = join(import.meta.dirname, "../../.trellis/tests");

const migration = "create table note (id bigint generated always as identity primary key, text text not null);";

const config = `
import { anyone, app, contract, created, database, get, post, service, socket } from "trellis";
import { z } from "zod";

const notesContract = contract("notes", {
  add: post("/v1/notes", { body: z.object({ text: z.string() }), returns: created(z.object({ text: z.string() })), allow: anyone }),
  list: get("/v1/notes", { returns: z.object({ texts: z.array(z.string()) }), allow: anyone }),
  who: get("/v1/who", { returns: z.object({ pid: z.int(), says: z.string() }), allow: anyone }),
  slow: get("/v1/slow", { returns: z.object({ slept: z.int() }), allow: anyone }),
  talk: get("/v1/talk", { returns: socket({ receives: z.object({ text: z.string() }), sends: z.object({ text: z.string(), pid: z.int(), says: z.string() }) }), allow: anyone }),
  mine: get("/v1/mine", { returns: z.object({ id: z.string() }) }),
});

const notes = service(notesContract, {
  uses: { db: database({ migrations: import.meta.resolve("./migrations/") }) },
  routes: {
    add: async ({ body }, { db }) => {
      await db.insertInto("note").values(body).execute();
      return body;
    },
    list: async (_request, { db }) => ({ texts: (await db.selectFrom("note").select("text").orderBy("id").execute()).map(({ text }) => text) }),
    who: () => ({ pid: process.pid, says: "hello" }),
    slow: () => new Promise((resolve) => setTimeout(() => resolve({ slept: 700 }), 700)),
    talk: () => ({ receive: ({ text }) => ({ text, pid: process.pid, says: "hello" }) }),
    mine: ({ actor }) => ({ id: actor.id }),
  },
});

export default app({ services: [notes], instances: { web: 2, worker: 1 } });
`;

/** A small app in a folder of its own, for the length of a test. */
export interface NotesApp {
  readonly folder: string;
  /** Its data folder, unless a command is told another. */
  readonly data: string;
  /** Writes a file of it anew. */
  write(file: string, text: string): void;
  /** Writes its configuration anew, with one piece of it replaced. */
  edit(piece: string, by: string): void;
}

export function notesApp(): NotesApp {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "notes-"));
  mkdirSync(join(folder, "migrations"));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  write("trellis.config.ts", config);
  write("migrations/0001_note.sql", migration);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    data: join(folder, ".trellis"),
    write,
    edit: (piece, by) => {
      if (!config.includes(piece)) throw new Error(`The app has no ${piece}`);
      write("trellis.config.ts", config.replaceAll(piece, by));
    },
  };
}

/** The value that a GET answers with; rejects where it is refused. */
export async function read<T>(url: string, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Adds a note; rejects where it was not acknowledged. */
export async function addNote(url: string, text: string): Promise<void> {
  const answer = await fetch(`${url}/v1/notes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
}

export async function notes(url: string): Promise<readonly string[]> {
  return (await read<{ texts: readonly string[] }>(`${url}/v1/notes`)).texts;
}
