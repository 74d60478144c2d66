import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SaltSource } from "../policies/client-facts/salts.ts";

/** By day, as `Salts` counts days. */
export type KnownSalts = ReadonlyMap<number, Uint8Array>;

const name = "client-salts.json";
const saltBytes = 32;

/**
 * Adds salts to those that the processes of this machine find in its data folder, and takes out those of days before
 * `today`: nobody is to be found again by them. Costs a read where there is nothing to change, so that it can be called
 * again and again; two that write at the same time may lose the other's, until they are called again. Rejects where the
 * folder cannot be written.
 */
export async function writeSalts(folder: string, salts: KnownSalts, today: number): Promise<void> {
  const path = join(folder, name);
  const present = await readSalts(path).catch(() => new Map<number, Uint8Array>());
  const wanted = new Map([...present, ...salts].filter(([day]) => day === today || day === today + 1));
  if (sameSalts(present, wanted)) return;
  const draft = `${path}.${process.pid}`;
  try {
    // Only its owner may know what marks are made of.
    await writeFile(draft, formatSalts(wanted), { mode: 0o600, flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The salts that instances of this machine have written into their data folder. */
export class SaltFile implements SaltSource {
  readonly #path: string;

  /** @param folder - the app's data folder */
  constructor(folder: string) {
    this.#path = join(folder, name);
  }

  /** Rejects where no instance has written that day's. */
  async saltOf(day: number): Promise<Uint8Array> {
    const salt = (await readSalts(this.#path)).get(day);
    if (!salt) throw new Error(`${this.#path} does not have the salt of the day ${day} yet`);
    return salt;
  }
}

function formatSalts(salts: KnownSalts): string {
  const texts = [...salts].map(([day, salt]) => [day, Buffer.from(salt).toString("base64")]);
  return `${JSON.stringify(Object.fromEntries(texts))}\n`;
}

/** What is no salt is left out. Rejects where the file is missing or is none of these. */
async function readSalts(path: string): Promise<Map<number, Uint8Array>> {
  const texts: unknown = JSON.parse(await readFile(path, "utf8"));
  const salts = Object.entries(Object(texts))
    .map(([day, text]) => [Number(day), Buffer.from(String(text), "base64")] as const)
    .filter(([day, salt]) => Number.isSafeInteger(day) && salt.length === saltBytes);
  return new Map(salts);
}

function sameSalts(one: KnownSalts, other: KnownSalts): boolean {
  return (
    one.size === other.size &&
    [...one].every(([day, salt]) => Buffer.compare(salt, other.get(day) ?? new Uint8Array()) === 0)
  );
}
