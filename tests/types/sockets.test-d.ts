/** Conversations: what a service takes and sends, as its handler has it and as its caller holds it. */
import { calls, service } from "trellis";
import {
  anyone,
  type Conversation,
  client,
  contract,
  get,
  type OpenSocket,
  type Result,
  socket,
} from "trellis/contract";
import { expectTypeOf } from "vitest";
import { z } from "zod";

const Moment = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
const Line = z.object({ text: z.string(), loud: z.boolean().default(false), at: Moment.optional() });
const Said = z.object({ by: z.string(), text: z.string(), at: Moment });

const rooms = contract("rooms", {
  talk: get("/rooms/:room", { returns: socket({ receives: Line, sends: Said }), allow: anyone }),
});

type Line = { text: string; loud: boolean; at?: Date | undefined };
type Said = { by: string; text: string; at: Date };

// A handler gets what the schema makes of a message, and gives what its own schema takes in.
service(rooms, {
  uses: {},
  routes: {
    talk: ({ params }) => ({
      receive: (line) => {
        expectTypeOf(line).toEqualTypeOf<Line>();
        return { by: params.room, text: line.text, at: new Date(0) };
      },
      send: (async function* () {
        yield { by: params.room, text: "hello", at: new Date(0) };
      })(),
    }),
  },
});

// It may answer later, some messages only, or none.
service(rooms, { uses: {}, routes: { talk: () => ({ receive: () => undefined }) } });
service(rooms, { uses: {}, routes: { talk: async () => ({ receive: async () => {} }) } });
service(rooms, {
  uses: {},
  routes: {
    talk: () => ({
      receive: async ({ loud, text }) => (loud ? { by: "echo", text, at: new Date(0) } : undefined),
    }),
  },
});

service(rooms, {
  uses: {},
  routes: {
    // @ts-expect-error what it answers is no `Said`
    talk: () => ({ receive: ({ text }) => ({ text }) }),
  },
});
service(rooms, {
  uses: {},
  routes: {
    // @ts-expect-error a date is a Date here, and text only on the wire
    talk: () => ({ receive: ({ text }) => ({ by: "echo", text, at: "1970-01-01T00:00:00Z" }) }),
  },
});
service(rooms, {
  uses: {},
  routes: {
    talk: () => ({
      // @ts-expect-error a line has no such field
      receive: ({ txt }) => txt,
    }),
  },
});
service(rooms, {
  uses: {},
  routes: {
    talk: () => ({
      receive: () => undefined,
      // @ts-expect-error what it sends is no `Said`
      send: (async function* () {
        yield "hello";
      })(),
    }),
  },
});
service(rooms, {
  uses: {},
  routes: {
    // @ts-expect-error it does not say what becomes of messages
    talk: () => ({}),
  },
});

// Whoever calls sends what the service's schema takes in, and gets what the other one makes.
const { talk } = client(rooms, { url: "" });
const room = { params: { room: "den" } };
expectTypeOf(await talk(room)).toEqualTypeOf<OpenSocket<z.input<typeof Line>, Said>>();
expectTypeOf(await talk.try(room)).toExtend<Result<OpenSocket<z.input<typeof Line>, Said>, { code: "unavailable" }>>();

const open = await talk(room);
await open.send({ text: "hello" });
await open.send({ text: "hello", loud: true, at: "1970-01-01T00:00:00Z" });
// @ts-expect-error a date travels as text
await open.send({ text: "hello", at: new Date(0) });
// @ts-expect-error it has no text
await open.send({ loud: true });
for await (const said of open) expectTypeOf(said).toEqualTypeOf<Said>();
open.close();

// The same from one service to another.
service(contract("greeter", { greet: get("/greet", { returns: z.string() }) }), {
  uses: { rooms: calls(rooms) },
  routes: {
    greet: async (_, { rooms }) => {
      const open = await rooms.talk(room);
      const { value } = await open.next();
      expectTypeOf(value).toEqualTypeOf<Said | undefined>();
      return value?.text ?? "";
    },
  },
});

const greet: Conversation<string, number> = { receive: (text) => text.length };
void greet;

// @ts-expect-error a socket says what it takes and what it sends
socket({ receives: Line });
// @ts-expect-error a type is no schema
socket({ receives: Line, sends: String });
