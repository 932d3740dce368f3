import { COLOUR_NAMES, type Look, PATTERNS } from './look.ts';
import { WorldRandom } from './random.ts';
import { type Cast, compose, type Scene } from './scene.ts';
import { SETTINGS } from './settings.ts';
import { trainingDrawings, type World } from './world.ts';

/**
 * A random scene of one to three things in drawings that training may see.
 *
 * @param maxThings 1 for the first lessons, 3 for all
 */
export function sampleScene(world: World, seed: number, maxThings = 3): Scene {
  const random = new WorldRandom(seed);
  const count = Math.min(maxThings, random.pick([1, 1, 1, 2, 2, 2, 2, 3]));
  const cast: Cast[] = [];
  for (let i = 0; i < count; i++) {
    const before = cast.at(-1);
    if (before !== undefined && random.chance(0.08)) {
      cast.push(before); // "two cats"
      continue;
    }
    const thing = random.below(world.things.length);
    cast.push({
      thing,
      drawing: random.pick(trainingDrawings(world.things[thing]!)),
      look: sampleLook(random),
    });
  }
  return compose(cast, random.below(SETTINGS.length), seed);
}

function sampleLook(random: WorldRandom): Look {
  if (random.chance(0.75)) return {};
  const colour = random.chance(0.75) ? random.pick(COLOUR_NAMES) : undefined;
  if (colour !== undefined && random.chance(0.65)) return { colour };
  return {
    colour,
    pattern: random.pick(PATTERNS),
    patternColour: random.pick(COLOUR_NAMES.filter((name) => name !== colour)),
  };
}
