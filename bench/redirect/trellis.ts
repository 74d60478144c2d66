import type { HttpSide } from "../src/harness/http-side.ts";
import { repositoryApp, startOneInstance } from "../src/harness/trellis-command.ts";
import { links } from "./links.ts";

const atOnce = 16;

/** Links itself, on its own database. Each link is made through its API and followed once, so that all are cached. */
export async function startLinks(): Promise<HttpSide> {
  const side = await startOneInstance(repositoryApp);
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
