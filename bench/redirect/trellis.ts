import type { HttpSide } from "../src/harness/http-side.ts";
import { repositoryApp, startOneInstance } from "../src/harness/trellis-command.ts";
import { links } from "./links.ts";

const atOnce = 16;

/** Links itself, on its own database, with the links made through its API. */
export async function startLinks(): Promise<HttpSide> {
  const side = await startOneInstance(repositoryApp);
  const waiting = links.values();
  const make = async (): Promise<void> => {
    for (const { code, target } of waiting) {
      const answer = await fetch(`${side.origin}/v1/links`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${side.ownerKey}` },
        body: JSON.stringify({ target, alias: code }),
      });
      if (answer.status !== 201) throw new Error(`A link was not made: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, make));
  return side;
}
