/** A bare item of a structured field (RFC 9651 §3.3). Tokens, byte sequences and dates are told apart from strings. */
export type BareItem =
  | boolean
  | string
  | { readonly integer: number }
  | { readonly decimal: number }
  | { readonly token: string }
  | { readonly bytes: string }
  | { readonly date: number };

/** A member of a dictionary: an item, or an inner list. Parameters are read over: no directive of a cache has any. */
export type Member = BareItem | readonly BareItem[];

/**
 * Reads a dictionary (RFC 9651 §4.2.2); undefined where any of it is wrong, for then all of it is ignored. Of a repeated
 * key the last counts.
 */
export function parseDictionary(text: string): ReadonlyMap<string, Member> | undefined {
  const reader = new DictionaryReader(text);
  return reader.dictionary();
}

const keyForm = /[a-z*][a-z0-9_\-.*]*/y;
const numberForm = /-?\d+(\.\d+)?/y;
const tokenForm = /[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y;
const stringForm = /"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const bytesForm = /:([A-Za-z0-9+/]*={0,2}):/y;
const dateForm = /@(-?\d{1,15})(?!\d|\.)/y;
const displayForm = /%"((?:[\x20-\x21\x23-\x24\x26-\x7e]|%[0-9a-f]{2})*)"/y;
const boolForm = /\?([01])/y;

/** Each step reads on from where the last one ended, and answers undefined where the text has another form. */
class DictionaryReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.trim();
  }

  dictionary(): ReadonlyMap<string, Member> | undefined {
    const members = new Map<string, Member>();
    while (this.#at < this.#text.length) {
      const key = this.#match(keyForm)?.[0];
      const member = key === undefined ? undefined : this.#memberAfterKey();
      if (key === undefined || member === undefined || !this.#parameters()) return undefined;
      members.set(key, member);
      if (!this.#comma()) return undefined;
    }
    return members;
  }

  #memberAfterKey(): Member | undefined {
    if (!this.#take("=")) return true;
    return this.#take("(") ? this.#innerList() : this.#item();
  }

  #innerList(): readonly BareItem[] | undefined {
    const items: BareItem[] = [];
    for (;;) {
      while (this.#take(" "));
      if (this.#take(")")) return items;
      const item = this.#item();
      const next = this.#parameters() ? this.#text[this.#at] : undefined;
      if (item === undefined || (next !== " " && next !== ")")) return undefined;
      items.push(item);
    }
  }

  #item(): BareItem | undefined {
    switch (this.#text[this.#at]) {
      case '"':
        return this.#match(stringForm)?.[1]?.replace(/\\(.)/g, "$1");
      case ":":
        return wrapped(this.#match(bytesForm)?.[1], (bytes) => ({ bytes }));
      case "?":
        return wrapped(this.#match(boolForm)?.[1], (bit) => bit === "1");
      case "@":
        return wrapped(this.#match(dateForm)?.[1], (date) => ({ date: Number(date) }));
      case "%":
        return this.#match(displayForm)?.[1];
    }
    const number = this.#match(numberForm);
    if (number) return numberItem(number[0], number[1]);
    return wrapped(this.#match(tokenForm)?.[0], (token) => ({ token }));
  }

  #parameters(): boolean {
    while (this.#take(";")) {
      while (this.#take(" "));
      if (!this.#match(keyForm)) return false;
      if (this.#take("=") && this.#item() === undefined) return false;
    }
    return true;
  }

  /** False where something else follows, or nothing follows the comma. */
  #comma(): boolean {
    this.#spaces();
    if (this.#at === this.#text.length) return true;
    if (!this.#take(",")) return false;
    this.#spaces();
    return this.#at < this.#text.length;
  }

  #spaces(): void {
    while (this.#take(" ") || this.#take("\t"));
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text);
    if (found) this.#at = form.lastIndex;
    return found;
  }
}

function wrapped<T>(text: string | undefined, wrap: (text: string) => T): T | undefined {
  return text === undefined ? undefined : wrap(text);
}

/** At most 15 digits; of a decimal at most 12 before the point and 3 after it. */
function numberItem(text: string, fraction: string | undefined): BareItem | undefined {
  const digits = text.replace("-", "").replace(fraction ?? "", "").length;
  if (fraction === undefined) return digits <= 15 ? { integer: Number(text) } : undefined;
  return digits <= 12 && fraction.length <= 4 ? { decimal: Number(text) } : undefined;
}
