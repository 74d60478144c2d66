import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Environment } from "../../model/settings.ts";
import { refusal } from "../folder/app-port.ts";
import { existingDataFolder } from "../folder/data-folder.ts";
import { folderError } from "../folder/whole-file.ts";
import { type Finding, ok, wrong } from "./finding.ts";

/** Whether the data folder can be used, or made. Makes nothing. Throws `data-folder` or `data-folder-newer`. */
export function checkDataFolder(path: string): readonly Finding[] {
  const data = existingDataFolder(path);
  const target = data || existsSync(path) ? path : dirname(path);
  try {
    accessSync(target, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw folderError(target, cause);
  }
  if (!data) return [ok("data folder", `${path} will be made at the first start`)];
  const running = data.running();
  return [ok("data folder", running ? `${path}, in use by the process ${running.pid}` : path)];
}

/** Whether the port is free, or the app's own. */
export async function checkPort(environment: Environment, path: string): Promise<Finding> {
  const data = existingDataFolder(path);
  const running = data?.running();
  if (running) return ok("port", `${running.port}, the app's own`);
  const asked = environment.PORT?.trim();
  const port = Number(asked || data?.port() || 3000);
  if (port === 0) return ok("port", "any that is free");
  const refused = await refusal(port);
  if (refused === undefined) return ok("port", `${port} is free`);
  if (asked) return wrong("port", refused, "End the program that has it, or set PORT to another.");
  return ok("port", `${refused}: the next free one will be taken`);
}
