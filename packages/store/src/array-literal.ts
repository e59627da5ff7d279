/**
 * Writes a PostgreSQL array literal.
 * @param elements each as its type's own text; `null` is NULL.
 * @param bare true where no element can hold a character that needs quotes: numbers and booleans.
 */
export function arrayLiteral(elements: readonly (string | null)[], bare: boolean): string {
  let literal = '{';
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    if (index > 0) literal += ',';
    if (element === null || element === undefined) literal += 'NULL';
    else literal += bare ? element : quoted(element);
  }
  return `${literal}}`;
}

function quoted(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}
