import type { Meter, Span, Tracer } from '@capstan/ports';

const nothing = (): void => undefined;

/** Counts nothing. */
export const nullMeter: Meter = { count: nothing, gauge: nothing, observe: nothing };

const nullSpan: Span = {
  setAttribute: nothing,
  fail: nothing,
  end: nothing,
  inject: nothing,
  run: (work) => work(),
};

/** Traces nothing. */
export const nullTracer: Tracer = { start: () => nullSpan };
