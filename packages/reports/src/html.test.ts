import { expect, it } from 'vitest';
import { html, prose } from './html.ts';

it('takes names between backticks as code, and escapes everything', () => {
  expect(html`<p>${prose('over `days` & <b>, a ` alone')}</p>`.text).toBe(
    '<p>over <code>days</code> &amp; &lt;b&gt;, a ` alone</p>',
  );
});
