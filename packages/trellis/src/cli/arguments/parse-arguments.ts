import { parseArgs } from "node:util";
import { TrellisError } from "../../model/errors.ts";
import { type ArgumentDeclaration, type Command, type CommandInput, commonOptions, type Options } from "../command.ts";
import { suggestion } from "./suggestion.ts";

/** Reads what follows a command's name. Throws `usage`, with the option that was perhaps meant. */
export function parseArguments({ name, options, args }: Command, words: readonly string[]): CommandInput {
  const declared: Options = { ...options, ...commonOptions };
  const values: Record<string, string | boolean | readonly string[] | undefined> = Object.fromEntries(
    Object.entries(declared).map(([option, { value, many }]) => [
      option,
      many ? [] : value === undefined ? false : undefined,
    ]),
  );
  const found: string[] = [];
  for (const token of tokensOf(declared, words)) {
    if (token.kind === "positional") found.push(token.value);
    if (token.kind !== "option") continue;
    const declaration = declared[token.name];
    if (!declaration) throw unknownOption(name, token.rawName, Object.keys(declared));
    const value = optionValue(name, token, declaration.value);
    const before = values[token.name];
    values[token.name] = Array.isArray(before) ? [...before, value] : value;
  }
  const asksForHelp = values.help === true;
  if (!asksForHelp) refuseWrongCount(name, args, found);
  return { options: values as CommandInput["options"], args: found };
}

type Token = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

function tokensOf(declared: Options, words: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(declared).map(([name, { value }]) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(name === "help" ? { short: "h" } : {}),
      },
    ]),
  );
  return parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function optionValue(command: string, token: OptionToken, wanted: string | undefined): string | boolean {
  if (wanted === undefined) {
    if (token.value === undefined) return true;
    throw usage(command, `${token.rawName} takes no value`);
  }
  // `--port --json` is a forgotten value, not a port named "--json".
  if (token.value === undefined || token.value === "" || (!token.inlineValue && token.value.startsWith("-")))
    throw usage(command, `${token.rawName} needs a value: ${token.rawName} ${wanted}`);
  return token.value;
}

function unknownOption(command: string, option: string, known: readonly string[]): TrellisError {
  const meant = suggestion(
    option,
    known.map((name) => `--${name}`),
  );
  return usage(command, `trellis ${command} has no option ${option}`, meant && `Perhaps you meant ${meant}.`);
}

function refuseWrongCount(command: string, wanted: readonly ArgumentDeclaration[], found: readonly string[]): void {
  const missing = wanted[found.length];
  if (missing !== undefined && !missing.optional) throw usage(command, `trellis ${command} needs ${missing.name}`);
  const extra = wanted.at(-1)?.many ? undefined : found[wanted.length];
  if (extra !== undefined) throw usage(command, `trellis ${command} does not know what to do with "${extra}"`);
}

function usage(command: string, says: string, hint?: string): TrellisError {
  return new TrellisError("usage", { says, cure: [hint, `See trellis ${command} --help.`].filter(Boolean).join(" ") });
}
