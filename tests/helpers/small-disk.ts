import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A disk of its own in memory, so that it can be full. Gone with the test. */
export interface SmallDisk {
  readonly path: string;
  grow(megabytes: number): void;
  /** Leaves no room on it. */
  fill(): void;
  /** Gives back what `fill` took. */
  free(): void;
}

/** Mounting takes root, and Linux. */
export const canMount = process.platform === "linux" && process.getuid?.() === 0;

if (!canMount) console.warn("Skipped: tests of full and read-only disks, which mount one. Run them as root on Linux.");

export function smallDisk(megabytes: number, ...options: readonly string[]): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "trellis-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", [`size=${megabytes}m`, "mode=755", ...options].join(","), "tmpfs", path]);
  onTestFinished(() => {
    // Lazily: a process that a failed test has left must not keep the disk for ever.
    execFileSync("umount", ["--lazy", path]);
    rmdirSync(path);
  });
  const ballast = join(path, "ballast");
  return {
    path,
    grow: (size) => execFileSync("mount", ["-o", `remount,size=${size}m`, path]),
    fill: () => {
      const file = openSync(ballast, "a");
      const block = Buffer.alloc(65_536);
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
  };
}
