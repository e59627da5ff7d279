/** What of WebAssembly is used; the language's own types leave it to the platform's. */
declare const WebAssembly:
  | undefined
  | {
      readonly CompileError: new () => Error;
      readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    };

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
