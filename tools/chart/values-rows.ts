import { parse } from 'yaml';

/** What a comment says of a value. */
export interface ValueRow {
  /** With dots between. */
  readonly path: string;
  readonly byDefault: string;
  readonly about: string;
}

/** Values under one heading. */
export interface ValuesSection {
  readonly title: string;
  readonly rows: readonly ValueRow[];
}

/** What was read of a file of values. */
export interface ReadValues {
  readonly sections: readonly ValuesSection[];
  /** Values that no comment says anything of. */
  readonly undescribed: readonly string[];
}

interface OpenKey {
  readonly indent: number;
  readonly path: readonly string[];
  readonly isDescribed: boolean;
}

/**
 * Reads a file of values: `## ` begins a section, the comment above a key describes it, and a described key covers those below it that
 * have no comment of their own.
 */
export function readValues(file: string): ReadValues {
  const values: unknown = parse(file);
  const sections: { title: string; rows: ValueRow[] }[] = [];
  const undescribed: string[] = [];
  let open: OpenKey[] = [];
  let comment: string[] = [];
  for (const line of file.split('\n')) {
    const heading = /^## (.+)$/.exec(line)?.[1];
    const words = /^\s*# (.+)$/.exec(line)?.[1];
    const [, spaces, key] = /^( *)([\w-]+):/.exec(line) ?? [];
    if (heading !== undefined) sections.push({ title: heading, rows: [] });
    if (words !== undefined) comment.push(words);
    else if (spaces !== undefined && key !== undefined) {
      const indent = spaces.length;
      open = open.filter((one) => one.indent < indent);
      const above = open.at(-1);
      const path = [...(above?.path ?? []), key];
      const isCovered = comment.length > 0 || above?.isDescribed === true;
      const value = valueAt(values, path);
      if (comment.length > 0) {
        const row = { path: path.join('.'), byDefault: shown(value), about: comment.join(' ') };
        sections.at(-1)?.rows.push(row);
      } else if (!isCovered && !isFilledMap(value)) undescribed.push(path.join('.'));
      open.push({ indent, path, isDescribed: isCovered });
      comment = [];
    } else comment = [];
  }
  return { sections, undescribed };
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), values);
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFilledMap = (value: unknown): boolean => isMap(value) && Object.keys(value).length > 0;

const SHOWN_MAX = 60;

/** Shows a default as it may be written; a long map is what its own keys say. */
function shown(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return isFilledMap(value) && text.length > SHOWN_MAX ? '' : text;
}

const forTable = (words: string): string => words.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** Draws the sections as tables. */
export function valuesTables(sections: readonly ValuesSection[]): string {
  const filled = sections.filter(({ rows }) => rows.length > 0);
  const tables = filled.map(({ title, rows }) => {
    const lines = rows.map(({ path, byDefault, about }) => {
      const preset = byDefault === '' ? '' : `\`${byDefault}\``;
      return `| \`${path}\` | ${preset} | ${forTable(about)} |`;
    });
    return [`### ${title}`, '', '| value | default | |', '| --- | --- | --- |', ...lines].join(
      '\n',
    );
  });
  return tables.join('\n\n');
}
