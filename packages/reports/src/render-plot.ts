import type { PlotData } from './chart-data.ts';
import { html } from './html.ts';
import { pageOf } from './page-shell.ts';
import { equitySection, footSection, priceSection } from './render-report.ts';
import type { RunReport } from './run-report.ts';
import { headlineSection } from './sections/figures.ts';
import { barSection, titleSection } from './sections/head.ts';
import { warningsSection } from './sections/warnings.ts';

/** Writes `plot_<run>.html`: equity and price of a run with its trades, and nothing else; one file that needs no other. */
export function renderPlot(report: RunReport): string {
  const { strategy, symbols, charts } = report;
  const { rolling: _, ...drawn } = charts;
  const data: PlotData = drawn;
  const body = html`${barSection('Plot', [])}
<main id="main">
${titleSection(report)}
${warningsSection(report.warnings.filter(({ level }) => level === 'danger'))}
${headlineSection(report)}
<div class="grid">
${equitySection(report)}
${priceSection(report)}
</div>
</main>
${footSection()}`;
  return pageOf({
    title: `${strategy.title}: ${symbols.slice(0, 3).join(', ')}`,
    body,
    script: 'plot',
    hasCharts: true,
    data,
  });
}
