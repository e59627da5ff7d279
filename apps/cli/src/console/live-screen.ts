import { stripVTControlCharacters } from 'node:util';

/** The terminal that a live screen draws on. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

const SYNC_ON = '\x1b[?2026h';
const SYNC_OFF = '\x1b[?2026l';
const CLEAR_LINE_END = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/**
 * A block at the bottom of a terminal that is drawn over in place, with lines passing above it. Each change is one write, and
 * lines are overwritten rather than cleared first, so that nothing flickers.
 */
export class LiveScreen {
  readonly #terminal: Terminal;
  #height = 0;
  #block: readonly string[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Draws the block anew. */
  draw(block: string): void {
    this.#block = block.split('\n');
    this.#paint('');
  }

  /** Lets a line pass above the block, for good. */
  print(line: string): void {
    this.#paint(`${line}${CLEAR_LINE_END}\n`);
  }

  #paint(above: string): void {
    const { columns, rows } = this.#terminal;
    const shown = this.#block.slice(0, Math.max(1, rows - 1));
    const lines = shown.map((line) => `${clip(line, columns)}${CLEAR_LINE_END}\n`).join('');
    const up = this.#height === 0 ? '' : `\x1b[${this.#height}A`;
    this.#terminal.write(`${SYNC_ON}${up}\r${above}${lines}${CLEAR_BELOW}${SYNC_OFF}`);
    this.#height = shown.length;
  }
}

const ESCAPE = '\x1b';

/** Cuts a line to a number of visible characters; colours cost nothing and are ended. */
export function clip(line: string, width: number): string {
  if (stripVTControlCharacters(line).length <= width) return line;
  let visible = 0;
  let at = 0;
  let coloured = false;
  while (at < line.length && visible < width - 1) {
    if (line[at] === ESCAPE) {
      const end = line.indexOf('m', at);
      if (end < 0) break;
      at = end + 1;
      coloured = true;
    } else {
      visible += 1;
      at += 1;
    }
  }
  return `${line.slice(0, at)}…${coloured ? '\x1b[0m' : ''}`;
}
