/** What is read by people, editors and debuggers, and never by a program that runs. */
const LEFT_OUT = /\.(map|[cm]?ts|tsx|flow|md|markdown|tsbuildinfo)$/i;
/** Binaries of other systems than those that images are of. */
const FOREIGN = /(^|\/)prebuilds\/(?!linux-)/;
/** What a package's authors run. */
const AUTHORS = /^(test|tests|__tests__|bench|benchmarks?|examples?)\//;
const LICENCE = /(^|\/)(licen[cs]e|notice|copying|copyright)[^/]*$/i;

/** Files of single packages that nothing here loads, and why. */
const LEFT_OUT_OF: readonly { readonly name: RegExp; readonly files: RegExp }[] = [
  // Query compilers of other databases, and PostgreSQL's in the forms that the generated client does not import.
  {
    name: /^@prisma\/client$/,
    files: /^runtime\/query_compiler_(?!fast_bg\.postgresql\.(wasm-base64\.)?mjs$)/,
  },
  // Copies of the same code for bundlers: Node loads the other one.
  { name: /^@opentelemetry\//, files: /^build\/(esm|esnext)\// },
  { name: /^@(smithy|aws-sdk)\//, files: /^dist-es\// },
  { name: /^csv-parse$/, files: /^dist\/(iife|umd)\// },
  { name: /^lightweight-charts$/, files: /\.development\./ },
];

/**
 * Tells whether a file of an npm package is needed where the program runs; licences always are.
 * @param name of the package. @param file its path inside the package, with `/`.
 */
export function isKept(name: string, file: string): boolean {
  if (LICENCE.test(file)) return true;
  if ([LEFT_OUT, FOREIGN, AUTHORS].some((pattern) => pattern.test(file))) return false;
  return !LEFT_OUT_OF.some((one) => one.name.test(name) && one.files.test(file));
}
