import ts from 'typescript';

/** A value use of a name that the file itself does not declare. */
export interface GlobalUse {
  readonly node: ts.Identifier;
  readonly name: string;
  /** The member read from it, where that is written out. */
  readonly member: string | undefined;
}

/**
 * Lists a file's uses of global names. Names are resolved by the compiler over this file alone, without library or
 * imports' contents: what it cannot resolve is global, so that shadowing is honoured exactly.
 */
export class GlobalUses {
  readonly #file: ts.SourceFile;
  readonly #checker: ts.TypeChecker;
  readonly #uses: GlobalUse[] = [];

  constructor(file: ts.SourceFile, checker: ts.TypeChecker) {
    this.#file = file;
    this.#checker = checker;
  }

  list(): readonly GlobalUse[] {
    this.#visit(this.#file);
    return this.#uses;
  }

  #visit(node: ts.Node): void {
    if (isTypeOnly(node)) return;
    if (ts.isIdentifier(node) && isReference(node) && !this.#isDeclared(node)) {
      this.#uses.push({ node, name: node.text, member: memberOf(node) });
    }
    ts.forEachChild(node, (child) => this.#visit(child));
  }

  #isDeclared(node: ts.Identifier): boolean {
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(node.parent)
      : this.#checker.getSymbolAtLocation(node);
    return symbol?.declarations !== undefined && symbol.declarations.length > 0;
  }
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isHeritageClause(node)) return node.token === ts.SyntaxKind.ImplementsKeyword;
  return ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node);
}

/** Tells whether an identifier stands for a value, rather than naming a member, a label or a declaration. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isImportClause(parent) || ts.isNamespaceImport(parent)) return false;
  if (ts.isNamespaceExport(parent) || ts.isImportAttribute(parent)) return false;
  if (ts.isMetaProperty(parent) || ts.isLabeledStatement(parent)) return false;
  if (ts.isBreakOrContinueStatement(parent)) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return !(isNamed(parent) && parent.name === node);
}

function isNamed(node: ts.Node): node is ts.Node & { readonly name: ts.Node } {
  return 'name' in node;
}

function memberOf(node: ts.Identifier): string | undefined {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name.text;
  if (ts.isElementAccessExpression(parent) && parent.expression === node) {
    const { argumentExpression } = parent;
    return ts.isStringLiteralLike(argumentExpression) ? argumentExpression.text : undefined;
  }
  return undefined;
}
