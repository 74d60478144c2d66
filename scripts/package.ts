// usage: npm run package
// Builds packages/trellis to JavaScript and types and packs it as dist/trellis-VERSION.tgz: what will be published.
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { publishedManifest } from "./published-manifest.ts";

const root = join(import.meta.dirname, "..");
const source = join(root, "packages/trellis");
const staging = join(root, "dist/trellis");

rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
compile();
copyAssets();
writeFileSync(
  join(staging, "package.json"),
  `${JSON.stringify(publishedManifest(readFileSync(join(source, "package.json"), "utf8")), null, 2)}\n`,
);
console.log(`dist/${pack()}`);

function compile(): void {
  const compiler = join(root, "node_modules/@typescript/native/bin/tsc");
  const project = join(source, "tsconfig.build.json");
  execFileSync(process.execPath, [compiler, "-p", project, "--outDir", join(staging, "dist")], { stdio: "inherit" });
}

/** What is read at run time and is no TypeScript: migrations, the command, the licence. */
function copyAssets(): void {
  for (const file of globSync("src/**/*.{sql,css,html}", { cwd: source })) {
    const target = join(staging, "dist", file.slice("src/".length));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(source, file), target);
  }
  cpSync(join(source, "bin"), join(staging, "bin"), { recursive: true });
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) cpSync(join(root, file), join(staging, file));
}

function pack(): string {
  const said = execFileSync("npm", ["pack", "--json", "--pack-destination", join(root, "dist")], {
    cwd: staging,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = JSON.parse(said) as [{ filename: string }];
  return packed.filename;
}
