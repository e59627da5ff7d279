/** The few words of the WebAssembly binary format that the sweep's program is written in. @source WebAssembly 2.0, chapter 5. */
export const WASM = {
  i32: 0x7f,
  i64: 0x7e,
  f64: 0x7c,
  v128: 0x7b,
  if: [0x04, 0x40],
  else: 0x05,
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Store: [0x36, 2, 0],
  i32Const: 0x41,
  i64Const: 0x42,
  i32LtS: 0x48,
  i32GtS: 0x4a,
  i32LeS: 0x4c,
  i32GeS: 0x4e,
  i64Eqz: 0x50,
  i32Clz: 0x67,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
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
  f64Eq: 0x61,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Ge: 0x66,
  f64Abs: 0x99,
  f64Floor: 0x9c,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  i32WrapI64: 0xa7,
  f64ConvertI32S: 0xb7,
  i64ExtendI32U: 0xad,
  f64x2Add: [0xfd, 0xf0, 0x01],
  f64x2Sub: [0xfd, 0xf1, 0x01],
  f64x2Pmin: [0xfd, 0xf6, 0x01],
  f64x2Pmax: [0xfd, 0xf7, 0x01],
  f64x2ExtractLane: [0xfd, 0x21],
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

/** Code that loads a number from an address on the stack into both halves of a vector. */
export const loadSplat: Code = [0xfd, 0x0a, 3, 0];

/** Returns code that stores 16 bytes on the stack at an address below them, so many bytes further. */
export const storeVector = (offset: number): Code => [0xfd, 0x0b, 3, ...unsigned(offset)];

/** Returns code that loads a number from an address on the stack, so many bytes further. */
export const loadFloat = (offset: number): Code => [0x2b, 3, ...unsigned(offset)];

/** Returns code that stores a number on the stack at an address below it, so many bytes further. */
export const storeFloat = (offset: number): Code => [0x39, 3, ...unsigned(offset)];

/** Returns code that loads a whole number from an address on the stack, so many bytes further. */
export const loadWhole = (offset: number): Code => [0x28, 2, ...unsigned(offset)];

/** Returns code of a float. */
export const floatConst = (value: number): Code => {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value, true);
  return [0x44, ...new Uint8Array(bytes.buffer)];
};

/** A function that a module is given: all its parameters and its result are floats. */
export interface WasmImport {
  readonly name: string;
  readonly parameterCount: number;
}

/** What a module is made of: one function and one memory, both exported, and functions that it is given, of the numbers before its own. */
export interface WasmFunction {
  readonly imports?: readonly WasmImport[];
  /** Pages of the shared memory that it is given; it has one of its own unless said. */
  readonly sharedPages?: number;
  readonly name: string;
  readonly parameters: readonly number[];
  readonly result: number;
  /** Types of the locals after the parameters, in groups. */
  readonly locals: readonly { readonly count: number; readonly type: number }[];
  readonly code: Code;
}

const [TYPES, IMPORTS, FUNCTIONS, MEMORIES, EXPORTS, BODIES] = [1, 2, 3, 5, 7, 10];
/** The name of the memory, whether given or exported. */
export const MEMORY_NAME = 'memory';
const [IS_MEMORY, IS_SHARED] = [0x02, 0x03];

/** The name under which functions and shared memory are given. */
export const IMPORTS_NAME = 'given';

/** Writes a module with one function and a memory: of one page, which its user grows, or the one that it is given. */
export function moduleOf(only: WasmFunction): Uint8Array<ArrayBuffer> {
  const { imports = [], sharedPages, name, parameters, result, locals, code } = only;
  const groups = locals.map(({ count, type }) => [...unsigned(count), type]);
  const body = [...unsigned(groups.length), ...groups.flat(), ...flat(code), WASM.end];
  const given = imports.map((one) => typeOf(Array(one.parameterCount).fill(WASM.f64), WASM.f64));
  const types = [...given, typeOf(parameters, result)];
  const entries = imports.map((one, at) => [...text(IMPORTS_NAME), ...text(one.name), 0x00, at]);
  const own = imports.length;
  if (sharedPages !== undefined) entries.push(memoryImport(sharedPages));
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(TYPES, [types.length, ...types.flat()]),
    ...(entries.length === 0 ? [] : section(IMPORTS, [entries.length, ...entries.flat()])),
    ...section(FUNCTIONS, [1, own]),
    ...(sharedPages === undefined ? section(MEMORIES, [1, 0x00, 1]) : []),
    ...section(EXPORTS, [2, ...text(name), 0x00, own, ...text(MEMORY_NAME), IS_MEMORY, 0]),
    ...section(BODIES, [1, ...unsigned(body.length), ...body]),
  ]);
}

const memoryImport = (pages: number): number[] => [
  ...[...text(IMPORTS_NAME), ...text(MEMORY_NAME), IS_MEMORY],
  ...[IS_SHARED, ...unsigned(pages), ...unsigned(pages)],
];

const typeOf = (parameters: readonly number[], result: number): readonly number[] => [
  0x60,
  ...unsigned(parameters.length),
  ...parameters,
  1,
  result,
];

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
