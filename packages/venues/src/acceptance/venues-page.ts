import type { VenueCapabilities } from '@capstan/ports';
import { CAPABILITY_ROWS } from '../capability-rows.ts';
import { type Ability, ACCEPTANCE, type AcceptanceRow, standingOf } from './acceptance.ts';

/** An adapter as the page shows it. */
export interface ShownVenue {
  readonly name: string;
  readonly capabilities: VenueCapabilities;
  /** What it can do besides, where the configuration says so. */
  readonly withSettings?: Partial<VenueCapabilities>;
  /** What its harness brings about. */
  readonly driven: ReadonlySet<Ability>;
}

const INTRO = `# Venues

What each broker's adapter can do, and how it behaves. This page is written from the adapters' declarations and from the acceptance
matrix by \`npm run venues-page\`; \`capstan venues\` shows the first table.
`;

const MATRIX = `## How they behave

Each row is a test that every adapter passes which claims it: with the broker's own client before an emulated broker, or over the paper
exchange's core. **✓** passes; **(✓)** passes where the configuration turns it on; **–** is not claimed, so that Capstan never asks for it there; **·** is claimed and not driven by that
harness, as the trouble cannot come up there, or is tested elsewhere.
`;

/** Writes the page of venues. */
export function venuesPage(venues: readonly ShownVenue[]): string {
  const groups = [...new Set(ACCEPTANCE.map(({ group }) => group))];
  const parts = [INTRO, '## What they can do\n', capabilitiesTable(venues), '', MATRIX];
  for (const group of groups) {
    parts.push(`### ${group}\n`, matrixTable(venues, group), '');
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

/** Writes the table of what adapters declare. */
export function capabilitiesTable(venues: readonly ShownVenue[]): string {
  const rows = CAPABILITY_ROWS.map(({ words, text }) => [
    words,
    ...venues.map(({ capabilities }) => text(capabilities)),
  ]);
  return table(['', ...venues.map(({ name }) => name)], rows);
}

function matrixTable(venues: readonly ShownVenue[], group: string): string {
  const rows = ACCEPTANCE.filter((row) => row.group === group).map((row) => [
    row.number,
    row.title,
    ...venues.map((venue) => mark(row, venue)),
  ]);
  return table(['', 'behaviour', ...venues.map(({ name }) => name)], rows);
}

const MARKS = { claimed: '✓', 'not claimed': '–', 'not driven': '·' } as const;

function mark(row: AcceptanceRow, { capabilities, withSettings, driven }: ShownVenue): string {
  const standing = standingOf(row, capabilities, driven);
  if (standing === 'claimed' || withSettings === undefined) return MARKS[standing];
  const more = standingOf(row, { ...capabilities, ...withSettings }, driven);
  return more === 'claimed' ? '(✓)' : MARKS[standing];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
