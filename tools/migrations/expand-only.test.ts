import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contractionsOf } from './expand-only.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, 'prisma/migrations');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** They made the first tables, before anything ran on them. */
const FIRST = ['0001_journal', '0002_invariants'];
const names = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !FIRST.includes(entry.name))
  .map(({ name }) => name);

const whyOf = (sql: string, at = '0.4.0'): readonly string[] =>
  contractionsOf(sql, at).map(({ why }) => why);

describe('the migrations', () => {
  test('there are some to look at', () => {
    expect(names.length).toBeGreaterThanOrEqual(8);
  });

  test.each(names)(
    '%s leaves the programs of before what they read, and takes what they write',
    (name) => {
      const sql = readFileSync(join(FOLDER, name, 'migration.sql'), 'utf8');
      expect(contractionsOf(sql, version)).toEqual([]);
    },
  );
});

describe('the check', () => {
  test.each([
    ['DROP TABLE "fills"'],
    ['drop view fills'],
    ['TRUNCATE fills'],
    ['DELETE FROM fills'],
    ['ALTER TABLE "fills" RENAME TO "trades"'],
    ['ALTER TABLE "fills" RENAME COLUMN "a" TO "b"'],
    ['ALTER TABLE fills DROP COLUMN a'],
    ['ALTER TABLE public.fills ADD COLUMN b TEXT, DROP a'],
    ['ALTER TABLE "fills" ALTER COLUMN "a" TYPE BIGINT'],
    ['ALTER TABLE "fills" ALTER "a" SET DATA TYPE BIGINT'],
    ['ALTER TABLE "fills" ALTER COLUMN "a" SET NOT NULL'],
    ['ALTER TABLE "fills" ALTER COLUMN "a" DROP DEFAULT'],
    ['ALTER TABLE "fills" ADD COLUMN "a" TEXT NOT NULL'],
    ['ALTER TABLE "fills" ADD CONSTRAINT x CHECK (quantity > 0)'],
    ['ALTER TABLE "fills" ADD COLUMN b BIGINT, ADD CONSTRAINT x UNIQUE (a)'],
    ['CREATE UNIQUE INDEX "x" ON "fills" ("a")'],
    ['CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql'],
    ['CREATE TRIGGER t BEFORE INSERT ON fills EXECUTE FUNCTION f()'],
  ])('sees that %s takes something away', (sql) => {
    expect(whyOf(`${sql};`)).toHaveLength(1);
  });

  test.each([
    [
      'CREATE TABLE "a" ("b" TEXT NOT NULL); CREATE UNIQUE INDEX x ON "a" ("b"); ALTER TABLE a ADD UNIQUE (b)',
    ],
    ['ALTER TABLE "fills" ADD COLUMN "a" TEXT, ADD COLUMN b BIGINT NOT NULL DEFAULT (1 + (2))'],
    ['ALTER TABLE "fills" ADD COLUMN a BIGINT, ADD CONSTRAINT x CHECK (a >= 0)'],
    ['ALTER TABLE "fills" DROP CONSTRAINT x'],
    ['ALTER TABLE "fills" ALTER COLUMN a DROP NOT NULL'],
    ['CREATE INDEX x ON fills (a); DROP INDEX y'],
    ["UPDATE bots SET state = 'DROP TABLE x; --'"],
    ['-- DROP TABLE x;\n/* ALTER TABLE y DROP z; */ SELECT 1'],
  ])('lets %s pass', (sql) => {
    expect(whyOf(sql)).toEqual([]);
  });

  test('lets go what is marked with a version that is out, and nothing else', () => {
    const drop = 'ALTER TABLE "fills" DROP COLUMN "a";';
    expect(whyOf(`-- Nobody reads it.\n-- contract: 0.3.0\n${drop}`)).toEqual([]);
    expect(whyOf(`-- contract: 0.4.0\n${drop}`)[0]).toMatch(/must name a version before 0\.4\.0/);
    expect(whyOf(`-- contract: soon\n${drop}`)[0]).toMatch(/say '-- contract: <version>'/);
    expect(whyOf(`-- contract: 0.3.0\nSELECT 1;\n${drop}`)).toHaveLength(1);
  });

  test('says the line', () => {
    expect(contractionsOf(`SELECT $$\n;\n$$;\n\n-- a\nDROP TABLE x;`, '1.0.0')).toMatchObject([
      { line: 6 },
    ]);
  });
});
