import { type Command, commonOptions, type Options } from "../../packages/trellis/src/cli/command.ts";
import { errorCatalogue } from "../../packages/trellis/src/model/errors.ts";
import { settingTable } from "../../packages/trellis/src/model/settings.ts";

/** What docs/errors.md says of every error of the platform. */
export function errorTable(): string {
  const rows = Object.entries(errorCatalogue).map(([code, { status, exit, title, cure }]) => [
    `\`${code}\``,
    String(status),
    String(exit),
    title,
    cure,
  ]);
  return table(["code", "status", "exit", "title", "cure"], rows);
}

/** What docs/command.md says of every setting. */
export function settingsTable(): string {
  const rows = Object.values(settingTable).map(({ variable, fallback, meaning }) => [
    `\`${variable}\``,
    fallback === "" ? "" : `\`${fallback}\``,
    meaning,
  ]);
  return table(["variable", "default", "meaning"], rows);
}

/** What docs/command.md says of one command: how it is called, and its own options. */
export function commandSection({ name, about, args, options }: Command): string {
  const usage = [
    "trellis",
    name,
    ...args.map((argument) => (argument.optional ? `[${argument.name}]` : argument.name)),
    "[OPTIONS]",
  ].join(" ");
  const words = args.map((argument) => [`\`${argument.name}\``, argument.says]);
  const rows = [...words, ...optionRows(options)];
  const parts = [
    `### \`${usage}\``,
    about.replaceAll("\n", " "),
    ...(rows.length === 0 ? [] : [table(["", ""], rows)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The options that every command has. */
export function commonOptionsTable(): string {
  return table(["", ""], optionRows(commonOptions));
}

function optionRows(options: Options): readonly (readonly string[])[] {
  return Object.entries(options).map(([option, { value, says }]) => [
    value === undefined ? `\`--${option}\`` : `\`--${option} ${value}\``,
    says,
  ]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => (cell === "" ? " " : ` ${cell.replaceAll("|", "\\|")} `)).join("|")}|`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line), ""].join("\n");
}
