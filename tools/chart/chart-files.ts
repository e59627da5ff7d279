import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readValues, valuesTables } from './values-rows.ts';
import { readValuesSchema } from './values-schema.ts';

/** A file of the chart that is written by us. */
export interface ChartFile {
  /** Below the checkout. */
  readonly path: string;
  readonly text: string;
}

/** What is to stand in the chart. */
export interface ChartFiles {
  readonly files: readonly ChartFile[];
  /** Folders that hold nothing else. */
  readonly folders: readonly string[];
  readonly problems: readonly string[];
}

const CHART = 'charts/capstan';
const BEGIN = '<!-- values: written by `npm run chart` -->\n';
const END = '<!-- end of values -->\n';

/** Folders of which the chart takes copies, as a chart reads no file outside its own. */
const COPIES = [
  { from: 'k8s/dashboards', to: `${CHART}/files/dashboards`, ending: '.json' },
  { from: 'k8s/alerts', to: `${CHART}/files/alerts`, ending: '.yaml' },
] as const;

/** Makes every file of the chart that follows from something else. */
export async function makeChartFiles(root: string): Promise<ChartFiles> {
  const { json, secretKeys } = await readValuesSchema();
  const { sections, undescribed } = readValues(read(root, `${CHART}/values.yaml`));
  const readme = `${CHART}/README.md`;
  const files = [
    { path: `${CHART}/values.schema.json`, text: `${JSON.stringify(json, null, 2)}\n` },
    { path: `${CHART}/files/secret-keys.json`, text: listText(secretKeys) },
    { path: readme, text: withTables(read(root, readme), valuesTables(sections)) },
    ...COPIES.flatMap(({ from, to, ending }) =>
      namesIn(root, from, ending).map((name) => ({
        path: `${to}/${name}`,
        text: read(root, `${from}/${name}`),
      })),
    ),
  ];
  const problems = undescribed.map(
    (path) => `${CHART}/values.yaml: no comment says what ${path} is`,
  );
  return { files, folders: COPIES.map(({ to }) => to), problems };
}

/** Lists what stands otherwise than it is to. */
export function differences(root: string, { files, folders }: ChartFiles): string[] {
  const wanted = new Set(files.map(({ path }) => path));
  const stale = files.filter(
    ({ path, text }) => !existsSync(join(root, path)) || !isSame(path, read(root, path), text),
  );
  const left = folders.flatMap((folder) =>
    namesIn(root, folder, '').flatMap((name) => {
      const path = `${folder}/${name}`;
      return wanted.has(path) ? [] : [path];
    }),
  );
  return [...stale.map(({ path }) => path), ...left];
}

/** A list as the formatter lays it out. */
const listText = (names: readonly string[]): string =>
  `[${names.map((name) => JSON.stringify(name)).join(', ')}]\n`;

/** Schemas are laid out by the formatter. */
function isSame(path: string, current: string, wanted: string): boolean {
  const plain = (text: string): string =>
    path.endsWith('.schema.json') ? JSON.stringify(JSON.parse(text)) : text;
  return plain(current) === plain(wanted);
}

function withTables(page: string, tables: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`${CHART}/README.md has no place for the values, from ${BEGIN} to ${END}`);
  }
  return `${before}${BEGIN}\n${tables}\n\n${END}${after}`;
}

function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function namesIn(root: string, folder: string, ending: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .sort();
}
