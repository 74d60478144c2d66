import { read } from "./notes-app.ts";

/** Requests that come one after the other. */
export interface Asking {
  /** Resolves when the last one is answered. */
  stop(): Promise<{ readonly asked: number; readonly failed: readonly string[] }>;
}

/** Asks a notes app, on a connection that is kept and on new ones, until it is stopped. */
export function askOverAndOver(url: string): Asking {
  let asking = true;
  let asked = 0;
  const failed: string[] = [];
  const run = async (headers: Readonly<Record<string, string>>) => {
    while (asking) {
      asked += 1;
      await read(`${url}/v1/who`, headers).catch((error: unknown) => failed.push(String(error)));
    }
  };
  const both = Promise.all([run({}), run({ connection: "close" })]);
  return {
    stop: async () => {
      asking = false;
      await both;
      return { asked, failed };
    },
  };
}
