type Row = Readonly<Record<string, unknown>> | undefined;

/** Shows a row of two tables that is not alike: the cells that name it, then those that differ. */
export function differenceText({ a, b }: { readonly a?: Row; readonly b?: Row }): string {
  if (a === undefined) return `  only in B: ${cellsText(b)}`;
  if (b === undefined) return `  only in A: ${cellsText(a)}`;
  const keys = Object.keys(a);
  const [named = ''] = keys;
  const differing = keys.filter((key) => a[key] !== b[key]);
  const cells = differing.map((key) => `${key} ${text(a[key])} in A, ${text(b[key])} in B`);
  return `  ${named} ${text(a[named])}: ${cells.join('; ')}`;
}

const cellsText = (row: Row): string =>
  Object.entries(row ?? {})
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => `${key} ${text(value)}`)
    .join(', ');

const text = (value: unknown): string => (value === null || value === '' ? 'none' : String(value));
