import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { PolarError } from '../errors.ts';
import { readReleasedCheckpoint, writeReleasedCheckpoint } from '../node/concepts/checkpoint-file.ts';
import { readConcept, saveConcept } from '../node/concepts/concept-folder.ts';
import { exists, writeBeside } from '../node/files.ts';
import { type Concept, IDENTIFIER, requireSameModel } from '../polar/concept/concept.ts';
import { nameTaken } from '../polar/concept/concept-name.ts';
import { requireReleasedFamily } from '../polar/concept/released-checkpoint.ts';
import { MAX_ZIP_BYTES, unzipConcept, zipConcept } from '../polar/concept/zip.ts';
import { familyOf } from '../polar/learn.ts';
import { fold } from '../polar/query/fold.ts';
import { DEFAULT_TRAINING } from '../polar/training-defaults.ts';
import { MODEL_HELP, type ModelOptions } from './common.ts';
import { openModel, openStore } from './open.ts';
import { openConcepts } from './open-concepts.ts';
import { colour, count, print, printJson, say } from './output.ts';
import { existing, modelName, pathName } from './paths.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** `polar concepts list | show | rename | remove | export | import` */
export function register(concepts: Command): void {
  concepts
    .command('list', { isDefault: true })
    .description('all of them, or everything about one')
    .argument('[name]')
    .option('--json', 'print as JSON')
    .action((name: string | undefined, options: JsonOption) =>
      name === undefined ? list(options) : show(name, options),
    );
  concepts
    .command('show')
    .description('everything about one')
    .argument('<name>')
    .option('--json', 'print as JSON')
    .action(show);
  concepts
    .command('rename')
    .description('call it something else')
    .argument('<name>')
    .argument('<new-name>')
    .option('--json', 'print the renamed concept as JSON')
    .action(async (name: string, to: string, options: JsonOption) => {
      const renamed = await openConcepts().rename(name, to);
      if (options.json) printJson(describe(renamed));
      else print(`${name} is now called ${to}`);
    });
  concepts
    .command('remove')
    .description('forget it')
    .argument('<name>')
    .option('--json', 'print what was removed as JSON')
    .action(async (name: string, options: JsonOption) => {
      await openConcepts().remove(name);
      if (options.json) printJson({ removed: name });
      else print(`${name} is forgotten`);
      if (!options.json) say('polar concepts restore brings it back within 30 days.');
    });
  concepts
    .command('restore')
    .description('bring back what was removed in the last 30 days')
    .argument('[name]', 'its name; without one they are listed')
    .option('--json', 'print as JSON')
    .action(restore);
  concepts
    .command('export')
    .description('write it as a zip or a folder of its PEFT adapter, or as concept.pt of the released code')
    .argument('<name>')
    .argument('<to>', 'a file that ends in .zip, as the app downloads it, or in .pt, else a folder', pathName)
    .option('--json', 'print where it is as JSON')
    .action(exportConcept);
  concepts
    .command('import')
    .description('take in what the app downloads or export writes: a zip, an adapter folder, or a concept.pt')
    .argument('<name>')
    .argument('<from>', 'a file that ends in .zip or .pt, or an adapter folder', existing)
    .option(
      '--model <model>',
      `the model it was learnt with, where the file doesn't say it: ${MODEL_HELP}`,
      modelName,
    )
    .option('--json', 'print the concept as JSON')
    .action(importConcept);
}

async function list(options: JsonOption): Promise<void> {
  const all = await openConcepts().list(say);
  if (options.json) printJson(all.map(describe));
  else if (all.length === 0) print('nothing learnt yet; start with: polar learn <name> <photos...>');
  else {
    for (const concept of all) {
      print(
        `${colour.bold(concept.name)}  ${concept.className ?? 'a thing'}  ${count(concept.photoHashes.length, 'photo')}  ${concept.modelId}  ${concept.created.slice(0, 10)}`,
      );
    }
  }
}

async function restore(name: string | undefined, options: JsonOption): Promise<void> {
  const store = openConcepts();
  const deleted = await store.deleted.list();
  if (name === undefined) {
    if (options.json) printJson(deleted);
    else for (const one of deleted) print(`${one.name}  kept until ${one.until.slice(0, 10)}`);
    return;
  }
  const found = deleted.find((one) => fold(one.name) === fold(name));
  if (found === undefined) {
    const known = deleted.map((one) => one.name).join(', ');
    throw new PolarError(
      `no removed concept "${name}"; ${known === '' ? 'none was removed in the last 30 days' : `there are: ${known}`}`,
      'not-found',
    );
  }
  const concept = await store.restore(found.id);
  if (options.json) printJson(describe(concept));
  else print(`${concept.name} is back`);
}

async function show(name: string, options: JsonOption): Promise<void> {
  const store = openConcepts();
  const concept = await store.get(name);
  const described = { ...describe(concept), folder: store.directoryOf(concept.name) };
  if (options.json) printJson(described);
  else for (const [key, value] of Object.entries(described)) print(`${key}: ${String(value)}`);
}

async function exportConcept(name: string, to: string, options: JsonOption): Promise<void> {
  const concept = await openConcepts().get(name);
  if (await exists(to)) throw new PolarError(`${to}: exists already; choose another name`, 'exists');
  if (to.endsWith('.pt')) {
    requireReleasedFamily(concept.family ?? 'clip', concept.modelId);
    await writeReleasedCheckpoint(to, concept);
  } else if (to.endsWith('.zip')) await writeBeside(to, zipConcept(concept));
  else await saveConcept(to, concept);
  if (options.json) printJson({ name: concept.name, path: to });
  else print(`${concept.name} written to ${to}`);
  if (concept.family === 'open_clip') {
    say(
      "peft knows no model in OpenCLIP's layout; the adapter fits transformers' export of the same weights (CLIPModel), where there is one",
    );
  }
}

async function importConcept(name: string, from: string, options: ModelOptions & JsonOption): Promise<void> {
  const store = openConcepts();
  if (await store.has(name)) throw nameTaken(name);
  let concept = await readAny(name, from);
  concept = { ...concept, name };
  // Neither the released code nor peft by itself says which state of which model it was.
  if (concept.modelId === '' || concept.revision === '') {
    const named = options.model ?? (concept.modelId || undefined);
    const clip = await openModel({ ...options, model: named }, openStore(options));
    if (from.endsWith('.pt')) requireReleasedFamily(clip.config.family, clip.id);
    const layer = from.endsWith('.pt') ? clip.lastLayer : concept.layer;
    concept = { ...concept, modelId: clip.id, revision: clip.revision, layer, ...familyOf(clip) };
    requireSameModel(concept, clip); // the width must fit
    await clip.close();
  }
  await store.save(concept, { isNew: true });
  if (options.json) printJson(describe(concept));
  else print(`${name} imported (${concept.className ?? 'a thing'}, ${concept.modelId})`);
}

function readAny(name: string, from: string): Promise<Concept> {
  if (from.endsWith('.pt')) return readCheckpoint(name, from);
  return from.endsWith('.zip') ? readZip(from) : readConcept(from);
}

async function readZip(file: string): Promise<Concept> {
  const { size } = await stat(file);
  if (size > MAX_ZIP_BYTES) {
    throw new PolarError(
      `${file}: ${(size / 1e6).toFixed(1)} MB, more than the ${MAX_ZIP_BYTES / 1e6} MB of any concept; choose a downloaded one`,
      'too-large',
    );
  }
  return unzipConcept(await readFile(file), basename(file));
}

/** A concept from a checkpoint of the released code, which says nothing of its model. */
async function readCheckpoint(name: string, file: string): Promise<Concept> {
  const { identifier, A, B } = await readReleasedCheckpoint(file);
  return {
    ...DEFAULT_TRAINING,
    name,
    identifier,
    className: identifier.startsWith(`${IDENTIFIER} `) ? identifier.slice(4) : null,
    A,
    B,
    modelId: '',
    revision: '',
    layer: 0,
    seed: 0,
    photoHashes: [],
    features: null,
    created: new Date().toISOString(),
  };
}

function describe({
  A,
  B,
  photoHashes,
  features: _features,
  lookAlikes,
  ...rest
}: Concept): Record<string, unknown> {
  return {
    ...rest,
    width: A.length,
    normOfB: Number(Math.hypot(...B).toPrecision(6)),
    photos: photoHashes.length,
    not: lookAlikes?.rows ?? 0,
  };
}
