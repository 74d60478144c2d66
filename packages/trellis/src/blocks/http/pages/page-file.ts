import { posix } from "node:path";
import {
  acceptedEncoding,
  compressBytesMin,
  type Encoding,
  isCompressible,
} from "../../../policies/http/accepted-encoding.ts";
import type { WireAnswer } from "../port.ts";
import { compress } from "../server/compression.ts";
import { etagOf } from "../server/etag.ts";
import { contentTypeOf } from "./content-type.ts";
import { htmlHeaders } from "./html-headers.ts";

/** Built into a folder of its own, under a name that changes with the content: `/assets/index-BkV3x9Qa.js`. */
const hashedName = /^\/assets\/(?:.*\/)?[^/]+[-.][\w-]{8,}\.\w+$/;

/** One file of a service's pages, in memory, in every form that clients ask for. */
export class PageFile {
  readonly path: string;
  readonly #content: Buffer;
  readonly #encoded: Map<Encoding, Promise<Buffer>>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #etag: string;

  /** `encoded`: what the build has compressed already. */
  constructor(path: string, content: Buffer, encoded: ReadonlyMap<Encoding, Buffer>) {
    this.path = path;
    this.#content = content;
    this.#encoded = new Map([...encoded].map(([form, bytes]) => [form, Promise.resolve(bytes)]));
    this.#etag = `"${etagOf(content)}"`;
    const type = contentTypeOf(posix.basename(path));
    const compressed = encoded.size > 0 || (isCompressible(type) && content.length >= compressBytesMin);
    this.#headers = {
      "content-type": type,
      "cache-control": hashedName.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
      "cross-origin-resource-policy": "same-origin",
      ...(compressed ? { vary: "accept-encoding" } : {}),
      ...(type.startsWith("text/html") ? htmlHeaders : {}),
    };
  }

  async answer(acceptEncoding: string | undefined): Promise<WireAnswer> {
    const encoding = "vary" in this.#headers ? acceptedEncoding(acceptEncoding) : undefined;
    if (encoding === undefined)
      return { status: 200, headers: { ...this.#headers, etag: this.#etag }, body: this.#content };
    const body = await this.#encode(encoding);
    // A weak tag: the same content in other bytes.
    return { status: 200, headers: { ...this.#headers, "content-encoding": encoding, etag: `W/${this.#etag}` }, body };
  }

  /** What the build has not compressed is compressed once, when somebody first asks for it. */
  #encode(encoding: Encoding): Promise<Buffer> {
    const made = this.#encoded.get(encoding);
    if (made !== undefined) return made;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    compress(this.#content, encoding, (error, compressed) => (error === null ? resolve(compressed) : reject(error)));
    this.#encoded.set(encoding, promise);
    return promise;
  }
}
