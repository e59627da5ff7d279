import type { Labels } from '@capstan/ports';
import type { Attributes } from '@opentelemetry/api';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Exemplar, Exemplars } from './exemplars.ts';

/** What a scraper that asks for OpenMetrics is answered with. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Tells whether a scraper takes OpenMetrics, by its `Accept` header. */
export function acceptsOpenMetrics(accept: string | undefined): boolean {
  return /\bapplication\/openmetrics-text\b/.test(accept ?? '');
}

/**
 * Writes a page of measurements as OpenMetrics text, histograms with their exemplars. OpenTelemetry's serializer knows the older
 * Prometheus text alone, which has no place for exemplars.
 * @source https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function openMetricsPage(metrics: ResourceMetrics, exemplars: Exemplars): string {
  const all = metrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return `${all.map((metric) => familyText(metric, exemplars)).join('')}# EOF\n`;
}

function familyText(metric: MetricData, exemplars: Exemplars): string {
  const { name, description } = metric.descriptor;
  switch (metric.dataPointType) {
    case DataPointType.SUM: {
      const family = name.replace(/_total$/, '');
      const type = metric.isMonotonic ? 'counter' : 'gauge';
      const sample = metric.isMonotonic ? `${family}_total` : name;
      const head = headText(metric.isMonotonic ? family : name, type, description);
      return (
        head + metric.dataPoints.map((one) => line(sample, one.attributes, one.value)).join('')
      );
    }
    case DataPointType.GAUGE:
      return (
        headText(name, 'gauge', description) +
        metric.dataPoints.map((one) => line(name, one.attributes, one.value)).join('')
      );
    case DataPointType.HISTOGRAM: {
      const points = metric.dataPoints.map(({ attributes, value }) => {
        const { boundaries, counts } = value.buckets;
        let below = 0;
        const buckets = counts.map((count, bucket) => {
          below += count;
          const le = boundaries[bucket] === undefined ? '+Inf' : String(boundaries[bucket]);
          const example = exemplars.of(name, attributes as Labels, bucket);
          return line(`${name}_bucket`, { ...attributes, le }, below, example);
        });
        const sum = value.sum === undefined ? '' : line(`${name}_sum`, attributes, value.sum);
        return buckets.join('') + line(`${name}_count`, attributes, value.count) + sum;
      });
      return headText(name, 'histogram', description) + points.join('');
    }
    default:
      return '';
  }
}

function headText(name: string, type: string, help: string): string {
  const text = `# TYPE ${name} ${type}\n`;
  return help === '' ? text : `${text}# HELP ${name} ${escaped(help)}\n`;
}

function line(name: string, labels: Attributes, value: number, exemplar?: Exemplar): string {
  return `${name}${labelText(labels)} ${numberText(value)}${exemplarText(exemplar)}\n`;
}

function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return '';
  const { traceId, spanId, value, atMs } = exemplar;
  const labels = labelText({ trace_id: traceId, span_id: spanId });
  return ` # ${labels} ${numberText(value)} ${atMs / 1_000}`;
}

function labelText(labels: Attributes): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}="${escaped(String(value))}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
