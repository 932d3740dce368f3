import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Answer, ask, checkQuestion } from '../../app/ask.ts';
import { PolarError } from '../../errors.ts';
import type { Place } from '../../library/filter.ts';
import { foldersOnDisk } from '../../library/folders.ts';
import type { ModelIdentity, PhotoStore } from '../../library/photo-store.ts';
import { isAddress } from '../../library/remote/address.ts';
import { type FoundPhoto, PhotoTable } from '../../library/search.ts';
import { rowsOf } from '../../matrix.ts';
import { atLeast, RELEVANCE, type Relevance } from '../../polar/query/relevance.ts';
import {
  day,
  INDEX_HELP,
  MODEL_HELP,
  type ModelOptions,
  oneOf,
  place,
  precisionOption,
  whole,
} from '../common.ts';
import { addressInImmich, isInImmich } from '../immich-photos.ts';
import { interruption } from '../interruption.ts';
import { openModel, openStore } from '../open.ts';
import { openConcepts } from '../open-concepts.ts';
import { count, say } from '../output.ts';
import { indexUri, modelName, pathName } from '../paths.ts';

/** What is asked of the library beside the sentence. */
export interface QuestionOptions extends ModelOptions {
  readonly like?: string[];
  readonly not?: string[];
  readonly after?: number;
  readonly before?: number;
  readonly in?: string;
  readonly near?: Place;
  readonly relevance?: Relevance;
  readonly top?: number;
  readonly plain?: boolean;
}

/**
 * Gives a command the options of a question.
 *
 * @param least how sure results are by default; any when absent
 */
export function addQuestionOptions(command: Command, least?: Relevance): Command {
  return command
    .option(
      '--like <photo...>',
      'photos that the results should look like, alone or together with a sentence',
    )
    .option('--not <text...>', 'what they should not show; names of learnt things work here too')
    .option('--after <date>', 'taken on this day or later, for example 2024-05-01', day)
    .option('--before <date>', 'taken before this day', day)
    .option('--in <folder>', 'only below this folder; immich: for the photos of an immich server', pathName)
    .option('--near <place>', 'taken there, as latitude,longitude,kilometres: 48.1,11.6,5', place)
    .option(
      '--relevance <how sure>',
      `strong: only results as sure as that; fair: those too; weak: any${least === undefined ? ' (default)' : ''}`,
      oneOf(RELEVANCE),
      least,
    )
    .option(
      '--top <n>',
      `how many photos at most (default: ${DEFAULT_TOP}; all with --relevance)`,
      whole(1, MOST),
    )
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(precisionOption());
}

const DEFAULT_TOP = 20;
const MOST = 1_000_000;

/** Says so when a part of the work is done. */
export type Lap = (part: string) => void;

/** What the library answers, with the model that it was asked with, by its name and as the index knows it. */
export type LibraryAnswer = Answer<FoundPhoto> & { readonly model: string; readonly identity: ModelIdentity };

/** A question with a model that is loaded, to be asked again as the library changes. */
export interface OpenQuestion {
  /** Asks the library as it is now; says what was understood and what is not shown. */
  ask(): Promise<LibraryAnswer>;
  /** Changes with what the answer depends on: photos, folders that are there, things that were learnt. */
  state(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Asks the library once.
 *
 * @throws PolarError when nothing is asked or indexed
 */
export async function askLibrary(
  sentence: string | undefined,
  options: QuestionOptions,
  lap: Lap = () => {},
): Promise<LibraryAnswer> {
  const question = await openQuestion(sentence, options, lap);
  const answer = await question.ask();
  await question.close();
  return answer;
}

/**
 * Loads the model for a question.
 *
 * @throws PolarError when nothing is asked
 */
export async function openQuestion(
  sentence: string | undefined,
  options: QuestionOptions,
  lap: Lap = () => {},
): Promise<OpenQuestion> {
  checkQuestion({ sentence, like: options.like });
  if (options.after !== undefined && options.before !== undefined && options.after >= options.before) {
    throw new PolarError('--after is not before --before, so no day lies between them; swap the two');
  }
  const store = openStore(options);
  const clip = await openModel(options, store);
  lap('open the model');
  let like: Float32Array[] | undefined;
  return {
    async ask() {
      const concepts = await openConcepts().list(say);
      const photos = await PhotoTable.open(store, clip);
      for (const folder of photos.missing) {
        say(`Not shown: the photos of ${folder}, which is missing; "polar folders" says more.`);
      }
      lap('open the index');
      if (options.like !== undefined)
        like ??= rowsOf(await clip.encodeImages(options.like, { orientation: 'honour' }));
      const { relevance, top = relevance === undefined ? DEFAULT_TOP : MOST } = options;
      const answer = await ask(
        clip,
        photos,
        { sentence, like, not: options.not },
        {
          concepts,
          top,
          plain: options.plain,
          filter: {
            after: options.after,
            before: options.before,
            near: options.near,
            folder: options.in === undefined ? undefined : await folderOf(options.in, store),
          },
          signal: interruption.signal,
          onStage: (stage) => lap(STAGES[stage]),
        },
      );
      const hits = relevance === undefined ? answer.hits : answer.hits.filter(atLeast(relevance));
      if (hits.length === 0) say(nothingFound(options, answer.count));
      const names = recognised(answer, options);
      if (names.length > 0) say(`Recognised: ${names.join(', ')}`);
      for (const note of answer.notes) say(note);
      const { id, revision, dimension, precision } = clip;
      return { ...answer, hits, model: id, identity: { id, revision, dimension, precision } };
    },
    async state() {
      const table = await store.find(clip);
      const { missing } = await foldersOnDisk(store, clip);
      const concepts = await openConcepts().list(() => {});
      const known = concepts.map(({ name, created }) => [name, created]);
      return JSON.stringify([(await table?.version()) ?? 0, missing, known]);
    },
    close: () => clip.close(),
  };
}

/** A folder, or the immich server, as the index knows it. */
async function folderOf(folder: string, store: PhotoStore): Promise<string> {
  if (isInImmich(folder)) return addressInImmich(folder, store);
  return isAddress(folder) ? folder : realpath(folder).catch(() => resolve(folder));
}

/** Names of the concepts that were asked with. */
export const recognised = (answer: Answer<FoundPhoto>, { plain }: QuestionOptions): string[] =>
  plain ? [] : answer.concepts.map(({ name }) => name);

/** One line for an answer without photos. */
const nothingFound = ({ relevance }: QuestionOptions, photos: number): string =>
  relevance === undefined
    ? `No indexed photo fits --in, --near, --after and --before (${count(photos, 'photo is', 'photos are')} indexed).`
    : `No indexed photo is as sure as --relevance ${relevance} (${count(photos, 'photo is', 'photos are')} indexed).`;

// The parts of the work, as --timing tells them.
const STAGES = {
  read: 'the towers',
  searched: 'search the index',
  judged: 'judge the results',
} as const;
