/** Cuts a text that comes in pieces into lines, as NDJSON over a socket does. */
export class Lines {
  readonly #charactersMax: number;
  #rest = "";

  /** A longer line than this is refused: whoever sends it is no friend. */
  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** The lines that this piece completes, without their ends. Throws a `RangeError` for a line over the limit. */
  push(piece: string): readonly string[] {
    // What is waiting is not searched again for each piece of a long line.
    const lines = piece.includes("\n") ? (this.#rest + piece).split("\n") : [this.#rest + piece];
    this.#rest = lines.pop() ?? "";
    const longest = lines.reduce((most, line) => Math.max(most, line.length), this.#rest.length);
    if (longest > this.#charactersMax) throw new RangeError(`A line is longer than ${this.#charactersMax} characters`);
    return lines;
  }
}
