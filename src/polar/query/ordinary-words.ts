// English words that are also given to people, pets and things as names. "It may rain" is not about May.
const WORDS = new Set(
  `may will mark rose hope grace art bill rich frank sue pat dawn april june august summer autumn winter spring joy
faith daisy lily ivy holly hazel ginger pepper olive honey sunny bear tiger lion wolf fox lucky shadow star sky storm
cookie biscuit chip angel prince princess duke king queen bandit buddy peanut bean snow snowy rain river rocky sandy
misty cloud cloudy ash amber ruby pearl jade coral crystal diamond gold silver rusty dusty blue red black white brown
smoky midnight moon sun sunshine forest brook cliff dale glen heath reed robin jay martin drew chase chance
hunter cooper baker mason carter page harmony melody carol dot penny bob jack nick rob sage basil rosemary clover
poppy violet iris fern willow maple cherry berry plum peach apple lemon mango kiwi coconut pumpkin nutmeg cinnamon
caramel toffee mocha coffee latte brandy whisky sherry champagne sugar candy muffin waffle pancake noodle dumpling
button patch patches spot socks boots mittens whiskers paws fluffy fuzzy tiny baby boss chief major general captain
rebel ranger scout hero rocket turbo flash dash thunder lightning blaze flame ember spirit magic mystery wish
dream love precious treasure happy merry gay pride justice liberty freedom victory victor grant miles van don can
the a an in on of at to it is and or with for no not one two i`.split(/\s+/),
);

/** Whether a folded name is also an ordinary English word, so that a sentence may hold it without meaning the name. */
export const isOrdinaryWord = (folded: string): boolean => WORDS.has(folded);
