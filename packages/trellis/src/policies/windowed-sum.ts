const slicesOfWindow = 10;

/**
 * A sum over the last `windowMs` milliseconds, kept in ten slices: it covers between nine tenths of the window and all of
 * it. Allocates nothing after it is made. A clock that goes back stands still; by more than a window: it begins anew.
 */
export class WindowedSum {
  readonly #slices = new Float64Array(slicesOfWindow);
  readonly #sliceMs: number;
  #at = 0;
  #startMs = 0;
  #total = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / slicesOfWindow;
  }

  add(amount: number, now: number): void {
    this.#advance(now);
    this.#slices[this.#at] = (this.#slices[this.#at] ?? 0) + amount;
    this.#total += amount;
  }

  total(now: number): number {
    this.#advance(now);
    return this.#total;
  }

  clear(): void {
    this.#slices.fill(0);
    this.#total = 0;
  }

  #advance(now: number): void {
    const sinceMs = now - this.#startMs;
    if (sinceMs >= 0 && sinceMs < this.#sliceMs) return;
    if (Math.abs(sinceMs) >= this.#sliceMs * slicesOfWindow) {
      this.clear();
      this.#startMs = now;
      return;
    }
    for (let passed = Math.floor(sinceMs / this.#sliceMs); passed > 0; passed--) {
      this.#at = (this.#at + 1) % slicesOfWindow;
      this.#total -= this.#slices[this.#at] ?? 0;
      this.#slices[this.#at] = 0;
      this.#startMs += this.#sliceMs;
    }
  }
}
