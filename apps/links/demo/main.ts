import { client, TrellisError } from "trellis/contract";
import { linksContract } from "../src/contract.ts";
import { DemoError, help, readArguments } from "./arguments.ts";
import { demo } from "./demo.ts";
import domains from "./top-sites/domains.json" with { type: "json" };

const screen = {
  isTerminal: process.stdout.isTTY === true,
  write: (text: string) => void process.stdout.write(text),
};

/** Runs the demo and gives the exit code. */
async function main(): Promise<number> {
  try {
    const asked = readArguments(process.argv.slice(2), process.env);
    if (asked === "help") {
      screen.write(help);
      return 0;
    }
    const { url, key, follows } = asked;
    const nowMs = () => performance.timeOrigin + performance.now();
    await demo({ api: client(linksContract, { url, key }), url, screen, nowMs }, domains, follows);
    return 0;
  } catch (error) {
    if (!(error instanceof DemoError || error instanceof TrellisError)) throw error;
    process.stderr.write(`${error.message}${error instanceof TrellisError ? `\n${cureOf(error)}` : ""}\n`);
    return error.exit;
  }
}

function cureOf({ code, cure }: TrellisError): string {
  if (code !== "unauthenticated" && code !== "forbidden") return cure;
  return "The key is not one of this app's, or may not make links. Another is made with\n\n  npm run trellis -- key new --owner";
}

process.exitCode = await main();
