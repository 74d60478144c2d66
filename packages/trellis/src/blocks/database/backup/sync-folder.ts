import { open } from "node:fs/promises";

/** Makes names in the folder, such as that of a renamed file, survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
