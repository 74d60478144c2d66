import ts from "typescript";

export const fileLinesMax = 350;
export const functionLinesMax = 65;

const reminder = /\b(?:TO[D]O|FIX[M]E)\b/;

export interface Problem {
  readonly line: number;
  readonly says: string;
}

/** What in one source file is not as the project keeps its code; each problem says its cure. */
export function problemsIn(fileName: string, text: string): readonly Problem[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  return [...longFile(text), ...reminders(text), ...problemsOfNode(source, source)].sort((a, b) => a.line - b.line);
}

function longFile(text: string): readonly Problem[] {
  const lines = text.replace(/\n$/, "").split("\n").length;
  if (lines <= fileLinesMax) return [];
  return [{ line: 1, says: `${lines} lines, at most ${fileLinesMax}: move one noun of it into a file of its own` }];
}

function reminders(text: string): readonly Problem[] {
  return text.split("\n").flatMap((line, index) => {
    const word = reminder.exec(line)?.[0];
    return word ? [{ line: index + 1, says: `${word}: do it now, or write it down where work is planned` }] : [];
  });
}

function problemsOfNode(node: ts.Node, source: ts.SourceFile): readonly Problem[] {
  const problems: Problem[] = [];
  if (node.kind === ts.SyntaxKind.AnyKeyword) {
    problems.push({
      line: lineOf(node.getStart(), source),
      says: '"any": name the type, or take "unknown" and narrow it',
    });
  }
  if (hasBody(node) && !isSuite(node)) {
    const lines = linesOf(node, source) - linesOfSuitesIn(node, source);
    if (lines > functionLinesMax) {
      const says = `a function of ${lines} lines, at most ${functionLinesMax}: extract a step and name it after what it does`;
      problems.push({ line: lineOf(node.getStart(), source), says });
    }
  }
  ts.forEachChild(node, (child) => {
    problems.push(...problemsOfNode(child, source));
  });
  return problems;
}

const hasBody = (node: ts.Node): node is ts.FunctionLikeDeclaration =>
  ts.isFunctionLike(node) && "body" in node && node.body !== undefined;

/** The callback of a `describe(…)`, of `describe.each(…)(…)` and the like: a list of tests, not a step. */
function isSuite(node: ts.Node): boolean {
  const call = node.parent;
  if (!call || !ts.isCallExpression(call) || call.expression === node) return false;
  return /^describe\b/.test(call.expression.getText());
}

function linesOfSuitesIn(node: ts.Node, source: ts.SourceFile): number {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    lines += isSuite(child) ? linesOf(child, source) : linesOfSuitesIn(child, source);
  });
  return lines;
}

const lineOf = (position: number, source: ts.SourceFile): number =>
  source.getLineAndCharacterOfPosition(position).line + 1;

const linesOf = (node: ts.Node, source: ts.SourceFile): number =>
  lineOf(node.getEnd(), source) - lineOf(node.getStart(), source) + 1;
