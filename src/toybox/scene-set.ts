import { join } from 'node:path';
import type { Toybox } from './personal.ts';
import { writePhoto } from './photo.ts';
import { WorldRandom } from './random.ts';
import { type Cast, compose, type Scene } from './scene.ts';

/** Options of data sets made from the Toybox world. */
export interface MakeOptions {
  /** Another seed is another data set of the same personal things. @default 0 */
  readonly seed?: number;
  /** Called after every picture. @default nothing is called */
  readonly onProgress?: (made: number, total: number) => void;
  /** Stops the drawing between two pictures. @default it is not stopped */
  readonly signal?: AbortSignal | undefined;
}

/** A picture to be drawn. */
export interface Picture {
  readonly name: string;
  readonly scene: Scene;
  readonly taken?: Date;
}

/** Pictures as they come up; every one gets a name and a seed of its own. */
export class SceneSet {
  readonly pictures: Picture[] = [];
  readonly random: WorldRandom;
  #seed: number;

  constructor(seed: number) {
    // Away from the seeds that training scenes are drawn from.
    this.#seed = 500_000_000 + seed * 100_000;
    this.random = new WorldRandom(this.#seed, 7);
  }

  nextSeed(): number {
    return this.#seed++;
  }

  /** A scene of this cast in any order; gives the picture's name. */
  add(cast: readonly Cast[], setting: number): string {
    return this.addScene(compose(this.random.sample(cast, cast.length), setting, this.nextSeed()));
  }

  addScene(scene: Scene): string {
    const name = `${String(this.pictures.length).padStart(6, '0')}.jpg`;
    this.pictures.push({ name, scene });
    return name;
  }
}

/** Draws pictures into a folder. */
export async function drawAll(
  toybox: Toybox,
  pictures: readonly Picture[],
  folder: string,
  { onProgress, signal }: MakeOptions,
): Promise<void> {
  for (const [index, { name, scene, taken }] of pictures.entries()) {
    signal?.throwIfAborted();
    await writePhoto(toybox, scene, join(folder, name), taken);
    onProgress?.(index + 1, pictures.length);
  }
}
