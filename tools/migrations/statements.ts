/** A statement of a file of SQL, in one line without its comments. */
export interface SqlStatement {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** The comments right above it. */
  readonly comments: readonly string[];
}

/** Texts are left whole, so that a semicolon inside of one ends nothing. */
const PIECE =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"(?:[^"]|"")*"|;|\s+|[^\s;'"$/-]+|./g;

/** Takes a file of SQL apart. */
export function statementsOf(sql: string): readonly SqlStatement[] {
  const found: SqlStatement[] = [];
  let words: string[] = [];
  let comments: string[] = [];
  let [line, startedAt] = [1, 1];
  const end = (): void => {
    const text = words.join('').replaceAll(/\s+/g, ' ').trim();
    if (text !== '') found.push({ text, line: startedAt, comments });
    words = [];
    comments = [];
  };
  for (const [piece] of sql.matchAll(PIECE)) {
    const isComment = piece.startsWith('--') || piece.startsWith('/*');
    if (piece === ';') end();
    else if (isComment && words.length === 0) comments.push(piece);
    else if (!isComment && (words.length > 0 || piece.trim() !== '')) {
      if (words.length === 0) startedAt = line;
      words.push(piece);
    }
    line += piece.split('\n').length - 1;
  }
  end();
  return found;
}
