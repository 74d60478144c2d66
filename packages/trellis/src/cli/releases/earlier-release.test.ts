import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TrellisError } from "../../model/errors.ts";
import type { ReleaseRecord, ReleaseState } from "../../supervisor/state.ts";
import { earlierRelease } from "./earlier-release.ts";
import { pruneReleases } from "./prune-releases.ts";

/** Releases from 1 on, in a folder of their own; the last one serves. */
function known(...states: readonly ReleaseState[]) {
  const folder = mkdtempSync(join(tmpdir(), "trellis-earlier-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const releases = states.map((state, index): ReleaseRecord => {
    const number = index + 1;
    const config = join(folder, String(number), "trellis.config.ts");
    mkdirSync(join(folder, String(number)));
    writeFileSync(config, "");
    const shape = { services: [], home: "", groups: [] };
    return { number, at: 0, from: "a folder", config, copied: true, state, shape };
  });
  return { folder, releases, current: releases.at(-1) };
}

function refusal(run: () => unknown): TrellisError {
  try {
    run();
  } catch (error) {
    if (error instanceof TrellisError) return error;
  }
  throw new Error("It was not refused");
}

test("without a number it is the last one that was replaced, not one that failed since", () => {
  const app = known("replaced", "replaced", "failed", "rolled-back", "serving");
  expect(earlierRelease(app).number).toBe(2);
  expect(earlierRelease(app, 4).number).toBe(4);
});

test("one whose code was pruned is refused, with those that can be gone back to", async () => {
  const app = known("replaced", "replaced", "failed", "replaced", "rolled-back", "replaced", "serving");
  await pruneReleases(app.folder, app.releases, 7);
  expect(refusal(() => earlierRelease(app, 2))).toMatchObject({
    code: "release-gone",
    message: "The code of release 2 is not kept any more",
    cure: "Go back to 6 or 5 or 4 with `trellis rollback N`: see `trellis releases`. What is older is deployed anew, as by `trellis deploy REF`.",
  });
  expect(earlierRelease(app, 5).number).toBe(5);
});

test("one that there never was, and the one that serves, are refused as a mistake in the command", () => {
  const app = known("replaced", "serving");
  expect(refusal(() => earlierRelease(app, 9))).toMatchObject({
    code: "usage",
    message: "There is no release 9",
    cure: "Go back to 1 with `trellis rollback N`: see `trellis releases`.",
  });
  expect(refusal(() => earlierRelease(app, 2))).toMatchObject({
    code: "usage",
    message: "Release 2 is the one that serves",
  });
  expect(refusal(() => earlierRelease(known("serving")))).toMatchObject({
    code: "usage",
    message: "No release served before this one",
    cure: "There is none to go back to: see `trellis releases`.",
  });
});
