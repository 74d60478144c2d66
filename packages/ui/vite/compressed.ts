import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const worthIt = /\.(?:css|html|js|json|svg)$/;
/** Smaller ones fit into one packet anyway. */
const bytesMin = 512;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Writes `FILE.br` and `FILE.gz` beside what compresses well, as small as they get: nobody does it again per request. */
export function compressed(): Plugin {
  return {
    name: "trellis-compressed",
    apply: "build",
    writeBundle: async ({ dir }) => {
      if (dir === undefined) return;
      const files = await readdir(dir, { recursive: true });
      await Promise.all(files.filter((file) => worthIt.test(file)).map((file) => compress(join(dir, file))));
    },
  };
}

async function compress(file: string): Promise<void> {
  const content = await readFile(file);
  if (content.length < bytesMin) return;
  const [br, gz] = await Promise.all([
    brotli(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
    deflate(content, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
}
