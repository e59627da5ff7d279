import { type SqlStatement, statementsOf } from './statements.ts';

/** What of a migration takes something away from those who run the version before. */
export interface Contraction {
  readonly line: number;
  readonly why: string;
}

/** Where it is meant: `-- contract: 0.3.0` above the statement names the first version whose programs do without what goes. */
const MARK = /^--\s*contract:\s*(\d+)\.(\d+)\.(\d+)\s*$/;

const IDENTIFIER = String.raw`(?:"?\w+"?\.)?"?(\w+)"?`;
const matcher = (pattern: string): RegExp =>
  new RegExp(pattern.replaceAll(' ', String.raw`\s+`).replaceAll('@', IDENTIFIER), 'i');

/** Statements that are refused whole, whatever table they are about. */
const TAKES: readonly (readonly [RegExp, string])[] = [
  [matcher('^DROP (?!INDEX)'), 'something is dropped that programs of before may use'],
  [matcher('^(TRUNCATE|DELETE) '), 'rows go that programs of before may read'],
  [matcher('^REVOKE '), 'a right goes that programs of before may need'],
  [matcher('^CREATE OR REPLACE '), 'something that programs of before use becomes something else'],
  [matcher('^CREATE (CONSTRAINT )?TRIGGER '), 'a trigger may refuse what programs of before write'],
  [matcher('^ALTER .*\\bRENAME\\b'), 'a name goes that programs of before use'],
];

/** Clauses of ALTER TABLE. */
const NARROWS: readonly (readonly [RegExp, string])[] = [
  [matcher('^DROP (?!CONSTRAINT)'), 'something is dropped that programs of before may use'],
  [matcher('^ALTER (COLUMN )?@ (SET DATA )?TYPE '), 'a column becomes another type'],
  [matcher('^ALTER (COLUMN )?@ SET NOT NULL'), 'programs of before may leave the column empty'],
  [matcher('^ALTER (COLUMN )?@ DROP DEFAULT'), 'programs of before may leave the column out'],
];

/**
 * Says what a migration takes away. Pods of the version before go on while it is applied and after it, so that what they read must stay
 * and what they write must be taken.
 * @param version the project's own: nothing may be taken away for the sake of a version that is not out.
 */
export function contractionsOf(sql: string, version: string): readonly Contraction[] {
  const statements = statementsOf(sql);
  const made = new Set(statements.flatMap(({ text }) => nameIn(text, CREATED) ?? []));
  return statements.flatMap((statement) => {
    const reasons = reasonsOf(statement.text, made);
    const problem = reasons[0] === undefined ? undefined : markProblem(statement, version);
    if (problem === undefined) return [];
    return reasons.map((why) => ({ line: statement.line, why: `${why}${problem}` }));
  });
}

const CREATED = matcher('^CREATE TABLE (?:IF NOT EXISTS )?@');
const ALTERED = matcher('^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?@ ');
const UNIQUE_INDEX = matcher('^CREATE UNIQUE INDEX .*?\\bON (?:ONLY )?@');
const ADDED_COLUMN = matcher('^ADD (?:COLUMN )?(?:IF NOT EXISTS )?@ ');

const nameIn = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1];

function reasonsOf(text: string, made: ReadonlySet<string>): readonly string[] {
  const whole = TAKES.find(([pattern]) => pattern.test(text));
  if (whole !== undefined) return [whole[1]];
  const unique = nameIn(text, UNIQUE_INDEX);
  if (unique !== undefined && !made.has(unique)) {
    return ['programs of before may write what the index refuses'];
  }
  const table = nameIn(text, ALTERED);
  if (table === undefined || made.has(table)) return [];
  const clauses = clausesOf(text.replace(ALTERED, ''));
  const added = clauses.filter(isColumn).flatMap((clause) => nameIn(clause, ADDED_COLUMN) ?? []);
  return clauses.flatMap((clause) => clauseReason(clause, added) ?? []);
}

const isColumn = (clause: string): boolean => /^ADD\b/i.test(clause) && !isConstraint(clause);
const isConstraint = (clause: string): boolean =>
  /^ADD\s+(CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b/i.test(clause);

function clauseReason(clause: string, added: readonly string[]): string | undefined {
  if (isConstraint(clause)) {
    const aboutNew = added.some((name) => new RegExp(`\\b${name}\\b`).test(clause));
    return aboutNew ? undefined : 'programs of before may write what the constraint refuses';
  }
  if (isColumn(clause) && /\bNOT\s+NULL\b/i.test(clause) && !/\bDEFAULT\b/i.test(clause)) {
    return 'programs of before do not write the new column, which must not be empty';
  }
  return NARROWS.find(([pattern]) => pattern.test(clause))?.[1];
}

/** Splits at commas that are in no parenthesis. */
function clausesOf(text: string): readonly string[] {
  const clauses = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) clauses.push('');
    else clauses.push(`${clauses.pop() ?? ''}${character}`);
  }
  return clauses.map((clause) => clause.trim());
}

/** Says what is wrong with the mark of a statement; `undefined` where it is marked well. */
function markProblem({ comments }: SqlStatement, version: string): string | undefined {
  const mark = comments.map((comment) => MARK.exec(comment)).find((match) => match !== null);
  if (mark === undefined || mark === null) {
    return ": add instead, or say '-- contract: <version>' above it, the first version whose programs do without it";
  }
  const numbers = mark.slice(1).map(Number);
  const own = version.split('.').map(Number);
  const at = numbers.findIndex((number, index) => number !== own[index]);
  const isOut = at >= 0 && (numbers[at] ?? 0) < (own[at] ?? 0);
  return isOut ? undefined : `: '${mark[0]}' must name a version before ${version}, which is out`;
}
