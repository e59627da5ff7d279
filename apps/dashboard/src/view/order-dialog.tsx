import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Order } from '../api.ts';
import { post } from '../client.ts';
import { formatQuantity } from '../format.ts';
import { type OrderChange, replaceOf, resolveOf, textsOf } from '../order-change.ts';
import { Dialog } from './dialog.tsx';
import { type Screen, scaleOf } from './screen.ts';

interface OrderDialogProps extends Screen {
  readonly order: Order;
  readonly close: () => void;
}

/** Changes the terms of a working order, or says what became of one that is unknown. */
export function OrderDialog(props: OrderDialogProps) {
  const { order, close } = props;
  const words = `${order.side} ${formatQuantity(order.quantity, scaleOf(props, order.symbol))} ${order.symbol}`;
  const isUnknown = order.state === 'unknown';
  return (
    <Dialog
      kind="box"
      title={isUnknown ? `What became of ${words}?` : `Change ${words}`}
      close={close}
    >
      {isUnknown ? <Resolve {...props} words={words} /> : <Replace {...props} words={words} />}
    </Dialog>
  );
}

type FormProps = OrderDialogProps & { readonly words: string };

function Replace(props: FormProps) {
  const { order, words } = props;
  const scale = scaleOf(props, order.symbol);
  const [texts, setTexts] = useState(() => textsOf(order, scale));
  const field = (name: keyof typeof texts, title: string) => (
    <label class="field">
      {title}
      <input
        value={texts[name]}
        inputMode="decimal"
        autocomplete="off"
        onInput={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <OrderForm
      {...props}
      path="replace"
      what={`Change ${words}`}
      change={replaceOf(order, scale, texts)}
    >
      {field('quantity', 'Whole quantity, what is filled included; never more than it was')}
      {order.limitPriceNanos !== undefined && field('limit', 'Limit price')}
      {order.stopPriceNanos !== undefined && field('stop', 'Stop price')}
    </OrderForm>
  );
}

function Resolve(props: FormProps) {
  const { order, words } = props;
  const scale = scaleOf(props, order.symbol);
  const [as, setAs] = useState<'absent' | 'filled'>('absent');
  const [quantity, setQuantity] = useState(() =>
    formatQuantity(order.quantity - order.filledQuantity, scale).replaceAll(',', ''),
  );
  const [price, setPrice] = useState('');
  return (
    <OrderForm
      {...props}
      path="resolve"
      what={`Say what became of ${words}`}
      change={resolveOf(order, scale, { as, quantity, price })}
    >
      <p>Look at the broker's own page first: what is said here is booked.</p>
      <fieldset>
        <legend class="sr">What the broker shows</legend>
        <label class="choice">
          <input
            type="radio"
            name="as"
            checked={as === 'absent'}
            onChange={() => setAs('absent')}
          />
          <span>
            <b>It is not there</b> Nothing more of it was filled, and nothing will be.
          </span>
        </label>
        <label class="choice">
          <input
            type="radio"
            name="as"
            checked={as === 'filled'}
            onChange={() => setAs('filled')}
          />
          <span>
            <b>It was filled</b> At an average price, in whole or in part.
          </span>
        </label>
      </fieldset>
      <label class="field" hidden={as === 'absent'}>
        How much
        <input
          value={quantity}
          inputMode="decimal"
          autocomplete="off"
          onInput={(event) => setQuantity(event.currentTarget.value)}
        />
      </label>
      <label class="field" hidden={as === 'absent'}>
        Average price
        <input
          value={price}
          inputMode="decimal"
          autocomplete="off"
          onInput={(event) => setPrice(event.currentTarget.value)}
        />
      </label>
    </OrderForm>
  );
}

function OrderForm({
  order,
  act,
  mayAct,
  close,
  path,
  what,
  change,
  children,
}: OrderDialogProps & {
  readonly path: 'replace' | 'resolve';
  readonly what: string;
  readonly change: OrderChange;
  readonly children: ComponentChildren;
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!mayAct || change.kind === 'problem') return;
        const address = `/api/orders/${encodeURIComponent(order.orderId)}/${path}`;
        act(what, () => post(address, change.body), ['orders', 'fills', 'positions']);
        close();
      }}
    >
      {children}
      {change.kind === 'problem' && <p class="dim">{change.why}</p>}
      {!mayAct && <p class="warn">Your token may only look.</p>}
      <button type="submit" class="danger" disabled={!mayAct || change.kind === 'problem'}>
        {path === 'replace' ? 'Change the order' : 'Book it so'}
      </button>
    </form>
  );
}
