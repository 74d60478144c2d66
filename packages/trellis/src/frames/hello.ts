import { brokenFrames } from "./broken-frames.ts";

/** Grows with each change that a side of before would misread. */
const framesVersion = 1;
const name = "trellis-frames";

/** What a side says first: readable by any version, later ones too. */
export const helloText = `${name}/${framesVersion}`;

/** Throws `broken-frames` where the other side speaks another version, or something else. */
export function checkHello(text: string): void {
  if (text === helloText) return;
  const [, version] = /^trellis-frames\/(\d{1,9})$/.exec(text) ?? [];
  if (version === undefined) throw brokenFrames("The other side does not speak frames");
  throw brokenFrames(`This side speaks version ${framesVersion} of frames, the other one version ${version}`);
}
