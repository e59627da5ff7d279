/** The few words of the WebAssembly binary format that the sweep's program is written in. @source WebAssembly 2.0, chapter 5. */
export const WASM = {
  i32: 0x7f,
  i64: 0x7e,
  v128: 0x7b,
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Store: [0x36, 2, 0],
  i32Const: 0x41,
  i64Const: 0x42,
  i32GeS: 0x4e,
  i64Eqz: 0x50,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Ctz: 0x7a,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  f64x2Lt: [0xfd, 0x49],
  f64x2Gt: [0xfd, 0x4a],
  i8x16Bitmask: [0xfd, 0x64],
  i8x16NarrowI16x8: [0xfd, 0x65],
  i16x8NarrowI32x4: [0xfd, 0x85, 0x01],
  i8x16Shuffle: [0xfd, 0x0d],
} as const;

/** Code as bytes, and groups of bytes in the order in which they follow. */
export type Code = number | readonly Code[];

/** Returns an unsigned number as the format writes it. */
export function unsigned(value: number): number[] {
  const rest = Math.floor(value / 128);
  const low = value % 128;
  return rest === 0 ? [low] : [low + 128, ...unsigned(rest)];
}

/** Returns a signed number of 32 bits as the format writes it. */
export function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isWhole = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isWhole ? [low] : [low | 0x80, ...signed(rest)];
}

/** Returns code that loads 16 bytes from an address on the stack, so many bytes further. */
export const loadVector = (offset: number): Code => [0xfd, 0x00, 4, ...unsigned(offset)];

/** What a module is made of: one function and one memory, both exported. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly result: number;
  /** Types of the locals after the parameters, in groups. */
  readonly locals: readonly { readonly count: number; readonly type: number }[];
  readonly code: Code;
}

const [TYPES, FUNCTIONS, MEMORIES, EXPORTS, BODIES] = [1, 3, 5, 7, 10];
const MEMORY_NAME = 'memory';

/** Writes a module with one function and a memory of one page, which its user grows. */
export function moduleOf(only: WasmFunction): Uint8Array<ArrayBuffer> {
  const { name, parameters, result, locals, code } = only;
  const groups = locals.map(({ count, type }) => [...unsigned(count), type]);
  const body = [...unsigned(groups.length), ...groups.flat(), ...flat(code), WASM.end];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(TYPES, [1, 0x60, ...unsigned(parameters.length), ...parameters, 1, result]),
    ...section(FUNCTIONS, [1, 0]),
    ...section(MEMORIES, [1, 0x00, 1]),
    ...section(EXPORTS, [2, ...text(name), 0x00, 0, ...text(MEMORY_NAME), 0x02, 0]),
    ...section(BODIES, [1, ...unsigned(body.length), ...body]),
  ]);
}

const section = (id: number | undefined, content: readonly number[]): readonly number[] => [
  id ?? 0,
  ...unsigned(content.length),
  ...content,
];

const text = (name: string): readonly number[] => [
  ...unsigned(name.length),
  ...Array.from(name, (letter) => letter.charCodeAt(0)),
];

function flat(code: Code): number[] {
  return typeof code === 'number' ? [code] : code.flatMap(flat);
}
