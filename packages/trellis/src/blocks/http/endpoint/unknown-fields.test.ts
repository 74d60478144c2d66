import { describe, expect, it } from "vitest";
import { z } from "zod";
import { wireJsonSchema } from "./json-schema.ts";
import { unknownFieldsOf } from "./unknown-fields.ts";

const unknownIn = (schema: z.ZodType, value: unknown): readonly string[] =>
  (unknownFieldsOf(wireJsonSchema(schema), "body")?.(value) ?? []).map(({ field }) => field);

describe("unknown fields", () => {
  it("are named by their path, in objects, lists and records", () => {
    const schema = z.object({
      name: z.string(),
      lines: z.array(z.object({ sku: z.string() })),
      pair: z.tuple([z.object({ a: z.string() }), z.string()]),
      byDay: z.record(z.string(), z.object({ hits: z.number() })),
    });
    const value = {
      name: "x",
      nmae: 1,
      lines: [{ sku: "a" }, { sku: "b", amont: 1 }],
      pair: [{ a: "", b: 1 }, "x"],
      byDay: { monday: { hits: 1, hit: 1 } },
    };
    expect(unknownIn(schema, value)).toEqual([
      "body.nmae",
      "body.lines[1].amont",
      "body.pair[0].b",
      "body.byDay.monday.hit",
    ]);
  });

  it("are allowed where the schema declares more", () => {
    expect(unknownIn(z.looseObject({ a: z.string() }), { a: "", b: 1 })).toEqual([]);
    expect(unknownIn(z.object({ a: z.string() }).catchall(z.number()), { a: "", b: 1 })).toEqual([]);
    expect(unknownIn(z.unknown(), { b: 1 })).toEqual([]);
    expect(unknownIn(z.record(z.string(), z.number()), { b: 1 })).toEqual([]);
  });

  it("are refused by strict objects and by objects without any field", () => {
    expect(unknownIn(z.strictObject({ a: z.string() }), { b: 1 })).toEqual(["body.b"]);
    expect(unknownIn(z.object({}), { b: 1 })).toEqual(["body.b"]);
  });

  it("are judged by the member of a union that the value is meant as", () => {
    const shape = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("circle"), radius: z.number() }),
      z.object({ kind: z.literal("square"), side: z.number() }),
    ]);
    expect(unknownIn(shape, { kind: "circle", side: 1 })).toEqual(["body.side"]);
    expect(unknownIn(shape, { kind: "square", side: 1 })).toEqual([]);
    const either = z.union([z.string(), z.object({ a: z.string() }), z.object({ a: z.string(), b: z.string() })]);
    expect(unknownIn(either, { a: "", b: "", c: "" })).toEqual(["body.c"]);
    expect(unknownIn(either, "text")).toEqual([]);
    expect(unknownIn(z.object({ a: z.string() }).nullable(), { b: 1 })).toEqual(["body.b"]);
  });

  it("of an intersection are those that no member knows", () => {
    const named = z.object({ name: z.string(), at: z.object({ x: z.number() }) });
    const both = named.and(z.object({ age: z.number(), at: z.object({ y: z.number() }) }));
    expect(unknownIn(both, { name: "", age: 1, at: { x: 1, y: 1, z: 1 }, size: 1 })).toEqual([
      "body.at.z",
      "body.size",
    ]);
    const choice = named.and(z.union([z.object({ cat: z.string() }), z.object({ dog: z.string() })]));
    expect(unknownIn(choice, { name: "", at: { x: 1 }, dog: "", cow: "" })).toEqual(["body.cow"]);
  });

  it("are found in schemas that contain themselves", () => {
    const tree = z.object({
      label: z.string(),
      get children() {
        return z.array(tree);
      },
    });
    const value = { label: "", children: [{ label: "", children: [{ label: "", children: [], lable: "" }] }] };
    expect(unknownIn(z.object({ tree }), { tree: value })).toEqual(["body.tree.children[0].children[0].lable"]);
    expect(unknownIn(tree, value)).toEqual(["body.children[0].children[0].lable"]);
  });
});
