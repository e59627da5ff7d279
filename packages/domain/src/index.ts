export * from './bar.ts';
export * from './decision.ts';
export * from './errors.ts';
export * from './fill.ts';
export * from './ids.ts';
export * from './instrument.ts';
export * from './numbers.ts';
export * from './order.ts';
