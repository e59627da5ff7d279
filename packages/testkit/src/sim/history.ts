import { createHash } from 'node:crypto';

/** How many lines a report can show. */
const TAIL_MAX = 200;
/** How many characters wait before they are hashed together. */
const CHUNK_LENGTH = 65_536;

/** What happened, as a digest of everything and the last lines in words. */
export class History {
  readonly #hash = createHash('sha256');
  /** The last lines, as a ring: the next one takes the place of the oldest. */
  readonly #tail: string[] = [];
  #next = 0;
  #count = 0;
  #chunk = '';

  /** Notes something that the seed decides. */
  add(line: string): void {
    this.#count += 1;
    this.#chunk += `${line}\n`;
    if (this.#chunk.length > CHUNK_LENGTH) this.#take();
    this.show(line);
  }

  /** Shows a line to people without making it part of the digest. */
  show(line: string): void {
    this.#tail[this.#next] = line;
    this.#next = (this.#next + 1) % TAIL_MAX;
  }

  /** How many lines are in the digest. */
  get count(): number {
    return this.#count;
  }

  get hash(): string {
    this.#take();
    return this.#hash.copy().digest('hex');
  }

  /** Returns the newest lines, the oldest of them first. */
  tail(lines: number): readonly string[] {
    const inOrder = [...this.#tail.slice(this.#next), ...this.#tail.slice(0, this.#next)];
    return inOrder.slice(-lines);
  }

  #take(): void {
    this.#hash.update(this.#chunk);
    this.#chunk = '';
  }
}

/** Returns 8 hexadecimal digits that tell plain values apart, for one line of a history. Functions are not looked at. */
export function digestOf(value: unknown): string {
  let hash = 0x811c9dc5;
  const mix = (code: number): void => {
    hash = Math.imul(hash ^ code, 0x01000193) >>> 0;
  };
  const text = (of: string): void => {
    for (let index = 0; index < of.length; index += 1) mix(of.charCodeAt(index));
    mix(0x1ffff);
  };
  const walk = (of: unknown): void => {
    if (of instanceof Uint8Array) {
      for (const byte of of) mix(byte);
      mix(0x2ffff);
    } else if (Array.isArray(of)) {
      for (const one of of) walk(one);
      mix(0x3ffff);
    } else if (of !== null && typeof of === 'object') {
      const record = of as Readonly<Record<string, unknown>>;
      for (const key of Object.keys(record)) {
        const one = record[key];
        if (typeof one === 'function') continue;
        text(key);
        walk(one);
      }
      mix(0x4ffff);
    } else {
      text(`${typeof of}:${String(of)}`);
    }
  };
  walk(value);
  return hash.toString(16).padStart(8, '0');
}
