// Takes a concept elsewhere: as a PEFT adapter, which Python's `peft` loads, and as a file of the released code.
// Run learn-and-search.ts first, which learns it.
import { readdir } from 'node:fs/promises';
import {
  ConceptStore,
  loadClip,
  readConcept,
  readReleasedCheckpoint,
  saveConcept,
  writeReleasedCheckpoint,
} from 'polar-vl';
import { encodeSentence, personalSentence } from 'polar-vl/polar';

const clip = await loadClip('toybox');
const rex = await new ConceptStore('toybox-concepts').get('Rex');

await saveConcept('rex-adapter', rex);
console.log((await readdir('rex-adapter')).sort().join(', ')); //=> adapter_config.json, adapter_model.safetensors, features.safetensors

const back = await readConcept('rex-adapter');
const read = (concept: typeof rex) => encodeSentence(clip, personalSentence('Rex in the snow', [concept]));
const [before, after] = [await read(rex), await read(back)];
console.log(before.every((value, i) => value === after[i])); //=> true

await writeReleasedCheckpoint('concept0.pt', rex); // for torch.load(..., weights_only=True)
const { identifier, A, B } = await readReleasedCheckpoint('concept0.pt');
console.log(identifier, A.length === clip.width, B.length === clip.width); //=> sks dog true true
await clip.close();
