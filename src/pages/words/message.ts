import type { en } from './en.ts';

/** Forms of a message by the plural categories of its language; those without a form of their own take `other`. */
export type Plural = { readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>;

/** Name of a message. */
export type Key = keyof typeof en;

/** Every message: a language that lacks one does not compile. */
export type Words = { readonly [K in Key]: (typeof en)[K] extends string ? string : Plural };

type Forms<M> = M extends string ? M : M[keyof M];
type Places<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never;

/** Names of the values that a message has places for. */
export type ValueNames<K extends Key> =
  | Places<Forms<(typeof en)[K]>>
  | ((typeof en)[K] extends string ? never : 'count');
