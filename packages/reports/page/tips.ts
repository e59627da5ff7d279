import { element } from './elements.ts';

const GAP = 8;

/** Shows what `data-tip` says beside the element that is pointed at or has the focus. */
export function startTips(): void {
  const tip = element('div', '', 'tip');
  tip.setAttribute('role', 'tooltip');
  tip.id = 'tip';
  tip.hidden = true;
  document.body.append(tip);
  let over: Element | undefined;
  const hide = (): void => {
    over?.removeAttribute('aria-describedby');
    over = undefined;
    tip.hidden = true;
  };
  const show = (event: Event): void => {
    const target = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    if (target === over) return;
    hide();
    if (!(target instanceof HTMLElement)) return;
    over = target;
    const { tip: text = '', source } = target.dataset;
    tip.replaceChildren(element('span', text));
    if (source !== undefined) tip.append(element('small', source));
    target.setAttribute('aria-describedby', 'tip');
    tip.hidden = false;
    place(tip, target.getBoundingClientRect());
  };
  document.addEventListener('pointerover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('focusout', hide);
  document.addEventListener('scroll', hide, { passive: true });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
}

/** Puts a tip below what it is about, or above where there is no room. */
export function place(tip: HTMLElement, at: DOMRect): void {
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(at.left, document.documentElement.clientWidth - width - GAP));
  const below = at.bottom + GAP;
  const top = below + height > window.innerHeight ? at.top - height - GAP : below;
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(GAP, top)}px`;
}
