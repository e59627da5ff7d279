import { DOUBT } from './near-quotient.ts';
import { RETURN_SUMS, SPAN_BIT } from './sweep-columns.ts';
import { COUNTED_MAX } from './sweep-money.ts';
import { IDLE_CASH_FRACTION } from './sweep-state.ts';
import {
  type Code,
  floatConst,
  loadFloat,
  loadSplat,
  loadVector,
  loadWhole,
  moduleOf,
  signed,
  storeFloat,
  storeVector,
  WASM,
} from './wasm-bytes.ts';

/** Numbers at the begin of the memory: what a run is given, then what it leaves. */
export const CELL = {
  cash: 0,
  units: 1,
  perUnit: 2,
  multiplier: 3,
  lot: 4,
  feeRate: 5,
  rateScale: 6,
  perRate: 7,
  afterFees: 8,
  last: 9,
  peak: 10,
  floor: 11,
  depthFraction: 12,
  peakAt: 13,
  longest: 14,
  fills: 15,
  /** Of the returns at fills, then of those between: sums as {@link RETURN_SUMS} are. */
  sums: 16,
  held: 21,
} as const;
export const CELLS = 26;
const CELL_BYTES = 8;

/** What a run is given: counts, rows from a turn and from a decision to the fill, and where its columns are. */
export const PARAMETERS = [
  'turns',
  'rows',
  'lead',
  'delay',
  'spanSize',
  'turnAt',
  'closeAt',
  'filledAt',
  'cashAt',
  'factorAt',
  'spanAt',
  'sumsAt',
  'extremesAt',
] as const;
/** What it is given for what floats do not tell. */
export const EXACT = { quotient: 0, budget: 1 } as const;

/** Local numbers: whole ones after the parameters, then floats. */
const WHOLE = [...['turn', 'bought', 'sold', 'spot', 'row', 'peakAt', 'longest', 'fills', 'first']];
const FLOATS = [
  ...['cash', 'price', 'budget', 'quantity', 'size', 'lotPrice', 'notional', 'fee', 'factor'],
  ...['value', 'last', 'peak', 'floor', 'depth', 'change', 'square', 'twice', 'raised', 'result'],
  ...['units', 'perUnit', 'feeRate', 'rateScale', 'perRate', 'one', 'two', 'three', 'four', 'five'],
  ...['inverse', 'held', 'heldFive'],
];
const SUMS = ['one', 'two', 'three', 'four', 'five'];
/** The first four of them between fills, in pairs. */
const HELD_PAIRS = ['heldOneTwo', 'heldThreeFour'];
const PAIR_BYTES = 16;
const VECTORS = [...HELD_PAIRS, 'highs', 'lows', 'pair'];
const LOCALS = [...PARAMETERS, ...WHOLE, ...FLOATS, ...VECTORS];

const placeOf = (name: string): number => {
  const place = LOCALS.indexOf(name);
  if (place < 0) throw new RangeError(`no local is called ${name}`);
  return place;
};
const get = (name: string): Code => [WASM.localGet, placeOf(name)];
const set = (name: string, value: Code): Code => [value, WASM.localSet, placeOf(name)];
const i32 = (value: number): Code => [WASM.i32Const, signed(value)];
const f64 = floatConst;
const cell = (place: number): Code => [i32(0), loadFloat(place * CELL_BYTES)];
const keep = (place: number, value: Code): Code => [i32(0), value, storeFloat(place * CELL_BYTES)];
const then = (condition: Code, code: Code): Code => [condition, WASM.if, code, WASM.end];
const [DONE, LEFT] = [1, 0];
const leave: Code = [i32(LEFT), WASM.return];

const add = (a: Code, b: Code): Code => [a, b, WASM.f64Add];
const sub = (a: Code, b: Code): Code => [a, b, WASM.f64Sub];
const mul = (a: Code, b: Code): Code => [a, b, WASM.f64Mul];
const div = (a: Code, b: Code): Code => [a, b, WASM.f64Div];
const lt = (a: Code, b: Code): Code => [a, b, WASM.f64Lt];
const ge = (a: Code, b: Code): Code => [a, b, WASM.f64Ge];
const gt = (a: Code, b: Code): Code => [a, b, WASM.f64Gt];
const abs = (a: Code): Code => [a, WASM.f64Abs];
const isNot = (condition: Code): Code => [condition, i32(0), WASM.i32LeS];
const plus = (a: Code, b: Code): Code => [a, b, WASM.i32Add];
const float = (a: Code): Code => [a, WASM.f64ConvertI32S];
const cellOf = (column: string, row: Code, bits: number, load: Code): Code => [
  plus(get(column), [row, i32(bits), WASM.i32Shl]),
  load,
];
const floatAt = (column: string, row: Code): Code => cellOf(column, row, 3, loadFloat(0));
const putAt = (column: string, row: Code, value: Code): Code => [
  plus(get(column), [row, i32(3), WASM.i32Shl]),
  [value, storeFloat(0)],
];
const filledRow = (turn: Code): Code => plus(cellOf('turnAt', turn, 2, loadWhole(0)), get('lead'));
const before = (row: Code): Code => [row, i32(1), WASM.i32Sub];

/** Floors what `raised` holds into a local, or works it out exactly where it lies near to a border. */
const floorSurely = (to: string, exact: Code): Code => [
  set(to, [get('raised'), WASM.f64Floor]),
  then(
    isNot(
      lt(
        abs(sub(sub(get('raised'), get(to)), f64(0.5))),
        sub(f64(0.5), mul(get('raised'), f64(DOUBT))),
      ),
    ),
    set(to, exact),
  ),
];

/** As `nearestQuotient`. */
const nearest = (to: string, [a, b, divisor, inverse]: readonly [Code, Code, Code, Code]): Code => [
  set('raised', add(mul(mul(a, b), inverse), f64(0.5))),
  floorSurely(to, [a, b, divisor, WASM.call, EXACT.quotient]),
];

const worth = (to: string, price: Code): Code => [
  set('size', mul(get('quantity'), cell(CELL.multiplier))),
  nearest(to, [price, get('size'), get('units'), get('perUnit')]),
];

/** As `quickSize`, for an account that spends all of its cash. */
const sizeUp: Code = [
  set('raised', mul(get('cash'), cell(CELL.afterFees))),
  floorSurely('budget', [get('cash'), WASM.call, EXACT.budget]),
  set('lotPrice', mul(mul(get('price'), cell(CELL.multiplier)), cell(CELL.lot))),
  set('inverse', div(f64(1), get('lotPrice'))),
  set('value', mul(mul(get('budget'), get('inverse')), get('units'))),
  set('value', mul(mul(get('value'), cell(CELL.lot)), cell(CELL.multiplier))),
  then(isNot(lt(get('value'), f64(COUNTED_MAX))), leave),
  then(isNot(lt(get('lotPrice'), f64(COUNTED_MAX))), leave),
  then(isNot(gt(get('budget'), f64(0))), leave),
  nearest('quantity', [get('budget'), get('units'), get('lotPrice'), get('inverse')]),
  set('quantity', mul(get('quantity'), cell(CELL.lot))),
  worth('notional', get('price')),
  then(gt(get('notional'), get('budget')), set('quantity', sub(get('quantity'), cell(CELL.lot)))),
  then(isNot(gt(get('quantity'), f64(0))), leave),
];

/** Fills what is held at a price: its notional and its fee go from or to the cash. */
const trade = (price: Code, sign: number): Code => [
  worth('notional', price),
  set('fee', f64(0)),
  then(
    gt(get('feeRate'), f64(0)),
    nearest('fee', [get('notional'), get('feeRate'), get('rateScale'), get('perRate')]),
  ),
  set('cash', [get('cash'), get('notional'), sign]),
  set('cash', sub(get('cash'), get('fee'))),
  then(isNot(lt(abs(get('cash')), f64(COUNTED_MAX))), leave),
  set('fills', plus(get('fills'), i32(1))),
];

/** As `trackRow`, of what `value` holds. */
const track = (row: Code): Code => [
  ge(get('value'), get('peak')),
  WASM.if,
  then(
    lt(get('last'), get('peak')),
    then([lengthAt(row), get('longest'), WASM.i32GtS], set('longest', lengthAt(row))),
  ),
  set('peak', get('value')),
  set('peakAt', plus(row, i32(1))),
  set('floor', mul(get('value'), add(f64(1), get('depth')))),
  WASM.else,
  then(lt(get('value'), get('floor')), [
    set('floor', get('value')),
    set('depth', sub(div(get('value'), get('peak')), f64(1))),
  ]),
  WASM.end,
  set('last', get('value')),
];

function lengthAt(row: Code): Code {
  return [plus(row, i32(1)), get('peakAt'), WASM.i32Sub];
}

/** As `takeRow`, of what `value` holds. */
const take = (row: Code): Code => [
  set('change', sub(div(get('value'), get('last')), f64(1))),
  set('square', mul(get('change'), get('change'))),
  set('twice', sub(get('change'), abs(get('change')))),
  set('one', add(get('one'), get('change'))),
  set('two', add(get('two'), get('square'))),
  set('three', add(get('three'), mul(get('square'), get('change')))),
  set('four', add(get('four'), mul(get('square'), get('square')))),
  set('five', add(get('five'), mul(get('twice'), get('twice')))),
  track(row),
];

const heldAt = (nanos: Code): Code => add(get('held'), mul(nanos, get('factor')));

/** Takes all rows between. */
const walk: Code = [
  set('row', plus(get('bought'), i32(1))),
  WASM.block,
  WASM.loop,
  [get('row'), get('sold'), WASM.i32GeS, WASM.brIf, 1],
  set('value', heldAt(floatAt('closeAt', get('row')))),
  track(get('row')),
  set('row', plus(get('row'), i32(1))),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
];

const lane = (of: string, at: 0 | 1): Code => [get(of), WASM.f64x2ExtractLane, at];
const closesAt = (row: Code, load: Code): Code => cellOf('closeAt', row, 3, load);

/** Finds the highest and the lowest close of the rows between, two rows at a time. */
const seekExtremes: Code = [
  set('row', plus(get('bought'), i32(1))),
  set('highs', closesAt(before(get('sold')), loadSplat)),
  set('lows', get('highs')),
  WASM.block,
  WASM.loop,
  [plus(get('row'), i32(1)), get('sold'), WASM.i32GeS, WASM.brIf, 1],
  set('pair', closesAt(get('row'), loadVector(0))),
  set('highs', [get('highs'), get('pair'), WASM.f64x2Pmax]),
  set('lows', [get('lows'), get('pair'), WASM.f64x2Pmin]),
  set('row', plus(get('row'), i32(2))),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
  set('price', lane('lows', 0)),
  then(lt(lane('lows', 1), get('price')), set('price', lane('lows', 1))),
];

/** What {@link walk} comes to where all rows between lie below the peak. */
const deepen: Code = [
  set('change', heldAt(get('price'))),
  then(lt(get('change'), get('floor')), [
    set('floor', get('change')),
    set('depth', sub(div(get('change'), get('peak')), f64(1))),
  ]),
];

const isPeak = (high: Code): Code => ge(heldAt(high), get('peak'));

/** As `walkHolding`, the equity of its last row in `value`. */
const hold: Code = [
  set('spot', plus(get('spanAt'), [get('turn'), i32(3), WASM.i32Shl])),
  then(
    [
      isPeak([get('spot'), loadFloat(0)]),
      lt(heldAt([get('spot'), loadFloat(CELL_BYTES)]), get('floor')),
      WASM.i32Or,
    ],
    [
      seekExtremes,
      [isPeak(lane('highs', 0)), isPeak(lane('highs', 1)), WASM.i32Or],
      [WASM.if, walk, WASM.else, deepen, WASM.end],
    ],
  ),
  set('last', get('value')),
];

const rest = (row: Code): Code => then(ge(get('last'), get('peak')), set('peakAt', row));
const next: Code = plus(get('turn'), i32(1));
const decidedRow = (row: Code): Code => [row, get('delay'), WASM.i32Sub];

/**
 * Buys and sells, and leaves behind what is held and the cash after each: apart from the curve, since here each number waits for
 * the one before it, and a branch that was guessed wrongly would have it wait longer.
 */
const money: Code = [
  WASM.block,
  WASM.loop,
  [get('turn'), get('turns'), WASM.i32GeS, WASM.brIf, 1],
  set('row', filledRow(get('turn'))),
  [get('row'), get('rows'), WASM.i32GeS, WASM.brIf, 1],
  set('price', floatAt('closeAt', decidedRow(get('row')))),
  sizeUp,
  trade(floatAt('filledAt', get('row')), WASM.f64Sub),
  putAt('factorAt', get('turn'), div(mul(get('quantity'), cell(CELL.multiplier)), get('units'))),
  putAt('cashAt', get('turn'), get('cash')),
  [next, get('turns'), WASM.i32GeS, WASM.brIf, 1],
  set('row', filledRow(next)),
  [get('row'), get('rows'), WASM.i32GeS, WASM.brIf, 1],
  trade(floatAt('filledAt', get('row')), WASM.f64Add),
  putAt('cashAt', next, get('cash')),
  set('turn', plus(get('turn'), i32(2))),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
];

/** Where a sale is missing: the bar after the last. */
const seekSale: Code = [
  set('sold', get('rows')),
  then([next, get('fills'), WASM.i32LtS], set('sold', filledRow(next))),
];

const sumsOf = (row: Code): Code =>
  plus(get('sumsAt'), [row, i32(RETURN_SUMS * CELL_BYTES), WASM.i32Mul]);
const fifth = (of: string): Code => [get(of), loadFloat(4 * CELL_BYTES)];

/** As `addReturns`, of one stretch: what was added up to its last row, less what was up to the row before it. */
const addHeld: Code = [
  set('first', sumsOf(get('bought'))),
  set('row', sumsOf(before(get('sold')))),
  HELD_PAIRS.map((pair, at) =>
    set(pair, [
      [get(pair), [get('row'), loadVector(at * PAIR_BYTES)]],
      [get('first'), loadVector(at * PAIR_BYTES), WASM.f64x2Sub, WASM.f64x2Add],
    ]),
  ),
  set('heldFive', add(get('heldFive'), sub(fifth('row'), fifth('first')))),
];

/** As `spanOf`, of the rows between and the one of the purchase, so that there is one: its address. */
const spanBetween: Code = [
  get('extremesAt'),
  plus(get('bought'), get('spanSize')),
  [i32(32), before(get('sold')), get('bought'), WASM.i32Sub],
  [i32(SPAN_BIT), WASM.i32Or, WASM.i32Clz, WASM.i32Sub, WASM.i32ShrU],
  [i32(4), WASM.i32Shl, WASM.i32Add],
];

/**
 * Gathers what the columns say of the rows between buys and sales: apart from the curve, whose branches would keep the processor from
 * fetching many at once.
 */
const gather: Code = [
  set('turn', i32(0)),
  WASM.block,
  WASM.loop,
  [get('turn'), get('fills'), WASM.i32GeS, WASM.brIf, 1],
  set('bought', filledRow(get('turn'))),
  seekSale,
  addHeld,
  plus(get('spanAt'), [get('turn'), i32(3), WASM.i32Shl]),
  [spanBetween, loadVector(0), storeVector(0)],
  set('turn', plus(get('turn'), i32(2))),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
];

const roundTrip: Code = [
  set('bought', filledRow(get('turn'))),
  set('held', floatAt('cashAt', get('turn'))),
  set('factor', floatAt('factorAt', get('turn'))),
  rest(get('bought')),
  set('value', heldAt(floatAt('closeAt', get('bought')))),
  take(get('bought')),
  then(gt(abs(get('held')), mul(f64(IDLE_CASH_FRACTION), get('last'))), leave),
  seekSale,
  set('value', heldAt(floatAt('closeAt', before(get('sold'))))),
  hold,
  [get('sold'), get('rows'), WASM.i32GeS, WASM.brIf, 1],
  set('value', floatAt('cashAt', next)),
  take(get('sold')),
];

/** Goes over what was traded and adds the curve up. */
const curve: Code = [
  set('turn', i32(0)),
  WASM.block,
  WASM.loop,
  [get('turn'), get('fills'), WASM.i32GeS, WASM.brIf, 1],
  roundTrip,
  set('turn', plus(get('turn'), i32(2))),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
];

const program: Code = [
  ...['cash', 'units', 'perUnit', 'feeRate', 'rateScale', 'perRate'].map((name) =>
    set(name, cell(CELL[name as keyof typeof CELL])),
  ),
  ...['last', 'peak', 'floor'].map((name) => set(name, get('cash'))),
  money,
  gather,
  curve,
  then([get('fills'), i32(1), WASM.i32And, i32(0), WASM.i32LeS], rest(get('rows'))),
  ...(['cash', 'last', 'peak', 'floor'] as const).map((name) => keep(CELL[name], get(name))),
  keep(CELL.depthFraction, get('depth')),
  ...(['peakAt', 'longest', 'fills'] as const).map((name) => keep(CELL[name], float(get(name)))),
  ...SUMS.map((name, at) => keep(CELL.sums + at, get(name))),
  HELD_PAIRS.map((pair, at) => [
    i32(0),
    get(pair),
    storeVector(CELL.held * CELL_BYTES + at * PAIR_BYTES),
  ]),
  keep(CELL.held + RETURN_SUMS - 1, get('heldFive')),
  i32(DONE),
];

/** Returns the module whose `totals` trades turns and adds their curve up: 1 where it did, 0 where it is left to others. */
export const totalsModule = (): Uint8Array<ArrayBuffer> =>
  moduleOf({
    imports: [
      { name: 'quotient', parameterCount: 3 },
      { name: 'budget', parameterCount: 1 },
    ],
    name: 'totals',
    parameters: PARAMETERS.map(() => WASM.i32),
    result: WASM.i32,
    locals: [
      { count: WHOLE.length, type: WASM.i32 },
      { count: FLOATS.length, type: WASM.f64 },
      { count: VECTORS.length, type: WASM.v128 },
    ],
    code: program,
  });
