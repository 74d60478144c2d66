import { expect, onTestFinished, test } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { stopSignals } from "./stop-signals.ts";

function listening() {
  const clock = testClock();
  const told: string[] = [];
  const unlisten = stopSignals(clock).listen(
    (signal) => told.push(signal),
    () => told.push("hurry"),
  );
  onTestFinished(unlisten);
  return { clock, told, unlisten };
}

test("the first signal asks for the end, a later one for haste", async () => {
  const { clock, told } = listening();
  process.emit("SIGTERM", "SIGTERM");
  await clock.advance(5_000);
  process.emit("SIGINT", "SIGINT");
  expect(told).toEqual(["SIGTERM", "hurry"]);
});

test("a signal that comes twice at once, as Ctrl-C does under npm, is one wish", async () => {
  const { clock, told } = listening();
  process.emit("SIGINT", "SIGINT");
  await clock.advance(100);
  process.emit("SIGINT", "SIGINT");
  expect(told).toEqual(["SIGINT"]);
});

test("nobody is told who no longer listens", () => {
  const { told, unlisten } = listening();
  unlisten();
  process.emit("SIGHUP", "SIGHUP");
  expect(told).toEqual([]);
});

test("SIGHUP asks to read anew where that is offered", () => {
  const told: string[] = [];
  const unlisten = stopSignals(testClock()).listen(
    (signal) => told.push(signal),
    () => told.push("hurry"),
    () => told.push("reload"),
  );
  onTestFinished(unlisten);
  process.emit("SIGHUP", "SIGHUP");
  process.emit("SIGHUP", "SIGHUP");
  process.emit("SIGTERM", "SIGTERM");
  expect(told).toEqual(["reload", "reload", "SIGTERM"]);
});
