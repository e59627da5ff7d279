/** What of WebAssembly is used; the language's own types leave it to the platform's. */
declare const WebAssembly:
  | undefined
  | {
      readonly CompileError: new () => Error;
      readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
      readonly Memory: new (of: {
        readonly initial: number;
        readonly maximum: number;
        readonly shared: true;
      }) => SharedMemory;
    };

/** Memory that programs of several threads work in. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** Returns shared memory of so many pages, `undefined` where the platform has none. */
export function sharedMemory(pages: number): SharedMemory | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Returns what a module exports, `undefined` where the platform does not know what it is made of. */
export function wasmExports<Exports>(
  bytes: Uint8Array<ArrayBuffer>,
  imports: object = {},
): Exports | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    return instance.exports as Exports;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return undefined;
    throw error;
  }
}
