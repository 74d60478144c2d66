/** Something that a reader of a guide does, in the order of the page. `line` is where its block begins, from 1. */
export type GuideStep =
  | (Place & { readonly kind: "run"; readonly script: string; readonly expected?: string })
  | (Place & { readonly kind: "serve"; readonly script: string; readonly expected?: string })
  | (Place & { readonly kind: "write"; readonly file: string; readonly text: string })
  | (Place & { readonly kind: "module"; readonly text: string });

interface Place {
  readonly line: number;
}

interface Block extends Place {
  readonly language: string;
  /** What stands after the language. */
  readonly info: string;
  readonly text: string;
  /** Nothing but empty lines stands between this block and the one before. */
  readonly follows: boolean;
}

/** Languages that are run under another name: written so, a block would be passed over in silence. */
const otherNames: Readonly<Record<string, string>> = {
  bash: "sh",
  console: "sh",
  shell: "sh",
  typescript: "ts",
  javascript: "ts",
  js: "ts",
};
const writtenOnly = new Set(["json", "sql", "html", "css"]);

/**
 * The steps of a guide. ```` ```sh ```` is run, ```` ```sh server ```` goes on running, ```` ```ts FILE ```` (or `js`,
 * `json`, `sql`, `html`, `css`) is written to the file, ```` ```ts ```` alone is a module to run, ```` ```text ```` directly after `sh` is what
 * it prints. Blocks in other languages are for reading. Throws with the line where it cannot tell.
 */
export function parseGuide(markdown: string): readonly GuideStep[] {
  const steps: GuideStep[] = [];
  for (const block of blocksOf(markdown)) {
    const last = steps.at(-1);
    if (block.language !== "text") steps.push(...stepOf(block));
    else if (block.follows && (last?.kind === "run" || last?.kind === "serve"))
      steps[steps.length - 1] = { ...last, expected: block.text };
  }
  return steps;
}

function stepOf({ language, info, text, line }: Block): readonly GuideStep[] {
  if (language === "js" && info !== "") return [{ kind: "write", file: info, text, line }];
  const known = otherNames[language];
  if (known !== undefined) throw new SyntaxError(`line ${line}: write \`${known}\` instead of \`${language}\``);
  if (language === "sh") {
    if (info !== "" && info !== "server")
      throw new SyntaxError(`line ${line}: "sh ${info}": only \`server\` may follow`);
    if (info === "server" && text.trim().includes("\n"))
      throw new SyntaxError(`line ${line}: a server is one command, so that a signal reaches it`);
    return [{ kind: info === "server" ? "serve" : "run", script: text, line }];
  }
  if (language === "ts" && info === "") return [{ kind: "module", text, line }];
  if (language !== "ts" && !writtenOnly.has(language)) return [];
  if (info === "") throw new SyntaxError(`line ${line}: name the file that the ${language} belongs to`);
  return [{ kind: "write", file: info, text, line }];
}

function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  let follows = false;
  for (let index = 0; index < lines.length; index += 1) {
    const opening = lines[index] ?? "";
    const [, indent = "", fence = "", language = "", info = ""] = /^(\s*)(`{3,})(\S*)\s*(.*)$/.exec(opening) ?? [];
    if (fence === "") {
      follows &&= opening.trim() === "";
      continue;
    }
    if (indent !== "") throw new SyntaxError(`line ${index + 1}: begin the code block at the start of the line`);
    const end = lines.findIndex((line, at) => at > index && line.trimEnd() === fence);
    if (end < 0) throw new SyntaxError(`line ${index + 1}: the code block never ends`);
    const text = lines.slice(index + 1, end).map((line) => `${line}\n`);
    blocks.push({ language, info: info.trim(), text: text.join(""), line: index + 1, follows });
    follows = true;
    index = end;
  }
  return blocks;
}
