/** Returns an element of the page by id. */
export const byId = <E extends HTMLElement>(id: string): E | undefined =>
  (document.getElementById(id) as E | null) ?? undefined;

/** Makes an element with text; text is never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}

/** Shows a control that works only with scripts, and tells when it is used. */
export function onClick(id: string, act: (button: HTMLButtonElement) => void): void {
  const button = byId<HTMLButtonElement>(id);
  if (button === undefined) return;
  button.hidden = false;
  button.addEventListener('click', () => act(button));
}

/** The data of the page. */
export function pageData<T>(): T {
  return JSON.parse(byId('data')?.textContent ?? 'null') as T;
}
