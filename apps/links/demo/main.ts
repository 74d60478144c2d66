import { setTimeout as sleep } from "node:timers/promises";
import { client, TrellisError } from "trellis/contract";
import { linksContract } from "../src/contract.ts";
import { DemoError, exits, help, readArguments } from "./arguments.ts";
import { demo } from "./demo.ts";
import { Follower } from "./follower.ts";
import { makeOwnKey, type OwnKey, ownUrl } from "./own-app.ts";
import domains from "./top-sites/domains.json" with { type: "json" };
import { Traffic } from "./traffic.ts";
import { readTrafficData } from "./traffic-data.ts";

const screen = {
  isTerminal: process.stdout.isTTY === true,
  write: (text: string) => void process.stdout.write(text),
};

const connections = 64;

/** Runs the demo and gives the exit code. */
async function main(): Promise<number> {
  const stopping = new AbortController();
  // The first one ends the replay and tells how it went; a second one ends the process.
  process.once("SIGINT", () => stopping.abort());
  let ownKey: OwnKey | undefined;
  try {
    const asked = readArguments(process.argv.slice(2), process.env);
    if (asked === "help") {
      screen.write(help);
      return 0;
    }
    const { links, clicks, rate } = asked;
    const url = asked.url ?? (await ownUrl(process.env));
    ownKey = asked.key === undefined ? await makeOwnKey() : undefined;
    const key = asked.key ?? ownKey?.text ?? "";
    const follower = new Follower(url, connections);
    const parts = {
      api: client(linksContract, { url, key }),
      url,
      screen,
      nowMs: () => performance.timeOrigin + performance.now(),
      sleep: (ms: number) => sleep(ms),
      stop: stopping.signal,
      follower,
      traffic: new Traffic(readTrafficData(), links, Math.random),
    };
    const agree = await demo(parts, domains.slice(0, links), { clicks, rate }).finally(() => follower.close());
    return agree ? 0 : exits.software;
  } catch (error) {
    if (!(error instanceof DemoError || error instanceof TrellisError)) throw error;
    process.stderr.write(`${error.message}${error instanceof TrellisError ? `\n${cureOf(error)}` : ""}\n`);
    return error.exit;
  } finally {
    await ownKey?.revoke();
  }
}

function cureOf({ code, cure }: TrellisError): string {
  if (code !== "unauthenticated" && code !== "forbidden") return cure;
  return "The key is not one of this app's, or may not do everything that the demo does. Another is made with\n\n  npm run trellis -- key new --owner";
}

process.exitCode = await main();
