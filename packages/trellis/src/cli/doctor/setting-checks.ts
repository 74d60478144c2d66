import type { Environment } from "../../model/settings.ts";
import { settingTable } from "../../model/settings.ts";
import { suggestion } from "../arguments/suggestion.ts";
import { type Finding, note, ok } from "./finding.ts";

/** Read by the command itself rather than by an app. */
const ofCommand = ["TRELLIS_DATA", "TRELLIS_CI"];

/** Settings that do nothing: for engines that this version does not have, or misspelt. */
export function checkSettings(environment: Environment, because: readonly string[]): readonly Finding[] {
  const known = [...Object.values(settingTable).map(({ variable }) => variable), ...ofCommand];
  const misspelt = Object.keys(environment)
    .filter((name) => name.startsWith("TRELLIS_") && !name.startsWith("TRELLIS_URL_") && !known.includes(name))
    .map((name) => {
      const meant = suggestion(name, known);
      return note(
        "settings",
        `${name} is set, but there is no such setting`,
        meant ? `Perhaps ${meant} was meant.` : "Unset it.",
      );
    });
  const unused = because
    .filter((reason) => reason.includes("has no effect"))
    .map((reason) => note("settings", reason, "Unset it, or wait for the version that has it."));
  const found = [...misspelt, ...unused];
  return found.length > 0 ? found : [ok("settings", "every setting has its effect")];
}
