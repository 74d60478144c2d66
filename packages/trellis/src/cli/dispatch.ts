import { TrellisError } from "../model/errors.ts";
import { commandHelp, groupOverview, overview } from "./arguments/help.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { suggestion } from "./arguments/suggestion.ts";
import { commands } from "./commands.ts";
import type { Output } from "./output.ts";
import type { World } from "./world.ts";

/** Runs the command that the words name. Returns the exit code; every error has been told. */
export async function dispatch(words: readonly string[], world: World): Promise<number> {
  try {
    return await run(words, world);
  } catch (error) {
    return world.output.fail(error);
  }
}

async function run(words: readonly string[], world: World): Promise<number> {
  const [first = "--help"] = words;
  if (["--help", "-h", "help"].includes(first)) return showOverview(world.output);
  const entry = commands
    .filter(({ name }) => name.split(" ").every((word, index) => words[index] === word))
    // `jobs dead` is not `jobs` with an argument.
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (!entry) {
    if (first !== "--version") return runGroup(words, world.output);
    return run(["version", ...words.slice(1)], world);
  }
  const command = await entry.load();
  const input = parseArguments(command, words.slice(entry.name.split(" ").length));
  if (input.options.help !== true) return command.run(input, world);
  const { name, about, options, args } = command;
  world.output.answer({ name, about, arguments: args, options }, commandHelp(command));
  return 0;
}

function showOverview(output: Output): number {
  output.answer({ commands: commands.map(({ name, says }) => ({ name, says })) }, overview());
  return 0;
}

/** The first word alone names no command: perhaps a group of them. */
function runGroup(words: readonly string[], output: Output): number {
  const [first = "", second] = words;
  const members = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  const named = second === undefined || second.startsWith("-") ? first : `${first} ${second}`;
  if (members.length === 0)
    throw unknown(
      first,
      commands.map(({ name }) => name),
    );
  if (named !== first) throw unknown(named, members);
  if (!words.includes("--help") && !words.includes("-h"))
    throw new TrellisError("usage", {
      says: `trellis ${first} needs one more word`,
      cure: `Use ${members.join(", ")}.`,
    });
  output.answer({ commands: members }, groupOverview(first));
  return 0;
}

function unknown(word: string, known: readonly string[]): TrellisError {
  const meant = suggestion(word, known);
  const hint = meant === undefined ? "" : `Perhaps you meant trellis ${meant}. `;
  return new TrellisError("usage", { says: `There is no command "${word}"`, cure: `${hint}See trellis --help.` });
}
