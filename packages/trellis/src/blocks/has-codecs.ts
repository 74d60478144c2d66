import { z } from "zod";
import { TrellisError } from "../model/errors.ts";

/**
 * Whether values of the schema have another form in JSON, as dates do. Throws `invalid-app`, naming the values by `of`,
 * where that form cannot be made.
 */
export function hasCodecs(schema: z.core.$ZodType, of: string): boolean {
  let found = false;
  // Writing the JSON Schema visits every schema inside, each once, also where they refer to one another.
  z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type !== "pipe") return;
      found = true;
      if ([def.in, def.out].some((side) => side._zod.def.type === "transform"))
        throw new TrellisError("invalid-app", {
          says: `${of} has a transform, which cannot be turned back into JSON`,
          cure: "Use `z.codec`, which goes both ways, or let the handler do it.",
        });
    },
  });
  return found;
}
