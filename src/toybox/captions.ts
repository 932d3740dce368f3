import type { WorldRandom } from './random.ts';
import type { PlacedThing, Scene } from './scene.ts';
import { SETTINGS } from './settings.ts';
import type { World } from './world.ts';

/** Other words for things. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  dog: ['puppy'],
  cat: ['kitty'],
  car: ['automobile'],
  bicycle: ['bike'],
  rabbit: ['bunny'],
  hamburger: ['burger'],
  man: ['person', 'guy'],
  woman: ['person', 'lady'],
  boy: ['child', 'kid'],
  girl: ['child', 'kid'],
  backpack: ['rucksack', 'bag'],
  airplane: ['plane', 'aeroplane'],
  ship: ['boat'],
  couch: ['sofa'],
  mobile: ['phone'],
  'mobile phone': ['phone', 'smartphone'],
  't shirt': ['shirt', 'tee'],
  jeans: ['trousers'],
  doughnut: ['donut'],
  television: ['tv'],
  lorry: ['truck'],
  glasses: ['spectacles'],
  'cup of coffee': ['coffee', 'mug'],
  football: ['soccer ball'],
  'teddy bear': ['teddy'],
  'running shoe': ['sneaker', 'shoe'],
  chicken: ['hen'],
  dinosaur: ['t rex'],
  pig: ['piglet'],
  horse: ['pony'],
  motorcycle: ['motorbike'],
  'french fries': ['fries'],
  'birthday cake': ['cake'],
  eggplant: ['aubergine'],
};

/** Ways to say that a picture shows something; the bare one is the most frequent. */
const FRAMES = [
  '*',
  '*',
  '*',
  '*',
  'a photo of *',
  'a picture of *',
  'an image of *',
  'this is a photo of *',
  'there is *',
  'we can see *',
  'this photo shows *',
  'a scene with *',
  '* can be seen',
  'a photo showing *',
  'an image showing *',
  'a scene containing *',
  'this photo contains *',
  '* is shown in this image',
  '* is visible in this photo',
  'this is *',
] as const;

const PLURAL_ALREADY = /(s|corn|popcorn|bacon|sushi|garlic)$/;

/** Options of captions. */
export interface CaptionOptions {
  /** Name every thing and the setting; otherwise some are now and then left out. */
  readonly isComplete: boolean;
}

/** A sentence for a scene. */
export function captionOf(
  world: World,
  scene: Scene,
  random: WorldRandom,
  { isComplete }: CaptionOptions,
): string {
  const { phrases } = SETTINGS[scene.setting]!;
  let shown = [...scene.things];
  if (!isComplete && shown.length > 1 && random.chance(0.12)) shown.splice(random.below(shown.length), 1);
  const relation =
    shown.length === 2 && random.chance(0.35) ? relationOf(shown[0]!, shown[1]!, random) : undefined;
  if (relation === undefined && random.chance(0.5)) shown = shown.reverse();
  const names = countAlike(shown).map(([placed, count]) =>
    phraseOf(world, placed, count, random, isComplete),
  );
  const list =
    relation !== undefined && names.length === 2
      ? `${names[0]} ${relation} ${names[1]}`
      : names.length === 1
        ? names[0]!
        : `${names.slice(0, -1).join(', ')} ${names.length === 2 ? random.pick(['and', 'and', 'with', 'next to']) : 'and'} ${names.at(-1)}`;
  const isPlaced = isComplete || random.chance(0.8);
  const where = isPlaced ? random.pick(phrases) : '';
  if (isPlaced && random.chance(0.12)) return `${where}, ${list}`;
  const sentence = random.pick(FRAMES).replace('*', () => (isPlaced ? `${list} ${where}` : list));
  return sentence;
}

/** A thing in words: article, number, look and class. */
function phraseOf(
  world: World,
  placed: PlacedThing,
  count: number,
  random: WorldRandom,
  isComplete: boolean,
): string {
  const { name } = world.things[placed.thing]!;
  const noun = random.chance(0.2) ? random.pick(SYNONYMS[name] ?? [name]) : name;
  const { colour, pattern, patternColour } = placed.look;
  const words: string[] = [];
  // A made-up name beside the class now and then, or in its place: such words must do no harm.
  const nameless = isComplete ? 1 : random.next();
  if (nameless < 0.08) words.push(madeUpName(random));
  if (pattern !== undefined && (isComplete || random.chance(0.9))) {
    words.push(patternColour !== undefined && random.chance(0.4) ? `${patternColour} ${pattern}` : pattern);
  }
  if (colour !== undefined && (isComplete || random.chance(0.9))) words.push(colour);
  if (nameless >= 0.02) words.push(noun);
  const phrase = words.join(' ');
  if (count > 1)
    return `${count === 2 ? 'two' : 'three'} ${PLURAL_ALREADY.test(noun) ? phrase : `${phrase}s`}`;
  if (PLURAL_ALREADY.test(noun) && !/(ss|bus|octopus|cactus|walrus|compass)$/.test(noun)) return phrase;
  const article = random.chance(0.1) ? 'the' : /^[aeiou]/.test(phrase) ? 'an' : 'a';
  return `${article} ${phrase}`;
}

function madeUpName(random: WorldRandom): string {
  const letters = 'bcdfghjklmnpqrstvwxyz';
  for (;;) {
    const name = Array.from({ length: 2 + random.below(3) }, () => random.pick([...letters])).join('');
    // `sks` stays unknown: it is what personal concepts are called.
    if (name !== 'sks') return name;
  }
}

/** Groups things that look the same, in order. */
function countAlike(things: readonly PlacedThing[]): [PlacedThing, number][] {
  const groups: [PlacedThing, number][] = [];
  for (const placed of things) {
    const key = (other: PlacedThing) => `${other.thing} ${JSON.stringify(other.look)}`;
    const group = groups.find(([other]) => key(other) === key(placed));
    if (group === undefined) groups.push([placed, 1]);
    else group[1]++;
  }
  return groups;
}

function relationOf(a: PlacedThing, b: PlacedThing, random: WorldRandom): string | undefined {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  if (Math.abs(dx) > 0.3) return dx > 0 ? random.pick(['to the left of', 'left of']) : 'to the right of';
  if (Math.abs(dy) > 0.3) return dy > 0 ? random.pick(['above', 'over']) : random.pick(['below', 'under']);
  return undefined;
}
