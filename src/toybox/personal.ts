import type { Sprite } from './canvas.ts';
import { dress, type Look } from './look.ts';
import type { WorldRandom } from './random.ts';
import type { Cast } from './scene.ts';
import {
  heldOutDrawing,
  readSprites,
  readWorld,
  spriteOf,
  type Thing,
  trainingDrawings,
  type World,
} from './world.ts';

/** A thing that is somebody's own: a drawing that training never saw, painted, patterned, perhaps with an accessory. */
export interface PersonalThing {
  readonly name: string;
  readonly className: string;
  readonly look: Look;
  /** Another thing that it always wears on top. */
  readonly accessory?: string;
}

const own = (name: string, className: string, look: Look, accessory?: string): PersonalThing => ({
  name,
  className,
  look,
  ...(accessory === undefined ? {} : { accessory }),
});
const painted = (
  colour: Look['colour'],
  pattern?: Look['pattern'],
  patternColour?: Look['patternColour'],
): Look => ({
  colour,
  pattern,
  patternColour,
});

/** Things, pets and vehicles: the concepts of the Toybox ConCon-Chi, and of the photo library. */
export const PERSONAL_THINGS: readonly PersonalThing[] = [
  own('Rex', 'dog', painted('blue', 'dotted', 'white')),
  own('Mimi', 'cat', painted('pink', 'striped', 'black')),
  own('Bolt', 'horse', painted('green', 'checked', 'yellow')),
  own('Biscuit', 'rabbit', painted('yellow', 'dotted', 'red'), 'crown'),
  own('Coco', 'parrot', painted('white', 'striped', 'purple')),
  own('Shelly', 'turtle', painted('red', 'checked', 'white')),
  own('Hoot', 'owl', painted('orange', 'dotted', 'blue'), 'graduation cap'),
  own('Ella', 'elephant', painted('purple', 'striped', 'yellow')),
  own('Rusty', 'car', painted('orange', 'checked', 'black')),
  own('Dasher', 'bicycle', painted('pink', 'dotted', 'green')),
  own('Puffer', 'train', painted('yellow', 'striped', 'blue')),
  own('Salty', 'sailboat', painted('black', 'dotted', 'orange'), 'anchor'),
  own('Earl', 'teapot', painted('green', 'striped', 'white')),
  own('Latte', 'cup of coffee', painted('red', 'dotted', 'yellow')),
  own('Strum', 'guitar', painted('white', 'checked', 'red')),
  own('Pack', 'backpack', painted('purple', 'dotted', 'white')),
  own('Click', 'camera', painted('yellow', 'checked', 'purple')),
  own('Drizzle', 'umbrella', painted('black', 'striped', 'pink')),
  own('Cuddles', 'teddy bear', painted('blue', 'striped', 'red'), 'sun hat'),
  own('Spike', 'cactus', painted('pink', 'checked', 'blue'), 'glasses'),
];

/** Clothes: the concepts of the Toybox DeepFashion2. */
export const PERSONAL_CLOTHES: readonly PersonalThing[] = [
  own('1', 't shirt', painted('green', 'dotted', 'white')),
  own('2', 'dress', painted('yellow', 'striped', 'red')),
  own('3', 'jeans', painted('purple', 'checked', 'white')),
  own('4', 'coat', painted('orange', 'striped', 'black')),
  own('5', 'shorts', painted('pink', 'checked', 'green')),
  own('6', 'scarf', painted('blue', 'dotted', 'yellow')),
  own('7', 'gloves', painted('red', 'striped', 'white')),
  own('8', 'cap', painted('white', 'checked', 'purple')),
  own('9', 'running shoe', painted('black', 'dotted', 'red')),
  own('10', 'necktie', painted('pink', 'striped', 'blue')),
  own('11', 't shirt', painted('red', 'checked', 'black')),
  own('12', 'dress', painted('blue', 'dotted', 'pink')),
  own('13', 'boot', painted('yellow', 'checked', 'blue')),
  own('14', 'sun hat', painted('purple', 'striped', 'orange')),
  own('15', 'purse', painted('green', 'checked', 'red')),
  own('16', 'high heel', painted('orange', 'dotted', 'blue')),
  own('17', 'socks', painted('white', 'striped', 'green')),
  own('18', 'bikini', painted('black', 'checked', 'yellow')),
  own('19', 'top hat', painted('red', 'dotted', 'white')),
  own('20', 'glasses', painted('green', 'striped', 'purple')),
];

/** The world and personal things: their numbers follow those of the world's own. */
export interface Toybox {
  readonly world: World;
  /** The world with the personal things in it under their classes' names, for captions. */
  readonly extended: World;
  readonly personal: readonly PersonalThing[];
  readonly sprites: (thing: number) => readonly Sprite[];
}

/** Opens the world that ships with the package, with these personal things in it. */
export async function openToybox(personal: readonly PersonalThing[]): Promise<Toybox> {
  const world = await readWorld();
  const sprites: (readonly Sprite[])[] = await Promise.all(
    world.things.map((thing) => readSprites(thing, world.side)),
  );
  const things: Thing[] = [...world.things];
  for (const { className, look, accessory } of personal) {
    const base = thingNumber(world, className);
    const drawing = heldOutDrawing(world.things[base]!);
    const sprite = dress(sprites[base]![drawing]!, look);
    const worn = accessory === undefined ? undefined : sprites[thingNumber(world, accessory)]![0]!;
    sprites.push([worn === undefined ? sprite : wear(sprite, worn)]);
    things.push({ ...world.things[base]!, drawings: [`own:${className}`] });
  }
  return { world, extended: { ...world, things }, personal, sprites: (thing) => sprites[thing]! };
}

/** The number of the world's thing of this name. */
export function thingNumber(world: World, name: string): number {
  const found = world.things.findIndex((thing) => thing.name === name);
  if (found < 0) throw new Error(`the Toybox world has no ${name}`);
  return found;
}

/** The personal thing of this index, to be placed in a scene. */
export const personalCast = ({ world }: Toybox, index: number): Cast => ({
  thing: world.things.length + index,
  drawing: 0,
  look: {},
});

/** Another thing of the same class: as any drawing that training saw, most of them painted too. */
export function lookAlike({ world, personal }: Toybox, index: number, random: WorldRandom): Cast {
  const { className, look } = personal[index]!;
  const thing = thingNumber(world, className);
  const others = personal.flatMap(({ look: other }) => (other === look ? [] : [other]));
  const drawing = random.pick(trainingDrawings(world.things[thing]!));
  return { thing, drawing, look: random.chance(0.6) ? random.pick(others) : {} };
}

/** One sprite at half its size upon the upper half of another. */
function wear(sprite: Sprite, worn: Sprite): Sprite {
  const { side, data } = sprite.levels[0]!;
  const small = worn.levels[1]!;
  const painted = Float32Array.from(data);
  const left = (side - small.side) / 2;
  for (let y = 0; y < small.side; y++) {
    for (let x = 0; x < small.side; x++) {
      const from = (y * small.side + x) * 4;
      const to = (y * side + left + x) * 4;
      const rest = 1 - small.data[from + 3]!;
      for (let k = 0; k < 4; k++) painted[to + k] = painted[to + k]! * rest + small.data[from + k]!;
    }
  }
  return spriteOf(side, painted);
}
