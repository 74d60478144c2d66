import { describe, expect, it } from "vitest";
import { openLog } from "./pino-log.ts";

/** A log and the lines that it has written. */
function written(level: "info" | "silent" = "info", facts?: Record<string, unknown>) {
  const lines: Record<string, unknown>[] = [];
  const to = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { log: openLog({ level, to, ...(facts ? { facts } : {}) }), lines };
}

describe("the log", () => {
  it("writes one JSON line an event: what happened, and the facts beside it", () => {
    const { log, lines } = written("info", { role: "web" });
    log.with({ service: "links" }).info("a refresh failed", { cache: "hot" });
    expect(lines).toEqual([
      {
        level: "info",
        time: expect.any(String),
        role: "web",
        service: "links",
        cache: "hot",
        says: "a refresh failed",
      },
    ]);
  });

  it("leaves out what is below its level", () => {
    const { log, lines } = written();
    log.debug("detail");
    expect(lines).toEqual([]);
    const silent = written("silent");
    silent.log.error("nobody hears");
    expect(silent.lines).toEqual([]);
  });

  it.each([
    { authorization: "Bearer trellis_1_hunter2" },
    { headers: { authorization: "Bearer trellis_1_hunter2", cookie: "session=hunter2" } },
    { request: { headers: { cookie: "session=hunter2" } } },
    { ownerKey: "hunter2" },
    { settings: { databaseUrl: "postgres://app:hunter2@db/app" } },
    { password: "hunter2" },
  ])("never writes a secret: %j", (facts) => {
    const { log, lines } = written();
    log.info("look", facts);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });

  it("writes an error with its cause", () => {
    const { log, lines } = written();
    log.error("it broke", { error: new Error("outer", { cause: new Error("inner") }) });
    expect(JSON.stringify(lines[0])).toMatch(/outer.*inner/);
  });
});
