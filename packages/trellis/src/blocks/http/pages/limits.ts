import type { Limit } from "../../../model/limit.ts";

/** The pages of a service are answered from memory: with all their forms, this much at most. */
export const pagesBytesMax = 64 * 1_024 * 1_024;
export const pagesFilesMax = 2_000;

export const pagesLimits: readonly Limit[] = [
  {
    name: "pages of a service in each instance",
    value: pagesBytesMax,
    unit: "bytes",
    set: "fixed: they are answered from memory; put larger files behind an address of their own",
  },
  { name: "files of a service's pages", value: pagesFilesMax, unit: "entries", set: "fixed: they are held in memory" },
];
