import { describe, expect, it } from "vitest";
import { z } from "zod";
import { TrellisError } from "../../model/errors.ts";
import { checkOf, shapeOf } from "./shape.ts";

const isoDate = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

describe("a shape", () => {
  it("is the same for schemas of the same form and another for any other", () => {
    const link = () => z.object({ code: z.string(), target: z.string() });
    expect(shapeOf(link())).toBe(shapeOf(link()));
    const others = [
      link().extend({ version: z.number() }),
      link().partial(),
      z.array(link()),
      z.object({ at: isoDate }),
    ];
    expect(new Set([link(), ...others].map(shapeOf)).size).toBe(5);
    expect(shapeOf(link())).toMatch(/^[\w-]{16}$/);
  });
});

describe("a check", () => {
  it("names the field that does not fit", () => {
    const check = checkOf(z.object({ tags: z.array(z.string()), size: z.number().default(1) }), "links.hot");
    check({ tags: ["a"], size: 2 });
    const wrong = { tags: ["a", 1], size: 2 } as unknown as { tags: string[]; size: number };
    expect(() => check(wrong)).toThrow(TrellisError);
    expect(() => check(wrong)).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ field: "tags[1]" })] }),
    );
  });

  it("admits what a codec gives, which its schema cannot read back", () => {
    const check = checkOf(z.object({ at: isoDate }), "links.hot");
    expect(() => check({ at: new Date(0) })).not.toThrow();
    const doubled = z.codec(z.string(), z.number(), { decode: Number, encode: String });
    expect(() => checkOf(z.object({ count: doubled }), "links.hot")({ count: 1 })).not.toThrow();
  });
});
