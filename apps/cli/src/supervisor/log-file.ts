import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LOG_BYTES_MAX, LOG_FILES_KEPT } from '../limits.ts';

/** A log file that is put aside as `<name>.1` when it is full; the oldest of those goes. */
export class LogFile {
  readonly path: string;
  readonly #bytesMax: number;
  #descriptor: number;
  #bytes: number;

  constructor(path: string, bytesMax = LOG_BYTES_MAX) {
    this.path = path;
    this.#bytesMax = bytesMax;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(path, 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  /** Appends a line. A full disk loses lines, never the supervisor. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) this.#rotate();
      writeSync(this.#descriptor, bytes);
      this.#bytes += bytes.length;
    } catch {
      this.#bytes += bytes.length;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    for (let kept = LOG_FILES_KEPT - 1; kept >= 1; kept -= 1) {
      if (existsSync(`${this.path}.${kept}`)) {
        renameSync(`${this.path}.${kept}`, `${this.path}.${kept + 1}`);
      }
    }
    renameSync(this.path, `${this.path}.1`);
    this.#descriptor = openSync(this.path, 'a', 0o600);
    this.#bytes = 0;
  }
}
