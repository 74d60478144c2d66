import { type NotesApp, notesApp } from "./notes-app.ts";

const config = (schedule: string) => `
import { anyone, app, contract, database, get, post, queue, service, stream } from "trellis";
import { z } from "zod";

const millContract = contract("mill", {
  list: get("/v1/notes", { returns: z.object({ texts: z.array(z.string()) }), allow: anyone }),
  grind: post("/v1/grind", { body: z.object({ sack: z.string() }), returns: z.object({ id: z.string() }), allow: anyone }),
  mine: get("/v1/mine", { returns: z.object({ id: z.string() }) }),
});

const mill = service(millContract, {
  uses: {
    db: database({ migrations: import.meta.resolve("./migrations/") }),
    grinding: queue(z.object({ sack: z.string() }), { retries: 0 }),
    flour: stream(z.object({ sack: z.string() }), { key: ({ sack }) => sack }),
  },
  routes: {
    list: async (_request, { db }) => ({ texts: (await db.selectFrom("note").select("text").orderBy("id").execute()).map(({ text }) => text) }),
    grind: async ({ body }, { grinding, flour }) => {
      await flour.append(body);
      return { id: await grinding.enqueue(body) };
    },
    mine: ({ actor }) => ({ id: actor.id }),
  },
  works: {
    grinding: async ({ job }) => {
      if (job.sack === "stones") throw new Error("Stones break the mill");
    },
  },
  consumes: { flour: async () => {} },
  schedules: {
    turn: ${schedule},
  },
});

export default app({ services: [mill], instances: { web: 1, worker: 2 } });
`;

/** An app of two workers with a queue, a stream and one schedule; `schedule` is its text. */
export function millApp(schedule: string): NotesApp {
  const app = notesApp();
  app.write("trellis.config.ts", config(schedule));
  return app;
}
