import { assert } from '@capstan/domain';

/** An intraday series with more rows than this is kept in a file a year; a smaller one in a single file. */
export const SINGLE_FILE_ROWS_MAX = 250_000;
/** Rows of a Parquet row group: what a range read can skip. */
export const ROW_GROUP_ROWS = 122_880;
/** Rows that are appended to DuckDB at once: the most that one of its chunks holds. */
export const CHUNK_ROWS_MAX = 2_048;
/** Bytes of a text file that are read at once. */
export const READ_BYTES = 1 << 20;
/** The longest line of a text file, in bytes. */
export const LINE_BYTES_MAX = 1 << 16;
/** Examples of one kind of anomaly that a report shows. */
export const EXAMPLES_MAX = 5;
/** A close this fraction away from the one before is reported as a jump. */
export const JUMP_FRACTION = 0.2;
/** A high or low at least this fraction beyond open, close and the bars on both sides may be a spike. */
export const SPIKE_FRACTION = 0.01;
/** It is one where it is also this many times the median range of the bars around. */
export const SPIKE_RANGES = 10;
/** The bars around are as many on each side. */
export const SPIKE_BARS_BESIDE = 10;
/** How far a split ratio may lie from a ratio of small whole numbers to be taken for it. */
export const SPLIT_ROUNDING_FRACTION = 1e-4;
/** The largest number of shares in such a ratio, old or new. */
export const SPLIT_TERM_MAX = 100;
/** Series, or symbols, that a message about a missing one lists. */
export const LISTED_MAX = 8;

assert(LINE_BYTES_MAX < READ_BYTES, 'a read holds a whole line');
