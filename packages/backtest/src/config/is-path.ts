/** Tells whether a text names a file rather than a symbol or a strategy. */
export function isPath(text: string): boolean {
  return /[/\\]|\.(ts|js|mts|mjs|csv|gz|parquet)$/.test(text);
}
