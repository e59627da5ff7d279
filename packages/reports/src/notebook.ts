/** What a notebook says of the run it opens. */
export interface NotebookParts {
  readonly title: string;
  readonly symbols: readonly string[];
}

interface Cell {
  readonly kind: 'markdown' | 'code';
  readonly lines: readonly string[];
}

const markdown = (...lines: readonly string[]): Cell => ({ kind: 'markdown', lines });
const code = (...lines: readonly string[]): Cell => ({ kind: 'code', lines });

/** Finds a file beside the notebook, or in the sweep that the run is part of. */
const OPEN = [
  'from pathlib import Path',
  'import json',
  '',
  'import matplotlib.pyplot as plt',
  'import pandas as pd',
  '',
  'here = Path(".")',
  '',
  '',
  'def find(name):',
  '    """A file of this run, or of the sweep that it is one of the best of."""',
  '    places = [here / name, here / ".." / ".." / name]',
  '    return next((place for place in places if place.exists()), places[0])',
  '',
  '',
  'def times(column):',
  '    return pd.to_datetime(column, unit="us", utc=True)',
];

/**
 * Writes `analysis.ipynb` of a run directory: a Jupyter notebook (format 4.5, without outputs) that opens its ledgers with pandas
 * and plots equity, drawdown and trades. Paths are relative to it.
 */
export function runNotebook({ title, symbols }: NotebookParts): string {
  return notebookText([
    markdown(
      `# ${plain(title)}`,
      '',
      `Symbols: ${plain(symbols.join(', '))}`,
      '',
      'Opens the ledgers of this directory. Needs `pandas`, `pyarrow` and `matplotlib`. In the ledgers prices are nanos (1e-9), money micros (1e-6), times UTC microseconds, quantities whole numbers at the scale of the instrument.',
    ),
    code(...OPEN),
    code(
      'summary = json.loads((here / "summary.json").read_text())',
      'metrics = pd.Series(summary["metrics"], name="value")',
      'metrics.to_frame()',
    ),
    markdown('## Equity and drawdown'),
    code(
      'equity = pd.read_parquet(here / "equity.parquet")',
      'equity.index = times(equity["end_us"])',
      'curve = equity["equity_micros"] / 1e6',
      'drawdown = curve / curve.cummax() - 1',
      '',
      'figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(12, 6), height_ratios=[3, 1])',
      'above.plot(curve, linewidth=1)',
      'above.set_ylabel("equity")',
      'below.fill_between(drawdown.index, drawdown, 0, alpha=0.4, color="tab:red")',
      'below.set_ylabel("drawdown")',
      'figure.tight_layout()',
    ),
    markdown('## Trades'),
    code(
      'trades = pd.read_csv(here / "trades.csv", parse_dates=["entry_utc", "exit_utc"])',
      'trades.tail(20)',
    ),
    code(
      'closed = trades[trades["state"] == "closed"]',
      'figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))',
      'left.plot(closed["exit_utc"], closed["net_profit"].cumsum())',
      'left.set_title("net profit of closed trades")',
      'right.hist(closed["net_return_fraction"].dropna(), bins=40)',
      'right.set_title("return of a trade")',
      'figure.tight_layout()',
    ),
    markdown('## Price with entries and exits'),
    code(
      'bars = pd.read_parquet(find("bars.parquet"))',
      'symbol = bars["symbol"].iloc[0]',
      'one = bars[bars["symbol"] == symbol]',
      'own = trades[trades["symbol"] == symbol]',
      'figure, axis = plt.subplots(figsize=(12, 5))',
      'axis.plot(times(one["end_us"]), one["close_nanos"] / 1e9, linewidth=0.8)',
      'axis.plot(own["entry_utc"], own["entry_price"], "^", markersize=5, label="entry")',
      'axis.plot(own["exit_utc"], own["exit_price"], "o", markersize=4, label="exit")',
      'axis.set_title(symbol)',
      'axis.legend()',
      'figure.tight_layout()',
    ),
    markdown('## Orders and fills'),
    code(
      'orders = pd.read_parquet(here / "orders.parquet")',
      'fills = pd.read_parquet(here / "fills.parquet")',
      'orders.groupby(["type", "state"]).size()',
    ),
    code('fills.head(20)'),
  ]);
}

/** Writes `analysis.ipynb` of a sweep's directory: opens `metrics.csv` and draws the heat map of a metric over two parameters. */
export function sweepNotebook(
  { title, symbols }: NotebookParts,
  grid: { readonly axes: readonly string[]; readonly metricColumn: string },
): string {
  const [first = '', second] = grid.axes.map((name) => JSON.stringify(`param.${name}`));
  const metric = JSON.stringify(grid.metricColumn);
  const drawing =
    second === undefined
      ? [`sweep.plot(x=${first}, y=metric, figsize=(12, 5))`]
      : [
          `table = sweep.pivot_table(index=${second}, columns=${first}, values=metric, aggfunc="max")`,
          'figure, axis = plt.subplots(figsize=(10, 7))',
          'mesh = axis.pcolormesh(table.columns, table.index, table.values, shading="nearest")',
          'figure.colorbar(mesh, label=metric)',
          `axis.set_xlabel(${first})`,
          `axis.set_ylabel(${second})`,
        ];
  return notebookText([
    markdown(`# ${plain(title)}: sweep`, '', `Symbols: ${plain(symbols.join(', '))}`),
    code(
      'import matplotlib.pyplot as plt',
      'import pandas as pd',
      '',
      'sweep = pd.read_csv("metrics.csv")',
      `metric = ${metric}`,
      'sweep.sort_values(metric, ascending=False).head(20)',
    ),
    code(...drawing),
  ]);
}

/** Text without the marks that Markdown and HTML take as their own. */
const plain = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+!<>|&~]/g, '\\$&');

function notebookText(cells: readonly Cell[]): string {
  const notebook = {
    cells: cells.map(({ kind, lines }, place) => ({
      cell_type: kind,
      id: `cell-${place + 1}`,
      metadata: {},
      ...(kind === 'code' ? { execution_count: null, outputs: [] } : {}),
      source: lines.map((line, at) => (at === lines.length - 1 ? line : `${line}\n`)),
    })),
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}
