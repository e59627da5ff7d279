import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { listFiles } from '../source/list-files.ts';

/** A place that gives an AppError its code as a text. */
export interface UsedCode {
  readonly path: string;
  readonly line: number;
  readonly code: string;
}

const CODE = /^[A-Z][A-Z0-9_]*\.[A-Z][A-Z0-9_.]*$/;

/** Lists the codes that sources write down, outside tests, generated code and the tables themselves. */
export function usedCodes(root: string): UsedCode[] {
  const paths = listFiles(root, ['packages', 'services', 'apps']).filter(
    (path) =>
      /\/src\/.*\.ts$/.test(path) &&
      !/\.(test|test-support|fixture)\.ts$|\/error-codes\.ts$|\/(gen|generated)\//.test(path),
  );
  return paths.flatMap((path) => codesIn(path, readFileSync(join(root, path), 'utf8')));
}

/** Lists the codes in one text: a literal given to a key or a constant. */
export function codesIn(path: string, text: string): UsedCode[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const found: UsedCode[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteral(node) && CODE.test(node.text) && givesCode(node.parent)) {
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({ path, line, code: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function givesCode(parent: ts.Node): boolean {
  if (ts.isPropertyAssignment(parent)) return parent.name.getText() === 'code';
  return ts.isVariableDeclaration(parent);
}
