/** Undefined: the browser's own language, which is what its user has chosen for numbers and dates. */
const LOCALE = undefined;

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium' });
const exactMoment = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'medium' });
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });
const plurals = new Intl.PluralRules('en');

export const formatCount = (value: number): string => whole.format(value);
export const formatAverage = (value: number): string => oneDecimal.format(value);
export const formatDay = (time: string): string => day.format(new Date(time));
export const formatMoment = (time: string): string => moment.format(new Date(time));
export const formatClock = (time: number | string): string => clock.format(new Date(time));
export const formatExactMoment = (time: number | string): string => exactMoment.format(new Date(time));
export const formatShare = (share: number): string => percent.format(share);

/** `3 customers`, `1 customer`: the texts are English, so are the rules that choose among them. */
export function counted(value: number, words: { one: string; other: string }): string {
  return `${formatCount(value)} ${plurals.select(value) === 'one' ? words.one : words.other}`;
}
