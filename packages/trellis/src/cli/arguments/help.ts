import { type Command, commonOptions, type Options } from "../command.ts";
import { commands } from "../commands.ts";
import { table } from "../text/table.ts";

/** What `trellis --help` shows. */
export function overview(): string {
  return [
    "Trellis runs TypeScript services: on one machine with one command, later on as many as you need.",
    "",
    "  trellis COMMAND [OPTIONS]",
    "",
    "Commands",
    table(
      commands.map(({ name, says }) => [name, says]),
      "  ",
    ),
    "",
    "Every command takes --help, and --json for programs. Settings come from the environment; `trellis plan` shows",
    "them all with what they are now. Run a command in the app's folder: the one with trellis.config.ts, or below.",
    "",
    "Exit codes: 0 all is well; 64 the command was not understood; 65 wrong data; 69 something needed is not",
    "available; 70 a mistake in a program; 71 and 73 the machine or a file refuses; 74 the disk; 78 wrong configuration.",
  ].join("\n");
}

/** The commands whose names begin with `group`, such as `key`. */
export function groupOverview(group: string): string {
  const members = commands.filter(({ name }) => name.startsWith(`${group} `));
  return table(
    members.map(({ name, says }) => [`trellis ${name}`, says]),
    "  ",
  );
}

/** What `trellis COMMAND --help` shows. */
export function commandHelp({ name, about, args, options }: Command): string {
  const usage = ["trellis", name, ...args.map(argumentName), "[OPTIONS]"].join(" ");
  const all: Options = { ...options, ...commonOptions };
  const rows = Object.entries(all).map(([option, { value, says }]) => [
    value === undefined ? `--${option}` : `--${option} ${value}`,
    says,
  ]);
  const words = args.map((argument) => [argument.name, argument.says]);
  return [`  ${usage}`, "", about, "", table([...words, ...rows], "  ")].join("\n");
}

function argumentName({ name, optional }: Command["args"][number]): string {
  return optional ? `[${name}]` : name;
}
