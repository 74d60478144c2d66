/** What a handler may return besides the plain value: lists that nobody may change, dates, what a codec makes. */
import { service } from "trellis";
import { contract, get } from "trellis/contract";
import { z } from "zod";

const Moment = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
const things = contract("things", {
  list: get("/things", { returns: z.array(z.object({ id: z.string(), tags: z.array(z.string()), at: Moment })) }),
});

const tags: readonly string[] = Object.freeze(["a"]);
const kept: readonly { readonly id: string; readonly tags: readonly string[]; readonly at: Date }[] = [
  { id: "1", tags, at: new Date(0) },
];
service(things, { uses: {}, routes: { list: () => kept } });

service(things, {
  uses: {},
  routes: {
    // @ts-expect-error a date is a Date here, and text only on the wire
    list: () => [{ id: "1", tags, at: "1970-01-01T00:00:00Z" }],
  },
});
