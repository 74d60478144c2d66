import { Child } from "../src/harness/child.ts";
import { nodeProgram } from "../src/harness/pinning.ts";

/** An instance of `plain-app.ts`. */
export interface PlainApp {
  readonly child: Child;
  readonly port: number;
}

export const plainAppFile = new URL("plain-app.ts", import.meta.url);

/** Resolves when all of them answer. */
export function startPlainApps(count: number): Promise<readonly PlainApp[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const child = new Child(nodeProgram(plainAppFile));
      const { listening } = await child.line("listening");
      return { child, port: Number(listening) };
    }),
  );
}

/** They answer what they were asked. */
export async function endPlainApps(apps: readonly PlainApp[]): Promise<void> {
  await Promise.all(apps.map(({ child }) => child.end()));
}
