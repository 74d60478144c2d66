import { compressBytesMin, isCompressible } from "../../policies/http/accepted-encoding.ts";
import type { HeaderList } from "../exchange.ts";

/** Whether an answer's body may be compressed on its way, and gets smaller by it. */
export function maybeCompressed(status: number, headers: HeaderList): boolean {
  if (status === 204 || status === 205 || status === 206 || status === 304) return false;
  let fits = false;
  for (let index = 0; index < headers.length; index += 2) {
    const value = headers[index + 1] as string;
    switch (headers[index]) {
      case "content-type":
        fits = isCompressible(value.toLowerCase());
        if (!fits) return false;
        break;
      case "content-length":
        if (Number(value) < compressBytesMin) return false;
        break;
      case "content-encoding":
      case "content-range":
        return false;
      case "cache-control":
        if (/\bno-transform\b/i.test(value)) return false;
    }
  }
  return fits;
}

/** The headers of an answer that depends on `accept-encoding`, compressed or not (RFC 9110, section 12.5.5). */
export function withVary(headers: HeaderList): string[] {
  const out = [...headers];
  for (let index = 0; index < out.length; index += 2)
    if (out[index] === "vary" && /(?:^|[\s,])(?:accept-encoding|\*)(?:$|[\s,])/i.test(out[index + 1] as string))
      return out;
  out.push("vary", "accept-encoding");
  return out;
}

/** The headers of the compressed form: what told of the bytes as they were is left out, and its tag is a weak one. */
export function encodedHeaders(headers: HeaderList, encoding: string): string[] {
  const out: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    if (ofBytes.has(name)) continue;
    out.push(name, name === "etag" ? weak(value) : value);
  }
  out.push("content-encoding", encoding);
  return out;
}

/** The tag of an answer 304 as the client knows it: `ifNoneMatch` has it in its weak form. */
export function weakenedTags(headers: HeaderList, ifNoneMatch: string): HeaderList {
  const at = headers.indexOf("etag");
  const tag = headers[at + 1];
  if (at % 2 !== 0 || tag === undefined || tag.startsWith("W/") || !ifNoneMatch.includes(`W/${tag}`)) return headers;
  return headers.with(at + 1, `W/${tag}`);
}

const ofBytes: ReadonlySet<string> = new Set([
  "content-length",
  "accept-ranges",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
]);

function weak(tag: string): string {
  return tag.startsWith("W/") ? tag : `W/${tag}`;
}
