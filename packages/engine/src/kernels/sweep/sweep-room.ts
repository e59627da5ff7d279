import { assert } from '@capstan/domain';
import type { TurnColumns, TurnFinder } from './turns.ts';
import { turnsModule, WORD_ROWS } from './turns-program.ts';
import { IMPORTS_NAME, MEMORY_NAME } from './wasm-bytes.ts';
import { type SharedMemory, sharedMemory, wasmExports } from './wasm-platform.ts';

const PAGE_BYTES = 65_536;
const ROW_BYTES = Float64Array.BYTES_PER_ELEMENT;
const TURN_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** How much a {@link SweepRoom} holds. */
export interface SweepRoomSize {
  /** Of each column. */
  readonly rows: number;
  readonly columns: number;
  readonly threads: number;
}

/** Memory for the columns of a sweep that several threads run together, so that each column is filled once; it may be sent to them. */
export interface SweepRoom extends SweepRoomSize {
  readonly memory: SharedMemory;
}

/** Where one thread of several stands. */
export interface SweepSeat {
  readonly room: SweepRoom;
  /** From 0. */
  readonly thread: number;
}

/** Returns room for a sweep, `undefined` where the platform shares no memory or has no vectors. */
export function sweepRoom(size: SweepRoomSize): SweepRoom | undefined {
  const memory = sharedMemory(pagesOf(size));
  if (memory === undefined) return undefined;
  const room = { ...size, memory };
  return programOf(room) === undefined ? undefined : room;
}

const paddedRowsOf = ({ rows }: SweepRoomSize): number => Math.ceil(rows / WORD_ROWS) * WORD_ROWS;

function pagesOf(size: SweepRoomSize): number {
  const { columns, threads } = size;
  const rowBytes = columns * ROW_BYTES + threads * TURN_BYTES;
  return Math.max(1, Math.ceil((paddedRowsOf(size) * rowBytes) / PAGE_BYTES));
}

interface SharedTurnsExports {
  turns(fast: number, slow: number, from: number, words: number, out: number): number;
}

function programOf(room: SweepRoom): SharedTurnsExports | undefined {
  const bytes = turnsModule({ sharedPages: pagesOf(room) });
  return wasmExports(bytes, { [IMPORTS_NAME]: { [MEMORY_NAME]: room.memory } });
}

/** As `VectorTurns`, over columns of a room alone: those of another thread are the same ones. */
export class SharedTurns implements TurnFinder {
  readonly columnRows: number;
  readonly rows: Int32Array;
  readonly #room: SweepRoom;
  readonly #exports: SharedTurnsExports;
  readonly #paddedRows: number;
  #lent = 0;

  constructor({ room, thread }: SweepSeat) {
    const exports = programOf(room);
    assert(exports !== undefined, 'a room is one of this platform');
    assert(thread < room.threads, `the room has no seat ${thread}`);
    this.columnRows = room.rows;
    this.#room = room;
    this.#exports = exports;
    this.#paddedRows = paddedRowsOf(room);
    const turnsAt = this.#paddedRows * (room.columns * ROW_BYTES + thread * TURN_BYTES);
    this.rows = new Int32Array(room.memory.buffer, turnsAt, this.#paddedRows);
  }

  /** Whether a column is of the room. */
  has(column: Float64Array): boolean {
    return column.buffer === this.#room.memory.buffer;
  }

  /** Returns the room's next column, with what other threads wrote to it. */
  allocate(rows: number): Float64Array {
    const { columns, memory } = this.#room;
    assert(rows === this.columnRows, `the room has columns of ${this.columnRows} rows`);
    assert(this.#lent < columns, `the room has ${columns} columns`);
    const at = this.#lent * this.#paddedRows * ROW_BYTES;
    this.#lent += 1;
    const padding = this.#paddedRows - rows;
    new Float64Array(memory.buffer, at + rows * ROW_BYTES, padding).fill(Number.NaN);
    return new Float64Array(memory.buffer, at, rows);
  }

  find({ fast, slow }: TurnColumns, from: number): number {
    const words = this.#paddedRows / WORD_ROWS;
    const out = this.rows.byteOffset;
    return this.#exports.turns(fast.byteOffset, slow.byteOffset, from, words, out);
  }
}
