/** The built pages of a service: files with content-hash names and an `index.html` that finds its way by the address. */
export interface Pages {
  /** The folder with `index.html`: a path, or a file URL as `import.meta.resolve` gives it. */
  readonly folder: string;
  /** The addresses that answer `index.html`: `/`, `/links/*`. Routes of contracts come first. */
  readonly at: readonly string[];
}
