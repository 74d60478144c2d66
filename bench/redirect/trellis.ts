import type { HttpSide } from "../src/harness/http-side.ts";
import { newKey, type OneInstance, repositoryApp, startOneInstance } from "../src/harness/trellis-command.ts";
import { links } from "./links.ts";

const atOnce = 16;

/** Links with figures, after a first look at them: the process is watched since then. A worker counts the clicks. */
export async function startMeasuredLinks(): Promise<OneInstance> {
  const side = await startLinks({ TRELLIS_METRICS: "yes" });
  const key = newKey(repositoryApp, side.data, "metrics:read");
  const answer = await fetch(`${side.origin}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  const text = await answer.text();
  if (!text.includes("trellis_http_waiting")) throw new Error(`/metrics showed no figures: ${answer.status} ${text}`);
  return side;
}

/** Links without figures. A worker counts the clicks. */
export function startSilentLinks(): Promise<OneInstance> {
  return startLinks({ TRELLIS_METRICS: "no" });
}

/**
 * The same with its worker stopped: clicks are written down and brought into the stream, and counted later. So it is where
 * workers have a machine of their own.
 */
export async function withoutCounting(start: () => Promise<OneInstance>): Promise<HttpSide> {
  const side = await start();
  for (const pid of side.workers) process.kill(pid, "SIGSTOP");
  const end = (): Promise<void> => {
    for (const pid of side.workers) process.kill(pid, "SIGCONT");
    return side.end();
  };
  return { ...side, end };
}

/**
 * Links itself, on its own database; clicks are counted by a worker of its own. Each link is made through its API and
 * followed once, so that all are cached.
 */
async function startLinks(settings: Readonly<Record<string, string>>): Promise<OneInstance> {
  const side = await startOneInstance(repositoryApp, { TRELLIS_WORKERS: "1", ...settings });
  const waiting = links.values();
  const makeAndFollow = async (): Promise<void> => {
    for (const { code, target } of waiting) {
      const made = await fetch(`${side.origin}/v1/links`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${side.ownerKey}` },
        body: JSON.stringify({ target, alias: code }),
      });
      if (made.status !== 201) throw new Error(`A link was not made: ${made.status} ${await made.text()}`);
      await made.arrayBuffer();
      const followed = await fetch(`${side.origin}/${code}`, { redirect: "manual" });
      if (followed.status !== 302) throw new Error(`A link was not followed: ${followed.status}`);
      await followed.arrayBuffer();
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, makeAndFollow));
    return side;
  } catch (error) {
    await side.end();
    throw error;
  }
}
