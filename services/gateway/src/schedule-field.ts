import { type BotSchedule, readSchedule } from '@capstan/domain';
import { badField, type Fields } from './fields.ts';

const KEYS = [
  'days',
  'start',
  'end',
  'timeZone',
  'afterOpenMinutes',
  'beforeCloseMinutes',
  'atEnd',
] as const;
const MINUTES = { min: 0, max: 1_440 } as const;

/** Reads when a bot may open: `always`, which is also what nothing means, or bounds. @throws GATEWAY.REQUEST naming the key. */
export function scheduleOf(body: Fields): { readonly schedule?: BotSchedule } {
  const given = new Map(body.entries()).get('schedule');
  if (given === undefined || given === null || given === 'always') return {};
  if (typeof given !== 'object')
    throw badField('schedule', `must be always or have ${KEYS.join(', ')}`);
  const fields = body.inner('schedule');
  const names = fields.entries().map(([name]) => name);
  const unknown = names.find((name) => !KEYS.some((key) => key === name));
  if (unknown !== undefined)
    throw badField(`schedule.${unknown}`, `is unknown; known: ${KEYS.join(', ')}`);
  const has = (key: (typeof KEYS)[number]): boolean => names.includes(key);
  const read = readSchedule({
    days: has('days') ? fields.texts('days') : undefined,
    start: fields.optionalText('start'),
    end: fields.optionalText('end'),
    timeZone: fields.optionalText('timeZone'),
    afterOpenMinutes: has('afterOpenMinutes')
      ? fields.integer('afterOpenMinutes', MINUTES)
      : undefined,
    beforeCloseMinutes: has('beforeCloseMinutes')
      ? fields.integer('beforeCloseMinutes', MINUTES)
      : undefined,
    atEnd: fields.optionalText('atEnd'),
  });
  if (read.kind === 'schedule') return { schedule: read.schedule };
  throw badField(read.key === undefined ? 'schedule' : `schedule.${read.key}`, read.rule);
}
