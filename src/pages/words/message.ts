import type { MESSAGES, PlacesOf, Plural } from '../../messages.ts';
import type { en } from './en.ts';

export type { Plural };

/** Name of a message. */
export type Key = keyof typeof en;

/** Every message: a language that lacks one does not compile. */
export type Words = { readonly [K in Key]: (typeof en)[K] extends string ? string : Plural };

/** The sentences of polar itself, in another language. */
export type MessageWords = {
  readonly [C in keyof typeof MESSAGES]: (typeof MESSAGES)[C] extends string ? string : Plural;
};

/** Names of the values that a message has places for. */
export type ValueNames<K extends Key> = PlacesOf<(typeof en)[K]>;
