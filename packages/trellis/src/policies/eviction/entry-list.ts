/** What can stand in a list: it holds its own neighbours, so that taking it out costs nothing to find. */
export interface Listed {
  readonly bytes: number;
  list: EntryList<Listed> | undefined;
  before: Listed | undefined;
  after: Listed | undefined;
}

/** Entries in the order of their coming, of which any can be taken out. */
export class EntryList<Entry extends Listed> {
  #first: Entry | undefined;
  #last: Entry | undefined;
  size = 0;
  bytes = 0;

  get first(): Entry | undefined {
    return this.#first;
  }

  add(entry: Entry): void {
    entry.list = this as unknown as EntryList<Listed>;
    entry.before = this.#last;
    if (this.#last) this.#last.after = entry;
    else this.#first = entry;
    this.#last = entry;
    this.size += 1;
    this.bytes += entry.bytes;
  }

  remove(entry: Entry): void {
    const { before, after } = entry;
    if (before) before.after = after;
    else this.#first = after as Entry | undefined;
    if (after) after.before = before;
    else this.#last = before as Entry | undefined;
    entry.list = undefined;
    entry.before = undefined;
    entry.after = undefined;
    this.size -= 1;
    this.bytes -= entry.bytes;
  }
}
