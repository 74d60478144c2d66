interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly devDependencies?: unknown;
}

/** The package.json of what is published: the same, but every entry leads to the build instead of the source. */
export function publishedManifest(text: string): object {
  const { devDependencies: _, exports, ...rest } = JSON.parse(text) as Manifest;
  const built = Object.entries(exports).map(([entry, path]) => {
    if (!path.endsWith(".ts")) return [entry, path];
    const stem = path.replace("./src/", "./dist/").replace(/\.ts$/, "");
    return [entry, { types: `${stem}.d.ts`, default: `${stem}.js` }];
  });
  return { ...rest, exports: Object.fromEntries(built), files: ["bin", "dist", "CHANGELOG.md"] };
}
