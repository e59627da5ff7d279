import { expect, it } from 'vitest';
import { dateOfDay } from './civil-date.ts';
import { easterSunday } from './easter.ts';

it.each([
  [1954, '1954-04-18'],
  [1981, '1981-04-19'],
  [1998, '1998-04-12'],
  [2000, '2000-04-23'],
  [2008, '2008-03-23'],
  [2011, '2011-04-24'],
  [2019, '2019-04-21'],
  [2024, '2024-03-31'],
  [2035, '2035-03-25'],
  [2038, '2038-04-25'],
  [2049, '2049-04-18'],
  [2076, '2076-04-19'],
  [2285, '2285-03-22'],
])('finds Easter of %i on %s', (year, date) => {
  expect(dateOfDay(easterSunday(year))).toBe(date);
});
