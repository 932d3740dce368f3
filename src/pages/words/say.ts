import type { ComponentChild } from 'preact';
import { type Message, readMessage } from '../../messages.ts';
import { language, locale } from './language.ts';
import type { Key, Plural, ValueNames } from './message.ts';
import { WORDS } from './words.ts';

type Value = string | number;
type Values<K extends Key, V> = { readonly [N in ValueNames<K>]: N extends 'count' ? number : V };
type Rest<K extends Key, V> = [ValueNames<K>] extends [never] ? [] : [values: Values<K, V>];

/** A message of the page in its language; numbers as the language writes them. */
export function say<K extends Key>(key: K, ...[values]: Rest<K, Value>): string {
  return split(key, values).join('');
}

const LARGE = /^\d{1,3}(?:,\d{3})+$/;

/** A sentence of polar itself in the page's language; English where that has none. */
export function translate({ text, code, values, about }: Message): string {
  if (code === null || language.value === 'en') return text;
  // A value may be a sentence itself, or a number as English writes it.
  const own = Object.entries(values).map(([name, value]): [string, Value] => [
    name,
    typeof value === 'number'
      ? value
      : LARGE.test(value)
        ? Number(value.replaceAll(',', ''))
        : translate(readMessage(value)),
  ]);
  const sentence = split(code, Object.fromEntries(own)).join('');
  return about === null ? sentence : `${isolate(about)}: ${sentence}`;
}

/** The same with elements in the places of values, for a component to show. */
export function fill<K extends Key>(key: K, ...[values]: Rest<K, ComponentChild>): ComponentChild[] {
  return split<ComponentChild>(key, values);
}

/** A number as the language writes it. */
export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return format(`number ${JSON.stringify(options)}`, (tag) => new Intl.NumberFormat(tag, options)).format(
    value,
  );
}

/** A number with digits behind its point, and never fewer. */
export const decimal = (value: number, digits: number): string =>
  number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** "4 min", "2.5 hr": a duration in one unit. */
export const duration = (value: number, name: 'second' | 'minute' | 'hour', digits = 0): string =>
  number(value, unit(name, digits));

/** "4.2 MB", "780 KB": the size of a file, in thousands of bytes. */
export const size = (bytes: number): string =>
  number(
    ...(bytes < 999_500
      ? ([Math.ceil(bytes / 1e3), unit('kilobyte', 0)] as const)
      : ([bytes / 1e6, unit('megabyte', 1)] as const)),
  );

const unit = (name: string, digits: number): Intl.NumberFormatOptions => ({
  style: 'unit',
  unit: name,
  unitDisplay: 'short',
  maximumFractionDigits: digits,
});

/** A date as the language writes it. */
export function date(value: number | string | Date, options: Intl.DateTimeFormatOptions = {}): string {
  const formatter = format(`date ${JSON.stringify(options)}`, (tag) => new Intl.DateTimeFormat(tag, options));
  return formatter.format(new Date(value));
}

/** Names in a row with the language's "and" before the last one. */
export function list(items: readonly ComponentChild[]): ComponentChild[] {
  const places = items.map((_, index) => String(index));
  return format('list', (tag) => new Intl.ListFormat(tag))
    .formatToParts(places)
    .map(({ type, value }) => (type === 'element' ? items[Number(value)] : value));
}

// Making a formatter takes longer than using it, and a wall has thousands of numbers.
const formatters = new Map<string, unknown>();

function format<F>(name: string, make: (tag: string) => F): F {
  const key = `${locale.value} ${name}`;
  if (!formatters.has(key)) formatters.set(key, make(locale.value));
  return formatters.get(key) as F;
}

function split<V>(key: Key, values: Readonly<Record<string, V>> = {}): (string | V)[] {
  const message: string | Plural = WORDS[language.value][key];
  const text = typeof message === 'string' ? message : formOf(message, Number(values.count));
  return text.split(/\{(\w+)\}/).map((part, index) => (index % 2 === 0 ? part : shown(values[part] as V)));
}

function formOf(message: Plural, count: number): string {
  const rules = format(`plural ${language.value}`, () => new Intl.PluralRules(language.value));
  return message[rules.select(count)] ?? message.other;
}

const shown = <V>(value: V): string | V =>
  typeof value === 'number' ? number(value) : typeof value === 'string' ? isolate(value) : value;

const RIGHT_TO_LEFT =
  /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u;

/** A name that is written from right to left keeps its neighbours in their places. */
export const isolate = (text: string): string => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);
