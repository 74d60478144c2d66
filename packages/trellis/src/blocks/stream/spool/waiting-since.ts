interface Mark {
  readonly position: number;
  readonly atMs: number;
}

const marksMax = 512;

/** Since when the oldest record has been waiting, about: from marks set now and then, fewer of them the longer it lasts. */
export class WaitingSince {
  #marks: Mark[] = [];

  /** Records up to `position` were there at `atMs`. */
  mark(position: number, atMs: number): void {
    if (position <= (this.#marks.at(-1)?.position ?? 0)) return;
    this.#marks.push({ position, atMs });
    if (this.#marks.length > marksMax) this.#marks = this.#marks.filter((_mark, index) => index % 2 === 0);
  }

  /** What lies up to `position` waits no more. */
  moved(position: number): void {
    const first = this.#marks.findIndex((mark) => mark.position > position);
    this.#marks = first < 0 ? [] : this.#marks.slice(first);
  }

  ageMs(nowMs: number): number {
    const oldest = this.#marks[0];
    return oldest ? Math.max(0, nowMs - oldest.atMs) : 0;
  }
}
