import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A path as pages name them: folders, and a file with an extension, perhaps with a line. */
const NAMED_PATH = /^\.?[\w@-][\w.@-]*(\/[\w.@-]+)*\/[\w.@-]*\.[a-z]{1,5}(:\d+)?$/;
/** Folders that a run makes and no checkout has. */
const MADE = /^(\.capstan|\.tools|dist|data|backtests|coverage|node_modules)\//;

/** Returns a page's lines outside fenced code, each with its number. */
function proseLines(text: string): { line: string; number: number }[] {
  let fenced = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) {
      fenced = !fenced;
      return [];
    }
    return fenced ? [] : [{ line, number: index + 1 }];
  });
}

/** Returns the anchors that a page's headings give. */
export function anchorsOf(text: string): Set<string> {
  const headings = proseLines(text).filter(({ line }) => /^#{1,6} /.test(line));
  return new Set(
    headings.map(({ line }) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

function linkProblem(root: string, page: string, target: string): string | undefined {
  if (/^[a-z]+:/i.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
  if (file.startsWith('..')) return `link '${target}' leads out of the checkout`;
  if (!existsSync(join(root, file))) return `link '${target}' leads nowhere`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  const anchors = anchorsOf(readFileSync(join(root, file), 'utf8'));
  return anchors.has(anchor) ? undefined : `link '${target}' names no heading`;
}

function pathProblem(root: string, page: string, named: string): string | undefined {
  if (!NAMED_PATH.test(named) || MADE.test(named)) return undefined;
  const path = named.replace(/:\d+$/, '');
  const places = [path, join(dirname(page), path), join(dirname(page), 'src', path)];
  const found = places.some((place) => existsSync(join(root, place)));
  return found ? undefined : `no file '${named}'`;
}

export interface PageResult {
  readonly problems: readonly string[];
  /** How many links and paths were looked at. */
  readonly looked: number;
}

/** Checks the links and the named paths of one page. */
export function checkPage(root: string, page: string): PageResult {
  const problems: string[] = [];
  let looked = 0;
  for (const { line, number } of proseLines(readFileSync(join(root, page), 'utf8'))) {
    const bare = line.replace(/`[^`]*`/g, '');
    const links = [...bare.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) =>
      linkProblem(root, page, target),
    );
    const paths = [...line.matchAll(/`([^`]+)`/g)].map(([, named = '']) =>
      pathProblem(root, page, named),
    );
    looked += links.length + paths.length;
    for (const problem of [...links, ...paths]) {
      if (problem !== undefined) problems.push(`${page}:${number}: ${problem}`);
    }
  }
  return { problems, looked };
}
