import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundled, bundlePackages, KEPT } from './bundle.ts';
import type { EnginePackage } from './engine-packages.ts';

/** The fields of package.json that a release reads. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const ALSO = ['models', 'README.md', 'CHANGELOG.md', 'LICENSE'];
const FIELDS = [
  'name',
  'version',
  'description',
  'license',
  'author',
  'repository',
  'homepage',
  'bugs',
  'type',
  'engines',
  'bin',
  'exports',
  'peerDependencies',
  'peerDependenciesMeta',
  'keywords',
];

/** Makes the package that people install from a built checkout at `root`, in `target`. */
export async function makePolarPackage(
  root: string,
  target: string,
  engines: readonly EnginePackage[],
): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  const bundled = await bundlePackages(join(root, 'dist'), join(target, 'dist'));
  for (const name of ALSO) await cp(join(root, name), join(target, name), { recursive: true });
  await writeFile(join(target, 'THIRD_PARTY_LICENSES.txt'), licences(bundled));
  const released = {
    ...Object.fromEntries(FIELDS.map((field) => [field, manifest[field]])),
    dependencies: Object.fromEntries(KEPT.map((name) => [name, manifest.dependencies[name]])),
    optionalDependencies: {
      ...Object.fromEntries(engines.map(({ name, version }) => [name, version])),
      ...(await lancedbBinaries(root)),
    },
  };
  await writeFile(join(target, 'package.json'), `${JSON.stringify(released, undefined, 2)}\n`);
}

/** LanceDB's packages of one platform each; it names embedding clients beside them, which are not used here. */
async function lancedbBinaries(root: string): Promise<Record<string, string>> {
  const file = join(root, 'node_modules', '@lancedb', 'lancedb', 'package.json');
  const { optionalDependencies } = JSON.parse(await readFile(file, 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  return Object.fromEntries(
    Object.entries(optionalDependencies).filter(([name]) => name.startsWith('@lancedb/lancedb-')),
  );
}

const licences = (bundled: readonly Bundled[]): string =>
  [
    'dist/packages holds code of these packages, under their own licences.',
    ...bundled.map(({ name, version, licence }) => `${name} ${version}\n\n${licence.trim()}`),
  ].join(`\n\n${'-'.repeat(78)}\n\n`);
