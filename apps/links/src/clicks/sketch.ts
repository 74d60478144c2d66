/**
 * How many different visitors there were, without knowing any: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, 2007)
 * with 2,048 registers, which is right within 2.3 % (1.04 / √2048). Sketches of several hours merge into that of all.
 */
const registerBits = 11;
export const registerCount = 2 ** registerBits;

/** Ranks are kept in five bits: 31 is reached by two thousand million visitors in one register. */
const rankBits = 5;
const rankMax = 2 ** rankBits - 1;

/** The largest of all marks. */
export const markMax = 2 ** (registerBits + rankBits) - 1;

/** Of a visitor's 53 bits the first name the register, the next 32 the rank. */
const visitorBits = 53;

/**
 * One visitor (a whole number below 2⁵³, as good as chance) as one number of 16 bits: a register and a rank, the same
 * for one in 2,048 visitors or more.
 */
export function visitorMark(visitor: number): number {
  const register = Math.floor(visitor / 2 ** (visitorBits - registerBits));
  // The lowest 32 bits of what stands before the last ten: `>>>` takes it modulo 2³².
  const rest = (visitor / 2 ** (visitorBits - registerBits - 32)) >>> 0;
  return (register << rankBits) | Math.min(rankMax, Math.clz32(rest) + 1);
}

/** Few registers in use are written as their marks, two bytes each; many as all ranks, five bits each. */
const denseBytes = (registerCount * rankBits) / 8;

/** A set of visitors of which only the size can be told. */
export class Sketch {
  readonly #ranks = new Uint8Array(registerCount);
  #used = 0;

  /** Whether that changed anything. */
  add(mark: number): boolean {
    const register = mark >>> rankBits;
    const rank = mark & rankMax;
    const before = this.#ranks[register] ?? rankMax;
    if (rank <= before) return false;
    if (before === 0) this.#used++;
    this.#ranks[register] = rank;
    return true;
  }

  /** Adds everybody whom `written` holds: what `write` gave. */
  merge(written: Uint8Array): void {
    if (written.length === denseBytes) {
      for (let register = 0; register < registerCount; register++) {
        const rank = readBits(written, register);
        if (rank > 0) this.add((register << rankBits) | rank);
      }
      return;
    }
    for (let at = 0; at + 1 < written.length; at += 2) this.add(((written[at] ?? 0) << 8) | (written[at + 1] ?? 0));
  }

  /** At most 1,280 bytes. */
  write(): Uint8Array {
    if (this.#used * 2 >= denseBytes) return this.#writeDense();
    const bytes = new Uint8Array(this.#used * 2);
    let at = 0;
    for (let register = 0; register < registerCount; register++) {
      const rank = this.#ranks[register] ?? 0;
      if (rank === 0) continue;
      const mark = (register << rankBits) | rank;
      bytes[at++] = mark >>> 8;
      bytes[at++] = mark & 0xff;
    }
    return bytes;
  }

  /** How many there are, about. Exact to a few in a hundred, and nearly exact while they are few. */
  estimate(): number {
    let sum = 0;
    for (const rank of this.#ranks) sum += 2 ** -rank;
    const zeros = registerCount - this.#used;
    const raw = (alpha * registerCount * registerCount) / sum;
    // Few visitors leave registers empty, which then tell more than the ranks (linear counting).
    if (raw <= 2.5 * registerCount && zeros > 0) return Math.round(registerCount * Math.log(registerCount / zeros));
    return Math.round(raw);
  }

  #writeDense(): Uint8Array {
    const bytes = new Uint8Array(denseBytes);
    for (let register = 0; register < registerCount; register++) {
      const bit = register * rankBits;
      const word = (this.#ranks[register] ?? 0) << (16 - rankBits - (bit & 7));
      bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) | (word >>> 8);
      if ((word & 0xff) !== 0) bytes[(bit >>> 3) + 1] = (bytes[(bit >>> 3) + 1] ?? 0) | (word & 0xff);
    }
    return bytes;
  }
}

/** The paper's correction for many registers. */
const alpha = 0.7213 / (1 + 1.079 / registerCount);

function readBits(bytes: Uint8Array, register: number): number {
  const bit = register * rankBits;
  const word = ((bytes[bit >>> 3] ?? 0) << 8) | (bytes[(bit >>> 3) + 1] ?? 0);
  return (word >>> (16 - rankBits - (bit & 7))) & rankMax;
}
