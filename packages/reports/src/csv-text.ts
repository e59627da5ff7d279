/** Writes a cell of a CSV file by RFC 4180: quoted where it has a comma, a quote or the end of a line. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes rows of finished cells, each line ended by a line feed. */
export function csvText(header: readonly string[], rows: Iterable<readonly string[]>): string {
  const lines = [header.join(',')];
  for (const row of rows) lines.push(row.join(','));
  return `${lines.join('\n')}\n`;
}

/** A UTC time in ISO 8601 with microseconds: `2024-01-31T15:30:00.000000Z`. */
export function isoUs(us: number): string {
  const ms = Math.floor(us / 1_000);
  const rest = us - ms * 1_000;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
