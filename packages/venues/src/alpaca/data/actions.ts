import type { MarketAction } from '@capstan/domain';
import type { ActionsRequest } from '@capstan/ports';
import { z } from 'zod';
import { nanosOf, wholeRatio } from '../../requests/exact-numbers.ts';
import { type AlpacaAnswers, type AlpacaClients, pageTokenOf } from './alpaca-rest.ts';
import { groupsOf, namesOf } from './bars.ts';
import { ACTIONS_PAGE } from './limits.ts';

const amount = z.union([z.number(), z.string()]);
const split = z.object({
  symbol: z.string(),
  ex_date: z.iso.date(),
  new_rate: amount,
  old_rate: amount,
});
const actionsAnswer = z.object({
  corporate_actions: z
    .object({
      forward_splits: z.array(split).nullish(),
      reverse_splits: z.array(split).nullish(),
      stock_dividends: z
        .array(z.object({ symbol: z.string(), ex_date: z.iso.date(), rate: amount }))
        .nullish(),
      cash_dividends: z
        .array(
          z.object({
            symbol: z.string(),
            ex_date: z.iso.date(),
            rate: amount,
            payable_date: z.iso.date().nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
  next_page_token: z.string().nullish(),
});

/** Those that Capstan books; of mergers, spin-offs and new names it knows nothing yet. */
const TYPES = 'forward_split,reverse_split,stock_dividend,cash_dividend';

/** Asks for splits and dividends by ex-date, page by page. A dividend in stock is a split: 5 % of new stock is 21 for 20. */
export async function* alpacaActions(
  source: { readonly clients: Pick<AlpacaClients, 'actions'>; readonly answers: AlpacaAnswers },
  request: ActionsRequest,
  signal?: AbortSignal,
): AsyncIterable<readonly MarketAction[]> {
  for (const symbols of groupsOf(request.symbols)) {
    const asked = { what: `corporate actions of ${namesOf(symbols)}`, signal };
    const parameters = {
      symbols: symbols.join(','),
      types: TYPES,
      start: dateOf(request.fromDate),
      end: dateOf(request.toDate),
      limit: ACTIONS_PAGE,
      sort: 'asc' as const,
    };
    const call = (pageToken: string | undefined) =>
      source.clients.actions.corporateActionsRaw(
        pageToken === undefined ? parameters : { ...parameters, pageToken },
        signal === undefined ? {} : { signal },
      );
    for await (const { actions } of source.answers.pages(asked, call, readActionsPage)) {
      const wanted = actions.filter(
        ({ exDate }) => exDate >= request.fromDate && exDate <= request.toDate,
      );
      if (wanted.length > 0) yield wanted;
    }
  }
}

/** Reads a page of corporate actions. */
export function readActionsPage(text: string) {
  const page = actionsAnswer.parse(JSON.parse(text));
  const kinds = page.corporate_actions ?? {};
  const actions: MarketAction[] = [];
  for (const one of [...(kinds.forward_splits ?? []), ...(kinds.reverse_splits ?? [])]) {
    const { first: newUnits, second: oldUnits } = wholeRatio(one.new_rate, one.old_rate);
    actions.push({ kind: 'split', symbol: one.symbol, exDate: one.ex_date, newUnits, oldUnits });
  }
  for (const { symbol, ex_date: exDate, rate } of kinds.stock_dividends ?? []) {
    const { first: added, second: oldUnits } = wholeRatio(rate, 1);
    actions.push({ kind: 'split', symbol, exDate, newUnits: oldUnits + added, oldUnits });
  }
  for (const { symbol, ex_date: exDate, rate, payable_date: payDate } of kinds.cash_dividends ??
    []) {
    const pay = payDate === undefined || payDate === null ? {} : { payDate };
    actions.push({ kind: 'dividend', symbol, exDate, perUnitNanos: nanosOf(rate), ...pay });
  }
  const nextPageToken = pageTokenOf({ next_page_token: page.next_page_token ?? null });
  return { actions: actions.sort(byDate), nextPageToken };
}

const byDate = (a: MarketAction, b: MarketAction): number =>
  a.exDate < b.exDate ? -1 : Number(a.exDate > b.exDate);

const dateOf = (date: string): Date => new Date(`${date}T00:00:00Z`);
