/** Where the demo writes. On a terminal, lines may be written over. */
export interface Screen {
  readonly isTerminal: boolean;
  write(text: string): void;
}

const barCells = 24;
const redrawMs = 100;
/** Of something without an end there are no quarters. */
const endlessLineEvery = 10_000;

/** Shows how far something is: a bar that moves on a terminal, a plain line at each quarter elsewhere. `of` may be infinite. */
export class Progress {
  readonly #screen: Screen;
  readonly #what: string;
  readonly #of: number;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #done = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(screen: Screen, nowMs: () => number, what: string, of: number) {
    this.#screen = screen;
    this.#nowMs = nowMs;
    this.#what = what;
    this.#of = of;
    this.#startedMs = nowMs();
  }

  /** One more is done. */
  step(): void {
    this.#done++;
    if (this.#screen.isTerminal) this.#drawBar();
    else if (this.#isWorthALine()) this.#screen.write(`${this.#what}: ${this.#done}${this.#ofAll(" of ")}\n`);
  }

  /** Leaves the line, so that what is written next stands below. */
  end(): void {
    if (this.#screen.isTerminal && this.#done > 0) this.#screen.write("\n");
  }

  #drawBar(): void {
    const now = this.#nowMs();
    if (this.#done < this.#of && now - this.#drawnMs < redrawMs) return;
    this.#drawnMs = now;
    const full = Math.round((this.#done / this.#of) * barCells);
    const bar = Number.isFinite(this.#of) ? `${"█".repeat(full)}${"░".repeat(barCells - full)}  ` : "";
    const perSecond = Math.round((1_000 * this.#done) / Math.max(1, now - this.#startedMs));
    this.#screen.write(`\r\u001b[K${this.#what}  ${bar}${this.#done}${this.#ofAll("/")}  ${perSecond}/s`);
  }

  #ofAll(between: string): string {
    return Number.isFinite(this.#of) ? `${between}${this.#of}` : "";
  }

  #isWorthALine(): boolean {
    if (!Number.isFinite(this.#of)) return this.#done % endlessLineEvery === 0;
    const quarter = (done: number) => Math.floor((4 * done) / this.#of);
    return quarter(this.#done) > quarter(this.#done - 1);
  }
}
