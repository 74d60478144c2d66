import { describe, expect, it } from "vitest";
import { settled } from "./test-clock.ts";
import { testWakes } from "./test-wakes.ts";

describe("the test wakes", () => {
  it("wake every instance once, however often a topic was woken in a turn", async () => {
    const here = testWakes();
    const there = here.peer();
    const heard: string[] = [];
    here.on("a", () => heard.push("here"));
    there.on("a", () => heard.push("there"));
    there.on("b", () => heard.push("never"));
    here.wake("a");
    here.wake("a");
    expect(heard).toEqual([]);
    await settled();
    expect(heard).toEqual(["here", "there"]);
  });

  it("lose what is said while an instance is cut off, and wake it when it is back", async () => {
    const here = testWakes();
    const there = here.peer();
    const heard: string[] = [];
    there.on("a", () => heard.push("there"));
    there.cut();
    here.wake("a");
    await settled();
    expect(heard).toEqual([]);
    there.mend();
    expect(heard).toEqual(["there"]);
  });

  it("wake nobody who no longer listens", async () => {
    const wakes = testWakes();
    const heard: string[] = [];
    const stop = wakes.on("a", () => heard.push("never"));
    stop();
    wakes.wake("a");
    await settled();
    expect(heard).toEqual([]);
  });
});
