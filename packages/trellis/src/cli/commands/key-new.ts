import type { Scope } from "../../model/actor.ts";
import { TrellisError } from "../../model/errors.ts";
import { command, dataOption } from "../command.ts";
import { useKeys } from "../database/use-keys.ts";

export const keyNew = command({
  name: "key new",
  about: [
    "Makes an API key and prints it, this once: only its hash is kept. Works while the app runs and while it does not.",
    "Example: trellis key new --scopes links:read,links:write --label newsletter",
  ].join("\n"),
  options: {
    owner: { says: "may do everything" },
    scopes: { value: "A:B,C:D", says: "what it may do" },
    workspace: { value: "W", says: "whose it is (main)" },
    label: { value: "L", says: "what it is for" },
    data: dataOption,
  },
  run: async ({ options }, world) => {
    if (options.owner === (options.scopes !== undefined))
      throw new TrellisError("usage", {
        says: options.owner ? "--owner has every scope already" : "A key needs to be allowed something",
        cure: "Give --owner, or --scopes such as links:read,links:write.",
      });
    const scopes = options.owner ? ["*"] : (options.scopes?.split(",") ?? []);
    const { key, text } = await useKeys(options.data, world, (keys) =>
      // `create` refuses what is no scope.
      keys.create({ workspace: options.workspace ?? "main", scopes: scopes as Scope[], label: options.label ?? "" }),
    );
    world.output.answer({ ...key, key: text }, text);
    return 0;
  },
});
