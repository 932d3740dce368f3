import { hueOf } from '../store.ts';

/** A learnt thing's name in its colour, written in the name's own direction. */
export function Chip({ name }: { readonly name: string }) {
  return <bdi class={`chip ${hueOf(name)}`}>{name}</bdi>;
}
