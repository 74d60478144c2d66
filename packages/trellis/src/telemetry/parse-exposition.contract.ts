/** One line of an exposition: a value under its name and labels. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExposedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ExposedSample[];
}

const sampleForm = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelForm = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/**
 * Reads what Prometheus would, and throws where it would refuse: an unknown form, a family that comes twice, a sample
 * outside of its family, the same labels twice, a bucket that holds less than the one below.
 */
export function parseExposition(text: string): ReadonlyMap<string, ExposedFamily> {
  if (!text.endsWith("\n")) throw new SyntaxError("The last line does not end");
  const families = new Map<string, ExposedFamily & { readonly samples: ExposedSample[] }>();
  const seen = new Set<string>();
  let help: readonly [name: string, text: string] = ["", ""];
  let current = "";
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, comment, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (comment === "HELP") help = [name, rest];
    else if (comment === "TYPE") {
      if (families.has(name) || help[0] !== name) throw new SyntaxError(`${name} comes twice, or without its help`);
      families.set(name, { type: rest, help: help[1], samples: [] });
      current = name;
    } else {
      const sample = parseSample(line);
      const family = families.get(current);
      const allowed = suffixes[family?.type ?? ""] ?? [""];
      if (!family || !allowed.some((suffix) => sample.name === current + suffix))
        throw new SyntaxError(`This is not of ${current}: ${line}`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new SyntaxError(`This comes twice: ${line}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === "histogram") checkBuckets(name, family);
  return families;
}

function parseSample(line: string): ExposedSample {
  const [, name, inside = "", number = ""] = sampleForm.exec(line) ?? [];
  const value = number === "+Inf" ? Infinity : Number(number);
  if (name === undefined || Number.isNaN(value)) throw new SyntaxError(`No sample: ${line}`);
  const labels: Record<string, string> = {};
  labelForm.lastIndex = 0;
  while (labelForm.lastIndex < inside.length) {
    const at = labelForm.lastIndex;
    const [, label, text] = labelForm.exec(inside) ?? [];
    if (label === undefined || text === undefined || label in labels) throw new SyntaxError(`Labels at ${at}: ${line}`);
    labels[label] = text.replace(/\\(.)/g, (_, character) => (character === "n" ? "\n" : character));
  }
  return { name, labels, value };
}

/** Buckets hold what is in those below them, and the last of them everything that was counted. */
function checkBuckets(name: string, { samples }: ExposedFamily): void {
  const counts = samples.filter((sample) => sample.name === `${name}_count`);
  for (const count of counts) {
    const buckets = samples.filter(
      (sample) =>
        sample.name === `${name}_bucket` &&
        Object.entries(count.labels).every(([label, text]) => sample.labels[label] === text),
    );
    const rises = buckets.every(({ value }, at) => value >= (buckets[at - 1]?.value ?? 0));
    const last = buckets.at(-1);
    if (!rises || last?.labels.le !== "+Inf" || last.value !== count.value)
      throw new SyntaxError(`The buckets of ${name} do not add up`);
  }
}
