import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SpoolFolder } from "./spool-folder.ts";

/** Another process, in effect: takes every folder as that of one that has died, and gives it back, until it is told to end. */
const takeAll = `
  import { parentPort, workerData } from "node:worker_threads";
  const { SpoolFolder, spoolFolders } = await import(workerData.module);
  let isEnding = false;
  parentPort.once("message", () => { isEnding = true; });
  parentPort.postMessage("begun");
  function takeAll() {
    for (const process of spoolFolders(workerData.parent)) SpoolFolder.take(workerData.parent, process)?.end();
    if (!isEnding) setImmediate(takeAll);
  }
  takeAll();`;

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "trellis-spool-"));
});

afterEach(() => rmSync(parent, { recursive: true }));

describe("the folder of a process's spools", () => {
  it("is taken by nobody while its process has it", () => {
    const own = SpoolFolder.begin(parent, "web-1");
    expect(SpoolFolder.take(parent, "web-1")).toBeUndefined();
    own.release();
  });

  it("is taken once it was given back, with what is in it", () => {
    const own = SpoolFolder.begin(parent, "web-1");
    own.part("links.clicks");
    own.end();
    const taken = SpoolFolder.take(parent, "web-1");
    expect(taken?.parts()).toEqual(["links.clicks"]);
    taken?.release();
  });

  it("is gone when it ends with nothing in it", () => {
    SpoolFolder.begin(parent, "web-1").end();
    expect(readdirSync(parent)).toEqual([]);
    expect(SpoolFolder.take(parent, "web-1")).toBeUndefined();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("leaves nothing where it cannot be begun", () => {
    const own = SpoolFolder.begin(parent, "web-1");
    own.part("links.clicks");
    expect(() => SpoolFolder.begin(parent, "web-1")).toThrow();
    expect(readdirSync(parent)).toEqual(["web-1"]);
    own.release();
  });

  it("is begun and kept although another process takes it for one that has died, and removes it", async () => {
    const program = new URL(`data:text/javascript,${encodeURIComponent(takeAll)}`);
    const module = new URL("spool-folder.ts", import.meta.url).href;
    const other = new Worker(program, { workerData: { parent, module } });
    const ended = new Promise<unknown>((resolve, reject) => other.once("error", reject).once("exit", resolve));
    await new Promise((resolve) => other.once("message", resolve));
    try {
      for (let nth = 0; nth < 500; nth += 1) {
        const own = SpoolFolder.begin(parent, `web-${nth}`);
        own.part("links.clicks");
        expect(own.parts()).toEqual(["links.clicks"]);
        rmSync(own.part("links.clicks"), { recursive: true });
        own.end();
      }
    } finally {
      other.postMessage("end");
    }
    expect(await ended).toBe(0);
  });
});
