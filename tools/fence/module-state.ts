import ts from 'typescript';

interface StatePlace {
  readonly node: ts.Node;
  readonly why: string;
}

/** Instances that hold nothing a caller could change, or are frozen by their annotation. */
const STATELESS = new Set(['TextEncoder', 'TextDecoder', 'Error', 'RegExp', 'Function', 'URL']);
const CONTAINERS = new Set(['Map', 'Set']);
const MUTATORS = new Set([
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
  ...['set', 'add', 'delete', 'clear'],
]);

/** Finds variables and containers at the top of a module, or static in a class, that can change. */
export function moduleStateFindings(file: ts.SourceFile): StatePlace[] {
  const places: StatePlace[] = [];
  const constants = new Set<string>();
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) places.push(...variablePlaces(statement, constants));
    if (ts.isClassDeclaration(statement)) places.push(...staticPlaces(statement));
  }
  places.push(...mutations(file, constants));
  return places;
}

function variablePlaces(statement: ts.VariableStatement, constants: Set<string>): StatePlace[] {
  const list = statement.declarationList;
  if ((list.flags & ts.NodeFlags.Const) === 0) {
    return [{ node: list, why: "a 'let' or 'var' at the top of a module changes between calls" }];
  }
  return list.declarations.flatMap((declaration) => {
    if (ts.isIdentifier(declaration.name)) constants.add(declaration.name.text);
    const why = containerProblem(declaration.initializer, declaration.type);
    return why === undefined ? [] : [{ node: declaration, why }];
  });
}

function staticPlaces(declaration: ts.ClassDeclaration): StatePlace[] {
  return declaration.members.flatMap((member) => {
    if (!ts.isPropertyDeclaration(member)) return [];
    const kinds = (ts.getModifiers(member) ?? []).map(({ kind }) => kind);
    if (!kinds.includes(ts.SyntaxKind.StaticKeyword)) return [];
    if (!kinds.includes(ts.SyntaxKind.ReadonlyKeyword)) {
      return [{ node: member, why: 'a static field that is not readonly is module state' }];
    }
    const why = containerProblem(member.initializer, member.type);
    return why === undefined ? [] : [{ node: member, why }];
  });
}

function unwrapped(node: ts.Expression): ts.Expression {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return unwrapped(node.expression);
  return ts.isParenthesizedExpression(node) ? unwrapped(node.expression) : node;
}

function isReadonlyType(type: ts.TypeNode | undefined): boolean {
  if (type === undefined) return false;
  if (ts.isTypeOperatorNode(type)) return type.operator === ts.SyntaxKind.ReadonlyKeyword;
  return ts.isTypeReferenceNode(type) && /^Readonly/.test(type.typeName.getText());
}

/** Tells why an initial value makes a constant that can change, or `undefined`. */
function containerProblem(
  initializer: ts.Expression | undefined,
  type: ts.TypeNode | undefined,
): string | undefined {
  if (initializer === undefined) return undefined;
  const asserted = ts.isAsExpression(initializer) ? initializer.type : undefined;
  const value = unwrapped(initializer);
  if (ts.isNewExpression(value) && ts.isIdentifier(value.expression)) {
    const name = value.expression.text;
    if (STATELESS.has(name)) return undefined;
    if (CONTAINERS.has(name) && (isReadonlyType(type) || isReadonlyType(asserted)))
      return undefined;
    return `'new ${name}' at the top of a module is state; hold it in an object, or annotate it Readonly${name}`;
  }
  const empty =
    (ts.isArrayLiteralExpression(value) && value.elements.length === 0) ||
    (ts.isObjectLiteralExpression(value) && value.properties.length === 0);
  const fixed = isReadonlyType(type) || asserted !== undefined;
  return empty && !fixed
    ? 'an empty container at the top of a module waits to be filled'
    : undefined;
}

/** Finds writes into constants of the module. Names are compared without scope: a shadowed name is worth renaming too. */
function mutations(file: ts.SourceFile, constants: ReadonlySet<string>): StatePlace[] {
  const places: StatePlace[] = [];
  const shadowed = new Set<string>();
  const rooted = (node: ts.Expression): string | undefined => {
    if (ts.isIdentifier(node)) return constants.has(node.text) ? node.text : undefined;
    const inner =
      ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)
        ? node.expression
        : undefined;
    return inner === undefined ? undefined : rooted(inner);
  };
  const add = (node: ts.Node, target: ts.Expression) => {
    const name = ts.isIdentifier(target) ? undefined : rooted(target);
    if (name !== undefined && !shadowed.has(name)) {
      places.push({ node, why: `writes into '${name}', which the module keeps` });
    }
  };
  const visit = (node: ts.Node) => {
    if (ts.isParameter(node) && ts.isIdentifier(node.name)) shadowed.add(node.name.text);
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) add(node, node.left);
    if (ts.isPostfixUnaryExpression(node)) add(node, node.operand);
    if (ts.isPrefixUnaryExpression(node) && isStep(node.operator)) add(node, node.operand);
    if (ts.isDeleteExpression(node)) add(node, node.expression);
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      if (MUTATORS.has(node.expression.name.text)) add(node, node.expression);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return places;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isStep(kind: ts.PrefixUnaryOperator): boolean {
  return kind === ts.SyntaxKind.PlusPlusToken || kind === ts.SyntaxKind.MinusMinusToken;
}
