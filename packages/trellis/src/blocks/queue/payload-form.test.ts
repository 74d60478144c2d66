import { expect, test } from "vitest";
import { z } from "zod";
import type { Schema } from "../../model/schema.ts";
import { payloadForm } from "./payload-form.ts";

const At = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

test("a value is checked and written without what is not declared, its defaults filled in", async () => {
  const form = payloadForm(z.object({ name: z.string(), times: z.int().default(1) }) as Schema<unknown, object>, "job");
  expect(await form.write({ name: "a", secret: "b" })).toBe('{"name":"a","times":1}');
  await expect(form.write({ name: 1 })).rejects.toMatchObject({
    code: "invalid-input",
    fields: [{ field: "job.name" }],
  });
});

test("what has a codec travels in its wire form, and is checked too", async () => {
  const form = payloadForm(z.object({ at: At }) as Schema<unknown, object>, "job");
  const text = await form.write({ at: new Date(0) });
  expect(text).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  expect(await form.read(JSON.parse(text))).toEqual({ value: { at: new Date(0) } });
  await expect(form.write({ at: "today" })).rejects.toMatchObject({ fields: [{ field: "job.at" }] });
  expect(await form.read({ at: 5 })).toMatchObject({ problems: [{ field: "job.at" }] });
});

test("what cannot be kept as JSON, or not be turned back, is refused when the queue is opened", () => {
  for (const schema of [z.date(), z.string().transform(Number)])
    expect(() => payloadForm(schema as Schema, "job")).toThrow(expect.objectContaining({ code: "invalid-app" }));
});
