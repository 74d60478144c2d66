import { TrellisError } from "../../model/errors.ts";

/** Throws `usage` for everything but a whole number in the range. */
export function wholeNumber(text: string, of: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new TrellisError("usage", {
    says: `${of} is "${text}", which is not a whole number from ${least} to ${most}`,
    cure: `Give ${of} a whole number from ${least} to ${most}.`,
  });
}
