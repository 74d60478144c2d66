import { Child } from "../src/harness/child.ts";
import { nodeProgram, pinned } from "../src/harness/pinning.ts";
import type { Traffic, TrafficOutcome } from "./traffic-words.ts";

/** Traffic that goes on until it is told to finish. */
export interface StartedTraffic {
  /** Resolves when so many requests are through. */
  until(requests: number): Promise<void>;
  /** Nothing more is asked; what was asked is waited for. */
  finish(): Promise<TrafficOutcome>;
  end(): Promise<void>;
}

/** Resolves when the first requests are answered. */
export async function startTraffic(traffic: Traffic): Promise<StartedTraffic> {
  const program = new URL("traffic.ts", import.meta.url);
  const child = new Child(pinned("generator", nodeProgram(program, JSON.stringify(traffic))));
  const until = async (requests: number): Promise<void> => {
    let sofar = 0;
    while (sofar < requests) sofar = Number((await child.line("sofar")).sofar);
  };
  await until(1);
  return {
    until,
    async finish() {
      process.kill(child.pid, "SIGUSR2");
      return (await child.line("outcome")).outcome as TrafficOutcome;
    },
    end: () => child.end(),
  };
}
