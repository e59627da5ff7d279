import { byId } from './elements.ts';

/** The page's colours, as charts need them. */
export interface Colours {
  readonly text: string;
  readonly strong: string;
  readonly grid: string;
  readonly panel: string;
  readonly up: string;
  readonly down: string;
  readonly accent: string;
  readonly faint: string;
  readonly dim: string;
  readonly downFaint: string;
}

const KEY = 'capstan-theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const listeners: ((colours: Colours) => void)[] = [];

/** The colours now. */
export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: colour('--dim'),
    strong: colour('--text'),
    grid: colour('--grid'),
    panel: colour('--panel'),
    up: colour('--up'),
    down: colour('--down'),
    accent: colour('--accent'),
    faint: colour('--accent-faint'),
    dim: colour('--line-strong'),
    downFaint: colour('--down-faint'),
  };
}

/** Calls now and whenever the colours change. */
export function onColours(listener: (colours: Colours) => void): void {
  listeners.push(listener);
  listener(colours());
}

const tell = (): void => {
  for (const listener of listeners) listener(colours());
};

const shown = (): string => document.documentElement.dataset.theme ?? '';
const isDark = (): boolean => shown() === 'dark' || (shown() === '' && system.matches);

function show(theme: string): void {
  if (theme === '') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const button = byId('theme');
  if (button !== undefined) button.textContent = isDark() ? 'Light' : 'Dark';
  button?.setAttribute('aria-label', isDark() ? 'Show in light colours' : 'Show in dark colours');
  tell();
}

/** Pages opened from a disk may have no storage. */
function stored(value?: string): string {
  try {
    if (value !== undefined) localStorage.setItem(KEY, value);
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

/** Starts the switch between light and dark; `#dark` and `#light` in the address choose too. */
export function startTheme(): void {
  const asked = /^#(dark|light)$/.exec(location.hash)?.[1];
  const kept = stored();
  show(asked ?? (kept === 'dark' || kept === 'light' ? kept : ''));
  system.addEventListener('change', () => show(shown()));
  const button = byId('theme');
  if (button === undefined) return;
  button.hidden = false;
  button.addEventListener('click', () => {
    const next = isDark() ? 'light' : 'dark';
    stored(next);
    show(next);
  });
}

/** Calls before and after printing; paper is light. */
export function onPrint(before: () => void, after: () => void): void {
  let was = '';
  window.addEventListener('beforeprint', () => {
    was = shown();
    for (const notes of document.querySelectorAll('.warnings details')) {
      notes.setAttribute('open', '');
    }
    show('light');
    before();
  });
  window.addEventListener('afterprint', () => {
    show(was);
    after();
  });
  const button = byId('print');
  if (button === undefined) return;
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
