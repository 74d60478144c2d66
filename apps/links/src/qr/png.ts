import { crc32, deflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A square of black and white as a PNG file (w3.org/TR/png-3): greyscale, one bit a pixel, no filter. */
export function png(size: number, isBlack: (x: number, y: number) => boolean): Uint8Array {
  const rowBytes = 1 + Math.ceil(size / 8);
  const rows = Buffer.alloc(rowBytes * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      // A bit that is set is white. The first byte of a row names its filter: none.
      if (isBlack(x, y)) continue;
      const at = y * rowBytes + 1 + (x >>> 3);
      rows[at] = (rows[at] ?? 0) | (0x80 >>> (x & 7));
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  // One bit; greyscale, deflate, the one set of filters, not interlaced are all 0.
  head.writeUInt8(1, 8);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
