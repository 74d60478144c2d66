/** In the order of ASCII, so that texts of one length sort as their numbers do. */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const valueOfCharCode = new Int8Array(128).fill(-1);
for (let value = 0; value < digits.length; value++) valueOfCharCode[digits.charCodeAt(value)] = value;

/** `number` in base 62, padded with zeros to `length` digits. It must be a whole number that fits. */
export function toBase62(number: number, length: number): string {
  let text = "";
  for (let rest = number; text.length < length; rest = Math.floor(rest / 62)) text = digits.charAt(rest % 62) + text;
  return text;
}

/** The number that `text` says, or undefined where it holds something else than digits of base 62. */
export function fromBase62(text: string): number | undefined {
  let number = 0;
  for (let place = 0; place < text.length; place++) {
    const value = valueOfCharCode[text.charCodeAt(place)] ?? -1;
    if (value === -1) return undefined;
    number = number * 62 + value;
  }
  return number;
}
