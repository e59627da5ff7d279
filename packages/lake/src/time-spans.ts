/** A span of time, from inclusive to exclusive, in UTC microseconds. */
export interface TimeSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Puts spans together: sorted, without overlap, and as few as they can be. */
export function joinSpans(spans: readonly TimeSpan[]): readonly TimeSpan[] {
  const joined: TimeSpan[] = [];
  for (const { fromUs, toUs } of [...spans].sort((a, b) => a.fromUs - b.fromUs)) {
    if (toUs <= fromUs) continue;
    const last = joined.at(-1);
    if (last === undefined || fromUs > last.toUs) joined.push({ fromUs, toUs });
    else joined[joined.length - 1] = { ...last, toUs: Math.max(last.toUs, toUs) };
  }
  return joined;
}

/** Returns what of a span lies in none of some others, in order. */
export function withoutSpans(span: TimeSpan, others: readonly TimeSpan[]): readonly TimeSpan[] {
  const left: TimeSpan[] = [];
  let fromUs = span.fromUs;
  for (const other of joinSpans(others)) {
    if (other.toUs <= fromUs) continue;
    if (other.fromUs >= span.toUs) break;
    if (other.fromUs > fromUs) left.push({ fromUs, toUs: other.fromUs });
    fromUs = other.toUs;
  }
  if (fromUs < span.toUs) left.push({ fromUs, toUs: span.toUs });
  return left;
}
