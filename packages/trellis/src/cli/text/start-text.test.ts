import { describe, expect, it } from "vitest";
import { eventText } from "./start-text.ts";

describe("the line about what happens to a process", () => {
  it("names the instance as `trellis status` does", () => {
    const name = "reports-1";
    expect(eventText({ event: "instance", name, role: "web", pid: 7, url: "http://127.0.0.1:4001" })).toBe(
      "reports-1 ready: process 7 at http://127.0.0.1:4001",
    );
    expect(eventText({ event: "restart", name, role: "web", pid: 7, because: "exit code 1", inMs: 250 })).toBe(
      "reports-1 ended (process 7: exit code 1); starting again in 250 ms",
    );
  });

  it("names the database and the gateway", () => {
    const end = { event: "restart", pid: 7, because: "signal SIGKILL", inMs: 125 } as const;
    expect(eventText({ ...end, role: "database" })).toMatch(/^PostgreSQL ended/);
    expect(eventText({ ...end, role: "gateway" })).toMatch(/^gateway ended/);
  });

  it("says of a decision to scale only what was done", () => {
    const note = {
      event: "scaling",
      at: 0,
      group: "web",
      from: 2,
      to: 3,
      kind: "held-back",
      says: "a release",
    } as const;
    expect(eventText({ ...note, done: false })).toBe("");
    expect(eventText({ ...note, done: true })).toBe("web: a release");
  });
});
