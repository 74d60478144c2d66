import type { Clock } from "../model/clock.ts";
import type { Family } from "./family.ts";
import { peerMsMax } from "./limits.ts";

/** Another running instance of the app. */
export interface Peer {
  /** `web-2`. */
  readonly name: string;
  /** Where it answers alone, such as `http://127.0.0.1:41234`. */
  readonly url: string;
}

/** What one instance tells another of itself, as JSON. */
export interface InstanceLook {
  readonly instance: string;
  readonly families: readonly Family[];
}

// Not by `import`, which loads all of `fetch` too: see blocks/http.
const { get } = process.getBuiltinModule("node:http");

/** The figures of another instance; undefined where it does not answer in time, or somebody else answers in its place. */
export async function lookAt(
  peer: Peer,
  path: string,
  headers: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<InstanceLook | undefined> {
  const giveUp = new AbortController();
  const timer = clock.after(peerMsMax, () => giveUp.abort());
  try {
    const look = readLook(await textAt(new URL(path, peer.url), headers, giveUp.signal));
    return look?.instance === peer.name ? look : undefined;
  } catch {
    // Why does not matter: it is counted, and the next look may find it.
    return undefined;
  } finally {
    timer.cancel();
  }
}

/** What an instance or a gateway says of itself; undefined where it is nothing of the kind. */
export function readLook(text: string): InstanceLook | undefined {
  try {
    const { instance, families } = JSON.parse(text) as Partial<InstanceLook>;
    return typeof instance === "string" && Array.isArray(families) ? { instance, families } : undefined;
  } catch {
    return undefined;
  }
}

function textAt(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { ...headers, accept: "application/json" }, signal, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`It answered ${response.statusCode}`));
      });
    }).on("error", reject);
  });
}
