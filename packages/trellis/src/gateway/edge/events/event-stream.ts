/** What was noted for one stream and is not written yet. */
export class EventStream {
  /** `SERVICE.NAME` */
  readonly name: string;
  #text = "";
  #records = 0;

  constructor(name: string) {
    this.name = name;
  }

  get records(): number {
    return this.#records;
  }

  /** Returns how long it is by now, in UTF-16 units. */
  add(record: string): number {
    this.#text += record;
    this.#records += 1;
    return this.#text.length;
  }

  /** All of it, which is then no longer here. */
  take(): { readonly text: string; readonly records: number } {
    const taken = { text: this.#text, records: this.#records };
    this.#text = "";
    this.#records = 0;
    return taken;
  }
}
