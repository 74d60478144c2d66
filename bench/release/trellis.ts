import { startTrellis, trellis } from "../src/harness/trellis-command.ts";
import { trafficApp } from "../traffic/trellis-app.ts";
import type { ReleasedSide } from "./released-side.ts";

/** Long enough to see a release crash at once, short enough for ten in a row. */
const settings = { TRELLIS_WEB: "2", TRELLIS_WORKERS: "1", TRELLIS_SOAK: "1s" };

export async function startReleasedTrellis(): Promise<ReleasedSide> {
  const app = trafficApp();
  try {
    const started = await startTrellis({ app: app.folder, data: app.data, settings });
    const origin = `http://127.0.0.1:${Number(new URL(started.url).port)}` as const;
    const now = async (): Promise<{ release: number; done: number }> =>
      (await (await fetch(`${origin}/v1/release`)).json()) as { release: number; done: number };
    return {
      origin,
      async release(number) {
        app.edit(number);
        await trellis(["deploy", "--json", "--data", app.data], app.folder);
        const { release } = await now();
        if (release !== number) throw new Error(`Release ${release} answers instead of ${number}.`);
      },
      jobsDone: async () => (await now()).done,
      async end() {
        await started.end();
        app.remove();
      },
    };
  } catch (error) {
    app.remove();
    throw error;
  }
}
