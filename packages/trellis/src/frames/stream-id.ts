import { streamsMax } from "./limits.ts";

/**
 * A stream's number is its place in a table and, above that, how often the place was used before, so that frames that
 * were under way when it ended are not taken for those of the next one.
 */
export function streamIdOf(place: number, use: number): number {
  return (place + (use % 65_536) * streamsMax) >>> 0;
}

export function placeOf(streamId: number): number {
  return streamId & (streamsMax - 1);
}
