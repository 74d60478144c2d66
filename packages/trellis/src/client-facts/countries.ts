import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Log } from "../model/log.ts";
import type { CountryLookup } from "../policies/client-facts/client-facts.ts";
import { CountryTable } from "../policies/client-facts/country-table.ts";
import { countryDataVersion } from "./country-data.ts";

/**
 * Tells the country of an address. The table is made once on each machine, a second's work on a thread of its own;
 * until it is there, countries are unknown. Later starts read it in milliseconds.
 */
export class Countries implements CountryLookup {
  readonly #files: readonly string[];
  readonly #log: Log;
  #table: CountryTable | undefined;
  #worker: Worker | undefined;
  /** Resolves when countries are known, or it is clear that they will not be. */
  readonly ready: Promise<void>;

  /** The table is kept in the first of the folders that can be written. Undefined where the data are not installed. */
  static async open(folders: readonly string[], log: Log): Promise<Countries | undefined> {
    const version = countryDataVersion();
    if (version === undefined) return undefined;
    const files = folders.map((folder) => join(folder, `countries-${version}.bin`));
    return new Countries(files, log, await firstTable(files));
  }

  private constructor(files: readonly string[], log: Log, table: CountryTable | undefined) {
    this.#files = files;
    this.#log = log;
    this.#table = table;
    this.ready = table ? Promise.resolve() : this.#make();
  }

  of(ip: string): string {
    return this.#table?.of(ip) ?? "";
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #make(): Promise<void> {
    try {
      const bytes = await this.#compile();
      if (!bytes) return;
      this.#table = CountryTable.read(bytes);
      if (!(await keepInFirst(this.#files, bytes)))
        this.#log.warn("The table of countries could not be kept: it is made again at every start");
    } catch (cause) {
      this.#log.error("Countries stay unknown: their table could not be made", { cause });
    }
  }

  /** Undefined where it was closed meanwhile. */
  #compile(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // TypeScript here, JavaScript where it was built.
    const worker = new Worker(new URL(`./country-worker${extname(import.meta.filename)}`, import.meta.url));
    this.#worker = worker;
    worker.unref();
    return new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => resolve(undefined));
    });
  }
}

async function firstTable(files: readonly string[]): Promise<CountryTable | undefined> {
  for (const file of files) {
    const bytes = await readFile(file).catch(() => undefined);
    const table = bytes && CountryTable.read(bytes);
    if (table) return table;
  }
  return undefined;
}

/** Others may do the same at the same time: whoever is last has written the same. */
async function keepInFirst(files: readonly string[], bytes: Uint8Array): Promise<boolean> {
  for (const file of files) {
    const draft = `${file}.${process.pid}`;
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(draft, bytes);
      await rename(draft, file);
      return true;
    } catch {
      // Packages are often there to be read only, and a disk may be full: the next folder may do.
    }
  }
  return false;
}
