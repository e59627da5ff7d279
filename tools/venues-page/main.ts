import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { venuesPage } from '../../packages/venues/src/acceptance/venues-page.ts';
import { SHOWN_VENUES } from '../../packages/venues/src/shown-venues.ts';

const page = join(import.meta.dirname, '..', '..', 'docs', 'venues.md');
const text = venuesPage(SHOWN_VENUES);
if (process.argv.includes('--check')) {
  const current = existsSync(page) ? readFileSync(page, 'utf8') : '';
  if (current !== text) {
    console.log("docs/venues.md is out of date: run 'npm run venues-page'");
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, text);
}
