import { Agent, get } from "node:http";
import type { InstanceLoad } from "./load.ts";

/** An instance that does not say in time how it is says nothing this time. */
const answerMsMax = 800;
/** Several figures and some dozen counts. */
const answerBytesMax = 65_536;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Asks an instance at its own port how much it has to do. Undefined where it does not say so in time. */
export function askLoad(privateUrl: string): Promise<InstanceLoad | undefined> {
  return new Promise((resolve) => {
    const request = get(`${privateUrl}/loadz`, { agent, signal: AbortSignal.timeout(answerMsMax) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece: string) => {
        text += piece;
        if (text.length <= answerBytesMax) return;
        resolve(undefined);
        request.destroy();
      });
      answer.once("end", () => resolve(answer.statusCode === 200 ? loadIn(text) : undefined));
      answer.once("error", () => resolve(undefined));
    });
    request.once("error", () => resolve(undefined));
    request.once("close", () => resolve(undefined));
  });
}

function loadIn(text: string): InstanceLoad | undefined {
  try {
    const load = JSON.parse(text) as Partial<InstanceLoad> | null;
    const { loopActiveMs, loopIdleMs, inFlight, begun, poolWaits } = load ?? {};
    if (![loopActiveMs, loopIdleMs, inFlight, begun].every(Number.isFinite)) return undefined;
    if (!Array.isArray(poolWaits?.boundsMs) || !Array.isArray(poolWaits.counts)) return undefined;
    return load as InstanceLoad;
  } catch {
    return undefined;
  }
}
