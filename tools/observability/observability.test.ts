import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../source/list-files.ts';
import { ALERT_GROUPS, DASHBOARDS } from './catalogue.ts';
import { RUNBOOKS } from './render-dashboard.ts';
import { writtenFiles } from './written-files.ts';

const root = join(import.meta.dirname, '..', '..');
const alerts = ALERT_GROUPS.flatMap((group) => group.alerts);
const names = alerts.map(({ name }) => name);
const panels = DASHBOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));

describe('dashboards and alerts', () => {
  it('are in k8s as they are written here', () => {
    for (const [path, text] of writtenFiles()) {
      expect(readFileSync(join(root, path), 'utf8'), path).toBe(text);
    }
  });

  it('have names of their own', () => {
    expect(new Set(names).size).toBe(names.length);
    const uids = DASHBOARDS.map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
  });

  it('have a runbook for each alert, and no other', () => {
    const pages = readdirSync(join(root, RUNBOOKS)).filter((file) => file !== 'README.md');
    expect(pages.sort()).toEqual(names.map((name) => `${name}.md`).sort());
    for (const name of names) {
      const page = readFileSync(join(root, RUNBOOKS, `${name}.md`), 'utf8');
      const heads = [...page.matchAll(/^## (.+)$/gm)].map(([, head]) => head);
      expect([name, heads]).toEqual([
        name,
        ['What it means', 'What is at risk', 'How to look', 'What to do', 'When it ends'],
      ]);
    }
  });

  it('lead from panels to alerts that there are, and to each of them from somewhere', () => {
    const linked = new Set(panels.flatMap((panel) => panel.alerts ?? []));
    for (const name of linked) expect(names).toContain(name);
    const unlinked = names.filter((name) => !linked.has(name));
    expect(unlinked).toEqual(['CapstanPostgresDown']);
  });

  it('ask for what services declare', () => {
    const sources = listFiles(root, ['packages', 'services'])
      .filter((path) => /(telemetry|metering)\.ts$/.test(path))
      .map((path) => readFileSync(join(root, path), 'utf8'))
      .join('\n');
    const declared = new Set(sources.match(/(capstan|process|nodejs)_[a-z0-9_]+/g));
    const asked = [
      ...panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
      ...alerts.flatMap(({ value, holds }) => [value, holds]),
    ].flatMap((text) => text.match(/\b(capstan|process|nodejs)_[a-z0-9_]+/g) ?? []);
    const missing = asked.filter((name) => !declared.has(name.replace(/_(bucket|sum|count)$/, '')));
    expect(asked.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  it('show no panel without saying what is seen', () => {
    for (const { title, about, queries } of panels) {
      expect([title, about.length > 10, queries.length > 0]).toEqual([title, true, true]);
    }
    expect(existsSync(join(root, RUNBOOKS, 'README.md'))).toBe(true);
  });
});
