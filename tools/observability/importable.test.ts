import { describe, expect, it } from 'vitest';
import { DASHBOARD_FOLDER, writtenFiles } from './written-files.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}
interface Source {
  readonly type: string;
  readonly uid: string;
}
interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: Source;
}
interface PanelModel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Place;
  readonly collapsed?: boolean;
  readonly panels?: readonly PanelModel[];
  readonly datasource?: Source;
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
}
interface Model {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly links: readonly { readonly url: string }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string }[];
  };
  readonly panels: readonly PanelModel[];
}

/** Identifiers of Grafana's formats of values that are used here: any other would be shown as a suffix. */
const UNITS = new Set(['none', 's', 'percentunit', 'ops', 'bytes', 'reqps']);
/** What Grafana puts in by itself. */
const BUILT_IN = /^__(rate_interval|interval|range|all)$/;
const COLUMNS = 24;

const models = [...writtenFiles()]
  .filter(([path]) => path.startsWith(DASHBOARD_FOLDER))
  .map(([path, text]) => [path, JSON.parse(text) as Model] as const);

/** All panels, those of closed rows too. */
const panelsOf = ({ panels }: Model): readonly PanelModel[] =>
  panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

const overlaps = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe.each(models)('%s can be imported', (_, model) => {
  const panels = panelsOf(model);
  const graphs = panels.filter(({ type }) => type !== 'row');

  it('as a dashboard with a short uid, that leads to others that there are', () => {
    expect(model.uid).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
    expect(model.schemaVersion).toBeGreaterThanOrEqual(36);
    const uids = new Set(models.map(([, { uid }]) => `/d/${uid}`));
    expect(model.links.map(({ url }) => url).filter((url) => !uids.has(url))).toEqual([]);
  });

  it('with panels of numbers of their own, of kinds and units that Grafana has', () => {
    expect(graphs.length).toBeGreaterThan(3);
    const ids = panels.map(({ id }) => id);
    expect([new Set(ids).size, ids.every((id) => Number.isInteger(id) && id > 0)]).toEqual([
      ids.length,
      true,
    ]);
    for (const { title, type, fieldConfig, targets = [] } of graphs) {
      expect(['stat', 'timeseries']).toContain(type);
      expect([title, UNITS.has(fieldConfig?.defaults.unit ?? '')]).toEqual([title, true]);
      const refs = targets.map(({ refId }) => refId);
      expect([title, new Set(refs).size]).toEqual([title, refs.length]);
      expect(refs.every((ref) => /^[A-Z]$/.test(ref))).toBe(true);
    }
  });

  it('with panels that lie beside each other, on the grid', () => {
    const placed = panels.map(({ title, gridPos }) => ({ title, ...gridPos }));
    for (const { title, x, y, w, h } of placed) {
      expect([title, x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= COLUMNS]).toEqual([
        title,
        true,
      ]);
    }
    const crossed = placed.flatMap((one, index) =>
      placed
        .slice(index + 1)
        .flatMap((other) => (overlaps(one, other) ? [`${one.title} and ${other.title}`] : [])),
    );
    expect(crossed).toEqual([]);
  });

  it('with queries of variables that are chosen at its head, and of the chosen source', () => {
    const { list } = model.templating;
    const known = new Set(list.map(({ name }) => name));
    expect(known.size).toBe(list.length);
    expect(list.filter(({ type }) => type === 'datasource').map(({ name }) => name)).toEqual([
      'datasource',
    ]);
    const asked = JSON.stringify(model).matchAll(/\$\{?([A-Za-z_]\w*)/g);
    const names = [...asked].map(([, name]) => name ?? '').filter((name) => !BUILT_IN.test(name));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    for (const name of known) expect(names).toContain(name);
    const source = { type: 'prometheus', uid: '$datasource' };
    for (const { datasource, targets = [] } of graphs) {
      expect(targets.length).toBeGreaterThan(0);
      for (const one of [datasource, ...targets.map((target) => target.datasource)])
        expect(one).toEqual(source);
    }
  });
});
