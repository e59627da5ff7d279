import { expect, it } from 'vitest';
import { withFigures } from './page.ts';

it('adds a section, then replaces only what is between its marks', () => {
  const first = withFigures('# Page\n', 'core', 'old');
  expect(first).toBe('# Page\n\n## core\n\n<!-- figures core -->\n\nold\n\n<!-- end core -->\n');
  const told = first.replace('## core', '## core\n\nIn words.');
  const second = withFigures(withFigures(told, 'sim', 'other'), 'core', 'new');
  expect(second).toContain('In words.\n\n<!-- figures core -->\n\nnew\n\n<!-- end core -->');
  expect(second).toContain('other');
  expect(second).not.toContain('old');
});

it('refuses a page whose marks do not close', () => {
  expect(() => withFigures('<!-- figures core -->', 'core', 'new')).toThrow('without');
});
