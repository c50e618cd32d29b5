const DAY = /^(\d{4})-(\d\d)-(\d\d)$/u;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/u;

/**
 * A date as a person gives it: a day, which begins and ends where the reader lives,
 * or a time in ISO form. Null for everything else, a 30th of February too.
 */
export function dayOrTime(text: string, edge: 'start' | 'end'): Date | null {
  const [whole, year, month, day] = DAY.exec(text) ?? [];
  if (whole === undefined) {
    const time = new Date(TIME.test(text) ? text : Number.NaN);
    return Number.isNaN(time.getTime()) ? null : time;
  }
  const start = new Date(Number(year), Number(month) - 1, Number(day));
  if (start.getMonth() !== Number(month) - 1 || start.getDate() !== Number(day)) return null;
  if (edge === 'start') return start;
  // The next midnight is not always 24 hours away.
  const next = new Date(start.getFullYear(), start.getMonth(), start.getDate() + 1);
  return new Date(next.getTime() - 1);
}
