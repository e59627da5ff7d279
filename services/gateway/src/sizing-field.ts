import { readSizing, type SizingRule } from '@capstan/domain';
import { badField, type Fields } from './fields.ts';

/** Reads how much a bot trades. @throws GATEWAY.REQUEST naming the key */
export function sizingOf(body: Fields): SizingRule {
  const read = readSizing(Object.fromEntries(body.inner('sizing').entries()));
  if (read.kind === 'sizing') return read.sizing;
  throw badField(`sizing.${read.key}`, read.rule);
}
