import { crc32, inflateSync } from "node:zlib";
import { encode } from "uqr";
import { describe, expect, test } from "vitest";
import { qrPng, qrSvg } from "./qr-image.ts";

const address = "https://go.example/abc1234";
const { data, size: modules } = encode(address, { ecc: "M", boostEcc: true, border: 4 });

/** The chunks of a PNG file, each checked against its checksum. */
function chunks(png: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  const found = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const named = bytes.subarray(at + 4, at + 8 + length);
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(named));
    found.set(named.subarray(0, 4).toString("latin1"), named.subarray(4));
    at += 12 + length;
  }
  return found;
}

describe("a QR code", () => {
  test.each([64, 200, 512, 2_048])("as PNG is %i pixels wide and shows every module, with white around it", (size) => {
    const found = chunks(qrPng(address, size));
    const head = found.get("IHDR") ?? Buffer.alloc(0);
    expect([head.readUInt32BE(0), head.readUInt32BE(4), head[8], head[9]]).toEqual([size, size, 1, 0]);
    expect([...found.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
    const rows = inflateSync(found.get("IDAT") ?? Buffer.alloc(0));
    const rowBytes = 1 + Math.ceil(size / 8);
    expect(rows.length).toBe(rowBytes * size);
    const isBlack = (x: number, y: number): boolean =>
      (((rows[y * rowBytes + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 0;
    const scale = Math.floor(size / modules);
    const before = Math.floor((size - scale * modules) / 2);
    for (let y = 0; y < modules; y++)
      for (let x = 0; x < modules; x++)
        for (const inside of [0, scale - 1])
          expect(isBlack(before + x * scale + inside, before + y * scale + inside)).toBe(data[y]?.[x]);
    for (let place = 0; place < size; place++) expect(isBlack(place, 0)).toBe(false);
  });

  test("of an address too long for so few pixels is as wide as it has modules", () => {
    const head = chunks(qrPng(`https://${"long-name.".repeat(24)}example/abc1234`, 64)).get("IHDR");
    expect(head?.readUInt32BE(0)).toBeGreaterThan(64);
  });

  test("as SVG draws the same modules", () => {
    const svg = Buffer.from(qrSvg(address, 300)).toString();
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+) \1" width="300" height="300"/,
    );
    const black = Array.from({ length: modules }, () => new Array<boolean>(modules).fill(false));
    for (const [, x = "0", y = "0", width = "0"] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1H\1z/g))
      for (let at = Number(x); at < Number(x) + Number(width); at++) (black[Number(y)] ?? [])[at] = true;
    expect(black).toEqual(data);
  });
});
