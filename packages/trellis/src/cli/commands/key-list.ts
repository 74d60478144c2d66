import { command, dataOption } from "../command.ts";
import { useKeys } from "../database/use-keys.ts";
import { table } from "../text/table.ts";

export const keyList = command({
  name: "key list",
  about: "Lists the API keys, also revoked ones. The keys themselves are not kept and cannot be shown.",
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const keys = await useKeys(options.data, world, (all) => all.list());
    const rows = keys.map(({ id, workspace, scopes, label, createdAt, revokedAt }) => [
      id,
      workspace,
      scopes.join(","),
      createdAt.toISOString(),
      revokedAt ? `revoked ${revokedAt.toISOString()}` : "valid",
      label,
    ]);
    const head = ["ID", "WORKSPACE", "SCOPES", "CREATED", "STATE", "LABEL"];
    world.output.answer({ keys }, keys.length === 0 ? "There are no keys." : table([head, ...rows]));
    return 0;
  },
});
