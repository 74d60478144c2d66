import { encode } from "uqr";
import { png } from "./png.ts";

/** ISO/IEC 18004 asks for four modules of white on every side. */
const quietModules = 4;

/** A QR code of `text` as an SVG image, `size` wide wherever nobody says otherwise. */
export function qrSvg(text: string, size: number): Uint8Array {
  const { data, size: modules } = encoded(text);
  let path = "";
  for (const [y, row] of data.entries())
    for (let x = 0; x < modules; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x++;
      path += `M${from} ${y}h${x + 1 - from}v1H${from}z`;
    }
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${modules} ${modules}" width="${size}" height="${size}" ` +
    `shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${modules}v${modules}H0z"/><path d="${path}"/></svg>`;
  return Buffer.from(svg);
}

/** The same as a PNG image `size` pixels wide, or as wide as its modules are many where those are more. */
export function qrPng(text: string, size: number): Uint8Array {
  const { data, size: modules } = encoded(text);
  const scale = Math.max(1, Math.floor(size / modules));
  const width = Math.max(size, modules);
  // What is left over when every module has the same whole number of pixels goes to the quiet zone.
  const before = Math.floor((width - scale * modules) / 2);
  const moduleAt = (pixel: number): number => Math.floor((pixel - before) / scale);
  return png(width, (x, y) => data[moduleAt(y)]?.[moduleAt(x)] === true);
}

/** Fifteen in a hundred may be damaged, more where there is room for it. */
function encoded(text: string) {
  return encode(text, { ecc: "M", boostEcc: true, border: quietModules });
}
