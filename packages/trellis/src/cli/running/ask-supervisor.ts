import { TrellisError } from "../../model/errors.ts";
import { askControl } from "../../supervisor/ask-control.ts";
import type { ControlRequest, ReleaseStep } from "../../supervisor/control-words.ts";
import { dataPath, existingDataFolder } from "../folder/data-folder.ts";
import type { World } from "../world.ts";

/** Asks the app that runs on the data folder. Throws `not-running` where none does. */
export function askSupervisor(
  data: string | undefined,
  request: ControlRequest,
  world: World,
  onStep?: (step: ReleaseStep) => void,
): Promise<unknown> {
  const path = dataPath(data, world);
  const control = existingDataFolder(path)?.running()?.control;
  if (control !== undefined) return askControl(control, request, onStep);
  throw new TrellisError("not-running", { says: `No app runs on ${path}` });
}
