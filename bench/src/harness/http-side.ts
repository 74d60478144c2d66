import { Child } from "./child.ts";
import type { Load } from "./load.ts";
import { nodeProgram, pinned } from "./pinning.ts";

/** A server that answers one side of a bench. */
export interface HttpSide {
  readonly origin: Load["origin"];
  /** The process whose CPU time the answers cost. */
  readonly pid: number;
  end(): Promise<void>;
}

/** Runs a small server that prints `{"listening": PORT}` when it answers, on a core of its own. */
export async function startProgram(file: URL): Promise<HttpSide> {
  const child = new Child(pinned("server", nodeProgram(file)));
  const { listening } = await child.line("listening");
  return { origin: `http://127.0.0.1:${Number(listening)}`, pid: child.pid, end: () => child.end() };
}
