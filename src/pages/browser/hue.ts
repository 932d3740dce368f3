import type { ConceptView } from './protocol.ts';

const HUES = 8;

/** Class of a concept's colour: its own as long as there are few. */
export function hueOf(name: string, concepts: readonly ConceptView[]): string {
  const index = concepts.findIndex((concept) => concept.name === name);
  return `hue-${Math.max(0, index) % HUES}`;
}
