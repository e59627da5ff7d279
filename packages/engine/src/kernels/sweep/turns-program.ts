import { type Code, loadVector, moduleOf, signed, WASM, type WasmFunction } from './wasm-bytes.ts';

/** Rows that the program takes at a time: the bits of a word. Columns are padded to whole words. */
export const WORD_ROWS = 64;
const GROUP_ROWS = 16;
const VECTOR_ROWS = 2;
const ROW_BYTES = 8;

const [FAST, SLOW, FROM, WORDS, OUT] = [0, 1, 2, 3, 4] as const;
const [WORD, NEXT] = [5, 6] as const;
const [BELOW, ABOVE, MASK, WAS, TURNS] = [7, 8, 9, 10, 11] as const;
/** Four vectors of each column, then four and four halves of what was compared. */
const FAST_VECTORS = 12;
const SLOW_VECTORS = 16;
const HALVES = 20;

const get = (local: number): Code => [WASM.localGet, local];
const set = (local: number, value: Code): Code => [value, WASM.localSet, local];
const i32 = (value: number): Code => [WASM.i32Const, signed(value)];
const i64 = (value: number): Code => [WASM.i64Const, signed(value)];

/** The low halves of the four lanes of two vectors: a comparison is all ones or all zeros. */
const LOW_LANES = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/** Compares the four vectors of each column that were loaded. @returns code of eight comparisons in words of 16 bits. */
function compareEight(comparison: readonly number[]): Code {
  const one = (at: number): Code => [get(FAST_VECTORS + at), get(SLOW_VECTORS + at), comparison];
  const four = (at: number): Code => [one(at), one(at + 1), WASM.i8x16Shuffle, LOW_LANES];
  return [four(0), four(2), WASM.i16x8NarrowI32x4];
}

/** Adds the bits of 16 rows to both words of bits. */
function compareGroup(group: number): Code {
  const halves = [0, 1].map((half): Code => {
    const row = group * GROUP_ROWS + (half * GROUP_ROWS) / 2;
    const loads = [0, 1, 2, 3].map((at): Code => {
      const offset = (row + at * VECTOR_ROWS) * ROW_BYTES;
      return [
        set(FAST_VECTORS + at, [get(FAST), loadVector(offset)]),
        set(SLOW_VECTORS + at, [get(SLOW), loadVector(offset)]),
      ];
    });
    return [
      loads,
      set(HALVES + half, compareEight(WASM.f64x2Lt)),
      set(HALVES + 2 + half, compareEight(WASM.f64x2Gt)),
    ];
  });
  const bits = (at: number): Code => [
    [get(HALVES + at), get(HALVES + at + 1), WASM.i8x16NarrowI16x8, WASM.i8x16Bitmask],
    [WASM.i64ExtendI32U, i64(group * GROUP_ROWS), WASM.i64Shl],
  ];
  return [
    halves,
    set(BELOW, [get(BELOW), bits(0), WASM.i64Or]),
    set(ABOVE, [get(ABOVE), bits(2), WASM.i64Or]),
  ];
}

/**
 * Bits at which it is above, or ties and was above before, are what carries leave behind that run through the ties: added to
 * itself, a bit that is above gives a carry, one that is below takes none on, a tie takes it on.
 */
const carried: Code = [
  [get(BELOW), i64(-1), WASM.i64Xor, get(ABOVE), WASM.i64Add, get(WAS), WASM.i64Add],
  [get(ABOVE), WASM.i64Or, get(BELOW), WASM.i64Or, i64(-1), WASM.i64Xor],
  [get(ABOVE), WASM.i64Or],
];

/** Writes down the rows at which the bits on the stack turn. */
const noteTurns: Code = [
  [WASM.localTee, TURNS],
  [get(TURNS), i64(1), WASM.i64Shl, get(WAS), WASM.i64Or],
  [get(TURNS), i64(63), WASM.i64ShrU, WASM.localSet, WAS],
  set(TURNS, [WASM.i64Xor]),
  WASM.block,
  WASM.loop,
  [get(TURNS), WASM.i64Eqz, WASM.brIf, 1],
  [get(NEXT), get(TURNS), WASM.i64Ctz, WASM.i32WrapI64, get(WORD), i32(6), WASM.i32Shl],
  [WASM.i32Or, WASM.i32Store],
  set(NEXT, [get(NEXT), i32(4), WASM.i32Add]),
  set(TURNS, [get(TURNS), get(TURNS), i64(1), WASM.i64Sub, WASM.i64And]),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
];

const advance = (column: number): Code =>
  set(column, [get(column), i32(WORD_ROWS * ROW_BYTES), WASM.i32Add]);

/** From the word that has the first row on, word by word. */
const program: Code = [
  set(WORD, [get(FROM), i32(6), WASM.i32ShrU]),
  [FAST, SLOW].map((column) =>
    set(column, [get(column), get(WORD), i32(9), WASM.i32Shl, WASM.i32Add]),
  ),
  set(MASK, [i64(-1), get(FROM), i32(63), WASM.i32And, WASM.i64ExtendI32U, WASM.i64Shl]),
  set(NEXT, get(OUT)),
  WASM.block,
  WASM.loop,
  [get(WORD), get(WORDS), WASM.i32GeS, WASM.brIf, 1],
  set(BELOW, i64(0)),
  set(ABOVE, i64(0)),
  Array.from({ length: WORD_ROWS / GROUP_ROWS }, (_, group) => compareGroup(group)),
  [BELOW, ABOVE].map((bits) => set(bits, [get(bits), get(MASK), WASM.i64And])),
  set(MASK, i64(-1)),
  [carried, noteTurns],
  [advance(FAST), advance(SLOW)],
  set(WORD, [get(WORD), i32(1), WASM.i32Add]),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
  [get(NEXT), get(OUT), WASM.i32Sub, i32(2), WASM.i32ShrU],
];

/**
 * Returns the module whose `turns(fast, slow, from, words, out)` writes to `out` the rows at which `fast` comes to be above `slow`
 * or ceases to be, in turn, and returns how many they are. Arguments are addresses but for the first row and the number of words.
 */
export const turnsModule = (of: Pick<WasmFunction, 'sharedPages'> = {}): Uint8Array<ArrayBuffer> =>
  moduleOf({
    ...of,
    name: 'turns',
    parameters: [WASM.i32, WASM.i32, WASM.i32, WASM.i32, WASM.i32],
    result: WASM.i32,
    locals: [
      { count: 2, type: WASM.i32 },
      { count: 5, type: WASM.i64 },
      { count: 12, type: WASM.v128 },
    ],
    code: program,
  });
