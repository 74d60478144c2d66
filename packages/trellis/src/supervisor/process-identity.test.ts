import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { bornAt, isAlive, signalProcess } from "./process-identity.ts";

test("a process is known again by its number and the moment of its start", async () => {
  const child = spawn("sleep", ["60"]);
  const pid = child.pid ?? 0;
  const born = bornAt(pid) ?? "";
  expect(born).not.toBe("");
  expect(bornAt(pid)).toBe(born);
  expect(isAlive({ pid, born })).toBe(true);
  // The number alone is not enough, and whoever has it now is not signalled.
  expect(isAlive({ pid, born: `${born}1` })).toBe(false);
  signalProcess({ pid, born: `${born}1` }, "SIGKILL");
  expect(bornAt(pid)).toBe(born);
  signalProcess({ pid, born }, "SIGKILL");
  await once(child, "exit");
  expect(bornAt(pid)).toBeUndefined();
  expect(isAlive({ pid, born })).toBe(false);
  signalProcess({ pid, born }, "SIGKILL");
});
