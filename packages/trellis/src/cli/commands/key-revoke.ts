import { TrellisError } from "../../model/errors.ts";
import { command, dataOption } from "../command.ts";
import { useKeys } from "../database/use-keys.ts";

export const keyRevoke = command({
  name: "key revoke",
  about: "Ends the life of an API key: every instance refuses it within about a second.",
  args: [{ name: "ID", says: "the key's id, see trellis key list" }],
  options: { data: dataOption },
  run: async ({ options, args: [id = ""] }, world) => {
    const revoked = await useKeys(options.data, world, (keys) => keys.revoke(id));
    if (!revoked)
      throw new TrellisError("usage", { says: `No valid key has the id "${id}"`, cure: "See trellis key list." });
    world.output.answer({ revoked: id }, `Revoked ${id}.`);
    return 0;
  },
});
