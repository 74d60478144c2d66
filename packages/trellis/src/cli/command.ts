import type { World } from "./world.ts";

/** One option, declared once: it is parsed and explained from this. */
export interface OptionDeclaration {
  /** What stands for its value in the help, such as `N`; without it, the option is a switch. */
  readonly value?: string;
  /** Only with a value: it may be given several times. */
  readonly many?: true;
  readonly says: string;
}

export type Options = Readonly<Record<string, OptionDeclaration>>;

/** A word that follows the command's name. */
export interface ArgumentDeclaration {
  readonly name: string;
  readonly says: string;
  /** The last one only: it may be given several times. */
  readonly many?: true;
  /** The last one only: it may be left out. */
  readonly optional?: true;
}

export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { readonly many: true }
    ? readonly string[]
    : O[Name] extends { readonly value: string }
      ? string | undefined
      : boolean;
};

export interface CommandInput<O extends Options = Options> {
  readonly options: OptionValues<O>;
  /** As many as the command declares; more where the last of them may be given several times. */
  readonly args: readonly string[];
}

export interface CommandDeclaration<O extends Options> {
  /** Without `trellis`: `start`, `key new`. */
  readonly name: string;
  /** What it does, in a few lines. */
  readonly about: string;
  readonly args?: readonly ArgumentDeclaration[];
  readonly options: O;
  /** Returns the exit code. */
  readonly run: (input: CommandInput<O>, world: World) => Promise<number>;
}

/** A command as it is dispatched: a function from arguments to an exit code. */
export interface Command extends Omit<CommandDeclaration<Options>, "run"> {
  readonly args: readonly ArgumentDeclaration[];
  run(input: CommandInput, world: World): Promise<number>;
}

/** Options that every command has. */
export const commonOptions = {
  json: { says: "answer in JSON, one document or event a line" },
  help: { says: "show this help" },
} as const satisfies Options;

/** Options that several commands share. */
export const dataOption = {
  value: "DIR",
  says: "the data folder (else TRELLIS_DATA, else .trellis beside the config)",
} as const;

export function command<const O extends Options>({ args = [], ...declaration }: CommandDeclaration<O>): Command {
  // `parseArguments` gives exactly the options that were declared, which the types of a list of commands cannot say.
  return { args, ...declaration } as CommandDeclaration<Options> & Command;
}
