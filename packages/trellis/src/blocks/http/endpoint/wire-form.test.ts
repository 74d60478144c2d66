import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { AnswerMisfit } from "./answer-misfit.ts";
import { wireForm } from "./wire-form.ts";

const day = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
const written = (schema: z.ZodType, value: unknown): unknown => JSON.parse(wireForm(schema, "a.b").write(value));
const epoch = "1970-01-01T00:00:00.000Z";

describe("the wire form", () => {
  it("has declared fields only, at every depth", () => {
    const schema = z.object({
      a: z.string(),
      in: z.object({ b: z.number() }),
      list: z.array(z.object({ c: z.string() })),
    });
    const value = { a: "1", secret: "s", in: { b: 2, secret: "s" }, list: [{ c: "3", secret: "s" }] };
    expect(written(schema, value)).toEqual({ a: "1", in: { b: 2 }, list: [{ c: "3" }] });
  });

  it("writes null, absence, unions, tuples, records, literals and recursion as JSON has them", () => {
    const tree = z.object({
      label: z.string().nullable(),
      get children() {
        return z.array(tree);
      },
    });
    const schema = z.object({
      tree,
      none: z.object({ x: z.number() }).nullable(),
      absent: z.string().optional(),
      either: z.union([z.string(), z.object({ q: z.number() })]),
      pair: z.tuple([z.string(), z.number()]),
      rest: z.tuple([z.string()]).rest(z.boolean()),
      counts: z.record(z.string(), z.number()),
      size: z.enum(["s", "m"]).nullable(),
      open: z.looseObject({ a: z.string() }),
      any: z.unknown(),
      mail: z.email(),
      fallback: z.string().default("x"),
      tenth: z.int(),
    });
    const value = {
      tree: { label: null, children: [{ label: "leaf", children: [] }] },
      none: null,
      either: { q: 1 },
      pair: ["a", 1.5],
      rest: ["a", true, false],
      counts: { a: 1 },
      size: null,
      open: { a: "", more: [1] },
      any: { free: true },
      mail: "a@b.co",
      fallback: "y",
      tenth: 10,
    };
    const warn = vi.spyOn(console, "warn");
    expect(written(schema, value)).toEqual(value);
    expect(warn).not.toHaveBeenCalled();
  });

  it("encodes what a codec decodes, also in unions and lists", () => {
    const schema = z.object({ at: day, more: z.array(z.object({ at: day.nullable() })) });
    const value = { at: new Date(0), more: [{ at: new Date(0) }, { at: null }] };
    expect(written(schema, value)).toEqual({ at: epoch, more: [{ at: epoch }, { at: null }] });
  });

  it("encodes a codec between two texts, which look alike as JSON Schema", () => {
    const upper = z.codec(z.string(), z.string(), { decode: (x) => x.toLowerCase(), encode: (x) => x.toUpperCase() });
    expect(written(z.object({ upper }), { upper: "abc" })).toEqual({ upper: "ABC" });
  });

  it("refuses what is missing, and in development whatever does not fit, by its field", async () => {
    const form = wireForm(z.object({ name: z.string().max(3), items: z.array(z.object({ n: z.number() })) }), "a.b");
    expect(() => form.write({ items: [] })).toThrow(AnswerMisfit);
    const check = async (value: unknown): Promise<unknown> => form.writeChecked(value);
    await expect(check({ name: "long", items: [{ n: "1" }] })).rejects.toMatchObject({
      fields: [{ field: "answer.name" }, { field: "answer.items[0].n" }],
    });
    await expect(check({ name: "abc", items: [] })).resolves.toBe('{"name":"abc","items":[]}');
    expect(() => wireForm(z.object({ at: day }), "a.b").write({ at: "no date" })).toThrow(AnswerMisfit);
  });

  it("is refused to schemas that cannot travel, before any request", () => {
    expect(() => wireForm(z.object({ at: z.date() }), "a.b")).toThrow(/a\.b has no form in JSON/);
    expect(() => wireForm(z.object({ n: z.string().transform(Number) }), "a.b")).toThrow(/has a transform/);
  });
});
