import type { VenueCapabilities } from '@capstan/ports';
import { ALPACA_CAPABILITIES } from './alpaca/alpaca-broker.ts';
import { PAPER_CAPABILITIES } from './paper/paper-venue.ts';

/** What a broker's own interface does with the id that a client gives its order: whatever adapter speaks to it cannot do better. */
export interface VenueProfile
  extends Pick<VenueCapabilities, 'enforcesClientOrderId' | 'findsByClientOrderId'> {
  /** As a person calls it. */
  readonly name: string;
  /** What becomes of an id that is sent twice. */
  readonly twice: string;
  /** How it is found out whether an order arrived. */
  readonly lookUp: string;
  /** What an adapter must keep to, for the rest to be true; empty where nothing is needed. */
  readonly needs: string;
}

/** The brokers that the platform is made for, by the name of their folder. */
export const VENUE_PROFILES = {
  paper: {
    name: 'paper exchange',
    enforcesClientOrderId: PAPER_CAPABILITIES.enforcesClientOrderId,
    findsByClientOrderId: PAPER_CAPABILITIES.findsByClientOrderId,
    twice: 'the first answer again, for ever; no second order',
    lookUp: 'by the id, at once',
    needs: '',
  },
  alpaca: {
    name: 'Alpaca',
    enforcesClientOrderId: ALPACA_CAPABILITIES.enforcesClientOrderId,
    findsByClientOrderId: ALPACA_CAPABILITIES.findsByClientOrderId,
    twice: 'refused with 422, for ever, in the account',
    lookUp: 'by the id; one 404 just after a send proves nothing',
    needs: '',
  },
  ibkr: {
    name: 'IBKR (TWS, Gateway)',
    enforcesClientOrderId: true,
    findsByClientOrderId: true,
    twice:
      'the whole number that the session gave it is refused with 103, under the same client id only; `orderRef` is free text',
    lookUp: 'in the open orders, the executions and the completed orders together, by `orderRef`',
    needs:
      'one client id an account, and the number stored with the order before the send: a second session of the client id is refused (326) while the old one lives',
  },
  tradovate: {
    name: 'Tradovate',
    enforcesClientOrderId: false,
    findsByClientOrderId: true,
    twice: 'two orders: `clOrdId` is stored and not compared',
    lookUp: 'in the list of commands, by `clOrdId`, read twice',
    needs: '',
  },
  schwab: {
    name: 'Schwab',
    enforcesClientOrderId: false,
    findsByClientOrderId: false,
    twice: 'two orders: no id of a client is stored',
    lookUp: 'not at all; by likeness in the list of orders, for a person to judge',
    needs: 'one order under way an account and symbol, so that likeness means something',
  },
} as const satisfies Readonly<Record<string, VenueProfile>>;
