import { describeError, formatCount, showToast } from "trellis-ui";

/** `1 job`, `12 jobs`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Says in a toast what could not be done. */
export function sayFailure(error: Error): void {
  const { title, cure } = describeError(error);
  showToast({ text: `Not done: ${title}. ${cure}`, failed: true });
}
