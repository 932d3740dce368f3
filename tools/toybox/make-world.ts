/**
 * Draws the world's things once: every icon of every set becomes 96 x 96 pixels in
 * `models/toybox-world/things/<thing>.webp` (one row a thing), listed in `models/toybox-world/world.json`.
 *
 *     npx tsx tools/toybox/make-world.ts
 */
import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { drawIcon, openIconSet, readIconFile } from './icons.ts';

// Sets under share-alike licences are left out: the drawings ship inside an MIT package.
const SETS = ['noto', 'twemoji', 'fluent-emoji', 'fluent-emoji-flat', 'emojione', 'fxemoji', 'noto-v1'];
const CATEGORIES = ['Animals & Nature', 'Food & Drink', 'Activities', 'Objects', 'Travel & Places'];
const SIDE = 96;
const FEWEST = 4;

// Abstract signs, backgrounds, groups of things and near doubles make poor things.
const LEFT_OUT =
  /-face|clock$|o-clock|oclock|thirty|moon|sun|medal|suit|envelope|mail|speaker|lock|chart|card|page|arrow|light-rail|oncoming|folder|banknote|notes?$|cloud|globe|fog|fire$|firework|map|night|cityscape|dusk|houses|bookmark|index|tray|ticket|wave|-book$|magnifying-glass-tilted-right|disk$|cyclone|motorway|microbe|dna|wing$|paw|nose|water-buffalo|guide-dog|service-dog|black-cat|front-facing|two-hump|ewe|^ox$|^rat$|red-apple|green-apple|clinking|stuffed|kaaba|love-hotel|post-office|department|building|mountain-|railway|metro|station|tram-car|high-speed|suspension|level|knobs|playing-cards|mahjong|joker|paper$|x-ray|hamsa|nazar|coffin|urn|headstone|cigarette|bomb|dagger|swords|syringe|drop|heart|sparkle|fallen|fluttering|leafy|wilted|blossom|shooting|glowing|comet|hot-springs|milky|hook|knot|chains|clipboard|hammer-and|receipt|memo|label|link|newspaper|placard|film-frames|postbox|ballot|construction|wedding|seat|stop|desert$|foggy|rainbow|sunrise|sunset|volcano|mountain|fuji|park|stadium|statue|tower|elevator|muted|battery|plug|umbrella-|bell-with|small-airplane|airplane-|motorized|police-car-light|nest|herb|seedling|shamrock|sheaf|rosette|bubbles|spatter|pouring|takeout|shallow|pot-of|oden|dango|cut-of|cooked|curry|custard|steaming|fork-and-knife-|tumbler|beverage-box|roasted|rice-cracker|moon-cake|fish-cake|tamale|flatbread|ledger|notepad|ruler$|pager|trackball|videocassette|dvd|identification|fax|camera-with|with-rain|ice$|salt|butter$|beans|money-with|mobile-phone-|telephone-receiver|paperclips|pushpin|snowman-without|first|japanese-castle|synagogue|mosque|hindu|shrine|church|school|hospital|hotel|bank$|convenience|classical|derelict|house-with|cableway|monorail|trolley|minibus|locomotive|bullet|taxi|delivery|sport-util|ceremony|performing|reminder|ribbon$|tanabata|pine-dec|red-envelope|diya|wood$|brick|rock$|window|door|placard|long-drum|flat-shoe|thong|womans-s|clutch|handbag|cherry-bl|white-flower|hibiscus|lotus|hyacinth|worm|cockroach|^fly$|lady|mosquito|^bug$|cricket|dodo|mammoth|bison|boar|^ram$|poodle|orangutan|chipmunk|badger|skunk|worm|orange-book|notebook-|prayer|white-cane|yen|dollar|horizontal|high-v|star$|tornado|snowflake|wind|flag|party|confetti|firecracker|carp|wrapped|admission|circus|barber|fuel|bus-stop|satellite|petri|clamp|crutch|mouse-trap|roll-of|safety-vest|briefs|swimsuit|kimono|sari|martial|running-shirt|womans-clothes|lab-coat|hiking|mans-shoe|tokyo|amphora|sake$|teacup|mate$|glass-of|ginger|falafel|fondue|bento|chopsticks|hedgehog0|meat-on|poultry|spaghetti|food|shaved|soft-ice|cloud|pea-pod|cut|spider-web|shopping-bags|card|film-proj|movie-camera|studio-micro|musical-score|softball|lacrosse|field-hockey|cricket|ping-pong|badminton|pool|goal|curling|boxing|bullseye|hourglass-not|tear-off|spiral-cal|passenger|motor-boat|black-nib|hair-pick|broken|japanese-dolls|brown-|fried-|camping|spouting|coin|ice-hockey|pick$|nut-and|safety-pin|file-cab|adhesive|sewing|puzzle|slot|lotion|oil-drum|military|desk-bell|bellhop/;

const NAMES: Record<string, string> = {
  automobile: 'car',
  cooking: 'fried egg',
  bowling: 'bowling pins',
  tennis: 'tennis racket',
  'ringed-planet': 'planet',
  'hourglass-done': 'hourglass',
  'rugby-football': 'rugby ball',
  'desert-island': 'island',
  skis: 'pair of skis',
  'articulated-lorry': 'lorry',
  honeybee: 'bee',
  't-rex': 'dinosaur',
  sauropod: 'brontosaurus',
  'deciduous-tree': 'tree',
  'evergreen-tree': 'fir tree',
  'hot-beverage': 'cup of coffee',
  'spouting-whale': 'blue whale',
  'computer-mouse': 'computer mouse',
  'baguette-bread': 'baguette',
  'carpentry-saw': 'saw',
  'billed-cap': 'cap',
  'womans-boot': 'boot',
  'womans-hat': 'sun hat',
  'top-hat': 'top hat',
  'couch-and-lamp': 'couch',
  'shallow-pan': 'pan',
  'rescue-workers-helmet': 'helmet',
  'magnifying-glass-tilted-left': 'magnifying glass',
  'game-die': 'die',
  'soccer-ball': 'football',
  house: 'house',
  alembic: 'flask',
  wastebasket: 'waste bin',
  headphone: 'headphones',
  'ear-of-corn': 'corn',
  'bottle-with-popping-cork': 'bottle',
  'gem-stone': 'diamond',
  'money-bag': 'money bag',
  'old-key': 'old key',
  'red-paper-lantern': 'lantern',
  'folding-hand-fan': 'fan',
  moai: 'stone head',
  bus: 'bus',
  'manual-wheelchair': 'wheelchair',
  'bellhop-bell': 'desk bell',
  'mantelpiece-clock': 'clock',
  drum: 'drum',
  'jack-o-lantern': 'pumpkin',
  'cheese-wedge': 'cheese',
  'bowl-with-spoon': 'bowl',
  'cup-with-straw': 'paper cup',
  'beer-mug': 'beer',
  'potted-plant': 'potted plant',
  blowfish: 'pufferfish',
  'fork-and-knife': 'fork',
  paintbrush: 'paintbrush',
  'spiral-shell': 'shell',
  'baby-chick': 'chick',
  'high-heeled-shoe': 'high heel',
  'fire-extinguisher': 'fire extinguisher',
  books: 'stack of books',
  'open-book': 'book',
  package: 'parcel',
  'aerial-tramway': 'cable car',
  'carousel-horse': 'carousel horse',
  'ring-buoy': 'life ring',
  'beach-with-umbrella': 'parasol',
  'artist-palette': 'palette',
  'flying-saucer': 'ufo',
  'flying-disc': 'frisbee',
  'vertical-traffic-light': 'traffic light',
};

const sets = new Map(await Promise.all(SETS.map(async (set) => [set, await openIconSet(set)] as const)));
const { categories } = await readIconFile<{ categories: Record<string, string[]> }>('noto', 'metadata.json');

const root = new URL('../../models/toybox-world/', import.meta.url);
await mkdir(new URL('things/', root), { recursive: true });
const people = ['man', 'woman', 'boy', 'girl', 'baby'];
const icons = [
  ...people.map((icon) => ({ icon, category: 'People' })),
  ...CATEGORIES.flatMap((category) =>
    categories[category]!.filter((icon) => !LEFT_OUT.test(icon)).map((icon) => ({ icon, category })),
  ),
];
const things: { name: string; category: string; drawings: string[] }[] = [];
for (const { icon, category } of icons) {
  const drawings = SETS.flatMap((set) => {
    const svg = sets.get(set)!(icon);
    return svg === undefined ? [] : [{ set, svg }];
  });
  if (drawings.length < FEWEST) continue;
  const tiles = await Promise.all(drawings.map(({ svg }) => drawIcon(svg, SIDE).png().toBuffer()));
  const name = NAMES[icon] ?? icon.replaceAll('-', ' ');
  await sharp({ create: { width: SIDE * tiles.length, height: SIDE, channels: 4, background: '#00000000' } })
    .composite(tiles.map((input, i) => ({ input, left: i * SIDE, top: 0 })))
    .webp({ quality: 75, alphaQuality: 80, effort: 4 })
    .toFile(new URL(`things/${name.replaceAll(' ', '-')}.webp`, root).pathname);
  things.push({ name, category, drawings: drawings.map(({ set }) => `${set}:${icon}`) });
}
await writeFile(new URL('world.json', root), `${JSON.stringify({ side: SIDE, things }, null, 1)}\n`);
process.stderr.write(
  `${things.length} things, ${things.reduce((n, t) => n + t.drawings.length, 0)} drawings\n`,
);
