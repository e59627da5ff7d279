import { dayOf, WEEKDAYS, weekdayFrom } from './civil-date.ts';

/**
 * Returns the day number of Easter Sunday (Gregorian): the Sunday after the first ecclesiastical full moon on or
 * after 21 March.
 * @source Gauss's computus with the Gregorian lunar and solar corrections.
 */
export function easterSunday(year: number): number {
  const century = Math.floor(year / 100);
  const lunarCorrection = Math.floor((8 * century + 13) / 25);
  const skippedLeapDays = century - Math.floor(century / 4);
  const goldenIndex = year % 19;
  let moonAge = (15 + skippedLeapDays - lunarCorrection + 19 * goldenIndex) % 30;
  // The tables move the latest moons a day forward, so that none falls after 18 April.
  if (moonAge === 29 || (moonAge === 28 && goldenIndex > 10)) moonAge -= 1;
  const fullMoon = dayOf(year, 3, 21) + moonAge;
  return weekdayFrom(fullMoon + 1, WEEKDAYS.sunday);
}
