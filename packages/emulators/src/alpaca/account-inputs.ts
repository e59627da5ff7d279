import { unreachable } from '@capstan/domain';
import type { CashRow } from './trading/account-book.ts';
import type { OrderRequest, PatchRequest } from './trading/order-request.ts';
import type { TradingAccount } from './trading/trading-account.ts';

/** What is done to an account: the state of all accounts follows from these, and from when they were. */
export type AccountInput =
  | { readonly kind: 'submit'; readonly request: OrderRequest }
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'cancelAll' }
  | { readonly kind: 'replace'; readonly orderId: string; readonly patch: PatchRequest }
  /** Exercises an option that is held now. */
  | { readonly kind: 'exercise'; readonly symbol: string }
  /** Does not exercise an option that is held, also where it expires in the money. */
  | { readonly kind: 'keep'; readonly symbol: string }
  /** Cash that comes or goes without a trade. */
  | { readonly kind: 'cash'; readonly row: CashRow }
  /** A dividend on what is held now. */
  | { readonly kind: 'dividend'; readonly symbol: string; readonly perShareNanos: number };

/** Does something to an account. @throws Refusal where Alpaca would not: nothing has changed then. */
export function perform(account: TradingAccount, input: AccountInput, atUs: number): unknown {
  switch (input.kind) {
    case 'submit':
      return account.submit(input.request, atUs);
    case 'cancel':
      return account.cancel(input.orderId, atUs);
    case 'cancelAll':
      return account.cancelAll(atUs);
    case 'replace':
      return account.replace(input.orderId, input.patch, atUs);
    case 'exercise':
      return account.options.exercise(input.symbol, atUs);
    case 'keep':
      return account.options.keep(input.symbol);
    case 'cash':
      return account.book.pay(input.row, atUs);
    case 'dividend': {
      const held = account.book.held(input.symbol);
      return account.book.dividend(input.symbol, held, input.perShareNanos, atUs);
    }
    default:
      return unreachable(input);
  }
}
