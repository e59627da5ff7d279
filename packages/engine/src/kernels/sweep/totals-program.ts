import { DOUBT } from './near-quotient.ts';
import { BLOCK_BITS } from './sweep-columns.ts';
import { COUNTED_MAX } from './sweep-money.ts';
import { IDLE_CASH_FRACTION } from './sweep-state.ts';
import {
  type Code,
  floatConst,
  loadFloat,
  loadWhole,
  moduleOf,
  signed,
  storeFloat,
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
  closeLast: 9,
  last: 10,
  peak: 11,
  floor: 12,
  depthFraction: 13,
  peakAt: 14,
  longest: 15,
  sums: 16,
  fills: 21,
} as const;
export const CELLS = 22;
const CELL_BYTES = 8;

/** Where a run finds its columns. */
export const PARAMETERS = [
  'turns',
  'rows',
  'rowAt',
  'decidedAt',
  'filledAt',
  'markAt',
  'closeAt',
  'highsAt',
  'lowsAt',
] as const;
/** What it is given for what floats do not tell. */
export const EXACT = { quotient: 0, budget: 1 } as const;

/** Local numbers: whole ones after the parameters, then floats. */
const WHOLE = ['turn', 'bought', 'sold', 'block', 'row', 'peakAt', 'longest', 'fills'] as const;
const FLOATS = [
  ...['cash', 'price', 'budget', 'quantity', 'size', 'lotPrice', 'notional', 'fee', 'factor'],
  ...['value', 'last', 'peak', 'floor', 'depth', 'change', 'square', 'twice', 'raised', 'result'],
  ...['units', 'perUnit', 'feeRate', 'rateScale', 'perRate', 'one', 'two', 'three', 'four', 'five'],
  ...['inverse'],
];
const LOCALS = [...PARAMETERS, ...WHOLE, ...FLOATS];
const SUMS = ['one', 'two', 'three', 'four', 'five'];

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
const rowAt = (turn: Code): Code => cellOf('rowAt', turn, 2, loadWhole(0));

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
    then([sub1(row), get('longest'), WASM.i32GtS], set('longest', sub1(row))),
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

function sub1(row: Code): Code {
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

const heldAt = (nanos: Code): Code => add(get('cash'), mul(nanos, get('factor')));

/** Looks at all rows between, for blocks of them say that one may be a peak or a depth. */
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

/** As `walkHolding`, the equity of its last row in `value`. */
const hold: Code = [
  WASM.block,
  [plus(get('bought'), i32(1)), get('sold'), WASM.i32GeS, WASM.brIf, 0],
  set('block', [plus(get('bought'), i32(1)), i32(BLOCK_BITS), WASM.i32ShrU]),
  WASM.loop,
  then(
    [
      ge(heldAt(floatAt('highsAt', get('block'))), get('peak')),
      lt(heldAt(floatAt('lowsAt', get('block'))), get('floor')),
      WASM.i32Or,
    ],
    [walk, WASM.br, 2],
  ),
  set('block', plus(get('block'), i32(1))),
  [get('block'), [get('sold'), i32(1), WASM.i32Sub, i32(BLOCK_BITS), WASM.i32ShrU]],
  [WASM.i32LeS, WASM.brIf, 0],
  WASM.end,
  set('last', get('value')),
  WASM.end,
];

const rest = (row: Code): Code => then(ge(get('last'), get('peak')), set('peakAt', row));
const next: Code = plus(get('turn'), i32(1));

/** Where a sale is missing: the bar after the last. */
const seekSale: Code = [
  set('sold', get('rows')),
  set('price', cell(CELL.closeLast)),
  then(
    [next, get('turns'), WASM.i32LtS],
    [
      then(
        [rowAt(next), get('rows'), WASM.i32LtS],
        [set('sold', rowAt(next)), set('price', floatAt('markAt', next))],
      ),
    ],
  ),
];

const roundTrip: Code = [
  set('bought', rowAt(get('turn'))),
  [get('bought'), get('rows'), WASM.i32GeS, WASM.brIf, 1],
  set('price', floatAt('decidedAt', get('turn'))),
  sizeUp,
  trade(floatAt('filledAt', get('turn')), WASM.f64Sub),
  set('factor', div(mul(get('quantity'), cell(CELL.multiplier)), get('units'))),
  rest(get('bought')),
  set('value', heldAt(floatAt('markAt', get('turn')))),
  take(get('bought')),
  then(gt(abs(get('cash')), mul(f64(IDLE_CASH_FRACTION), get('last'))), leave),
  seekSale,
  set('value', heldAt(get('price'))),
  hold,
  [get('sold'), get('rows'), WASM.i32GeS, WASM.brIf, 1],
  trade(floatAt('filledAt', next), WASM.f64Add),
  set('value', get('cash')),
  take(get('sold')),
];

const program: Code = [
  ...['cash', 'units', 'perUnit', 'feeRate', 'rateScale', 'perRate'].map((name) =>
    set(name, cell(CELL[name as keyof typeof CELL])),
  ),
  ...['last', 'peak', 'floor'].map((name) => set(name, get('cash'))),
  WASM.block,
  WASM.loop,
  [get('turn'), get('turns'), WASM.i32GeS, WASM.brIf, 1],
  roundTrip,
  set('turn', plus(get('turn'), i32(2))),
  [WASM.br, 0],
  WASM.end,
  WASM.end,
  then([get('fills'), i32(1), WASM.i32And, i32(0), WASM.i32LeS], rest(get('rows'))),
  ...(['cash', 'last', 'peak', 'floor'] as const).map((name) => keep(CELL[name], get(name))),
  keep(CELL.depthFraction, get('depth')),
  ...(['peakAt', 'longest', 'fills'] as const).map((name) => keep(CELL[name], float(get(name)))),
  ...SUMS.map((name, at) => keep(CELL.sums + at, get(name))),
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
    ],
    code: program,
  });
