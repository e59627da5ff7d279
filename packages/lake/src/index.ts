export { type BarFile, type BarFileOptions, readBarFile } from './bar-file.ts';
export {
  BAR_FIELDS,
  type BarField,
  type ColumnMapping,
  TIME_FORMATS,
  type TimeFormat,
} from './column-mapping.ts';
export { LAKE_ERRORS } from './error-codes.ts';
export { type Hours, type SlicedBars, sliceBars } from './slices.ts';
