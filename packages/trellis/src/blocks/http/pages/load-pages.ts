import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { TrellisError } from "../../../model/errors.ts";
import type { Service } from "../../../model/service.ts";
import type { Encoding } from "../../../policies/http/accepted-encoding.ts";
import type { OwnAnswer } from "../server/own-answer.ts";
import { pagesBytesMax, pagesFilesMax } from "./limits.ts";
import { PageFile } from "./page-file.ts";

const start = "index.html";
const nameForm = /^[\w@+,~() -][\w.@+,~() -]*$/;
const sidecars: ReadonlyMap<string, Encoding> = new Map([
  [".br", "br"],
  [".gz", "gzip"],
]);

/** Throws `no-pages` where a service's pages are not there, before anything is opened. */
export function checkPages(services: readonly Service[]): void {
  for (const { contract, pages } of services) {
    if (!pages) continue;
    const folder = folderOf(pages.folder);
    if (existsSync(join(folder, start))) continue;
    throw new TrellisError("no-pages", {
      says: `The pages of ${contract.name} are not built: no ${start} in ${folder}`,
    });
  }
}

/**
 * Reads the pages of all services into memory: each file under its path, and `index.html` wherever a service wants it.
 * `taken` has the addresses that routes answer. Throws `no-pages`, or `invalid-app` where two would answer one address
 * or where it is too much for the memory.
 */
export async function loadPages(
  services: readonly Service[],
  taken: ReadonlySet<string>,
): Promise<readonly OwnAnswer[]> {
  checkPages(services);
  const answers = new Map<string, { readonly owner: string; readonly file: PageFile }>();
  for (const { contract, pages } of services) {
    if (!pages) continue;
    const files = await readPages(contract.name, folderOf(pages.folder));
    const index = files.find(({ path }) => path === `/${start}`);
    const placed = [
      ...files.map((file) => ({ path: file.path, file })),
      ...pages.at.map((path) => ({ path, file: index })),
    ];
    for (const { path, file } of placed) {
      if (!file) continue;
      const owner = taken.has(path) ? "a route" : answers.get(path)?.owner;
      if (owner !== undefined) throw sharedAddress(contract.name, path, owner);
      answers.set(path, { owner: `the pages of ${contract.name}`, file });
    }
  }
  return [...answers].map(([path, { file }]) => ({
    path,
    answer: ({ headers }) => file.answer(headers["accept-encoding"] as string | undefined),
  }));
}

async function readPages(service: string, folder: string): Promise<readonly PageFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  // A link may lead out of the folder, and a name with a dot in front is nobody's to read.
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `/${relative(folder, join(parentPath, name)).replaceAll(sep, "/")}`)
    .filter((path) => !path.includes("/."));
  if (paths.length > pagesFilesMax)
    throw tooMuch(service, `${paths.length} files, and at most ${pagesFilesMax} are held in memory`);
  for (const path of paths) refuseName(service, path);
  const contents = new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)),
  );
  const bytes = [...contents.values()].reduce((sum, { length }) => sum + length, 0);
  if (bytes > pagesBytesMax) throw tooMuch(service, `${bytes} bytes, and at most ${pagesBytesMax} are held in memory`);
  return paths
    .filter((path) => originalOf(path, contents) === undefined)
    .map((path) => new PageFile(path, contents.get(path) as Buffer, encodedForms(path, contents)));
}

/** The file of which this one is the compressed form. */
function originalOf(path: string, contents: ReadonlyMap<string, Buffer>): string | undefined {
  const ending = path.slice(-3);
  const original = path.slice(0, -3);
  return sidecars.has(ending) && contents.has(original) ? original : undefined;
}

function encodedForms(path: string, contents: ReadonlyMap<string, Buffer>): ReadonlyMap<Encoding, Buffer> {
  const forms = new Map<Encoding, Buffer>();
  for (const [ending, encoding] of sidecars) {
    const content = contents.get(path + ending);
    if (content) forms.set(encoding, content);
  }
  return forms;
}

function folderOf(folder: string): string {
  return folder.startsWith("file:") ? fileURLToPath(folder) : folder;
}

function refuseName(service: string, path: string): void {
  if (
    path
      .slice(1)
      .split("/")
      .every((name) => nameForm.test(name))
  )
    return;
  throw new TrellisError("invalid-app", {
    says: `The pages of ${service} have a file ${path}, whose name makes no plain address`,
    cure: "Name it with letters, digits, hyphens and dots.",
  });
}

function sharedAddress(service: string, path: string, owner: string): TrellisError {
  return new TrellisError("invalid-app", {
    says: `The pages of ${service} answer ${path}, as ${owner} does`,
    cure: "Give one of them another path.",
  });
}

function tooMuch(service: string, says: string): TrellisError {
  return new TrellisError("invalid-app", {
    says: `The pages of ${service} come to ${says}`,
    cure: "Keep in the folder what the pages need, and put large files behind an address of their own.",
  });
}
