import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { makeArchive } from './archive.ts';
import { makeEnginePackages } from './engine-packages.ts';
import { notesOf } from './notes.ts';
import { makePolarPackage } from './polar-package.ts';

const run = promisify(execFile);

/** What to release, and where to. */
export interface ReleaseOptions {
  /** The checkout. */
  readonly root: string;
  /** Made if it is not there; files of the same names are replaced. */
  readonly folder: string;
  /** Platforms to make archives for. */
  readonly platforms: readonly string[];
  readonly onNote?: (line: string) => void;
}

/**
 * Makes packages, archives, `SHA256SUMS` and `RELEASE_NOTES.md` in a folder.
 *
 * @returns the command that installs it in an empty folder on this machine
 */
export async function makeRelease(options: ReleaseOptions): Promise<string> {
  const { root, folder, platforms, onNote = () => {} } = options;
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const notes = notesOf(await readFile(join(root, 'CHANGELOG.md'), 'utf8'), version);
  await mkdir(folder, { recursive: true });
  const workFolder = await mkdtemp(join(tmpdir(), 'polar-release-'));
  try {
    const checkout = join(workFolder, 'checkout');
    await copyCheckout(root, checkout);
    onNote('build');
    await run('npm', ['run', 'build'], { cwd: checkout });
    onNote('packages');
    const engines = await makeEnginePackages(join(root, 'node_modules', 'onnxruntime-node'), workFolder);
    const polarFolder = join(workFolder, 'polar-vl');
    await makePolarPackage(checkout, polarFolder, engines);
    const polar = await pack(polarFolder, folder);
    const engineFiles = new Map<string, string>();
    for (const { platform, arch, folder: engine } of engines) {
      engineFiles.set(`${platform}-${arch}`, await pack(engine, folder));
    }
    const packagesOf = (platform: string) =>
      [polar, engineFiles.get(platform)].flatMap((file) => (file === undefined ? [] : [join(folder, file)]));
    const files = [polar, ...engineFiles.values()];
    for (const platform of platforms) {
      onNote(`archive for ${platform}`);
      const engine = engineFiles.get(platform);
      if (engine === undefined) throw new Error(`${platform}: onnxruntime-node has no engine for it`);
      const packed = { polar: join(folder, polar), engine: join(folder, engine) };
      files.push(await makeArchive({ platform, version, ...packed, workFolder, folder }));
    }
    await writeSums(folder, files);
    await writeFile(join(folder, 'RELEASE_NOTES.md'), `${notes}\n${await table(folder, files)}`);
    return `npm install ${packagesOf(`${process.platform}-${process.arch}`).map(quote).join(' ')}`;
  } finally {
    await rm(workFolder, { recursive: true });
  }
}

/** The files that git knows or would add, so that nothing of an earlier build gets into a release. */
async function copyCheckout(root: string, target: string): Promise<void> {
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { stdout } = await run('git', listed, { cwd: root, maxBuffer: 64e6 });
  for (const file of stdout.split('\0')) {
    if (file === '' || file === 'node_modules') continue; // a folder is ignored, a link to one is not
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(root, file), join(target, file));
  }
  await symlink(join(root, 'node_modules'), join(target, 'node_modules'), 'junction');
}

async function pack(source: string, folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: source });
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>);
  if (packed === undefined) throw new Error(`${source}: npm packed nothing`);
  return packed.filename;
}

/** Writes `SHA256SUMS`, which `sha256sum --check` reads. */
async function writeSums(folder: string, files: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const file of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, file)), hash);
    lines.push(`${hash.digest('hex')}  ${file}\n`);
  }
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
}

async function table(folder: string, files: readonly string[]): Promise<string> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  const rows = files.map((file, i) => `| ${file} | ${(sizes[i]! / 1e6).toFixed(1)} MB |\n`);
  return `| file | size |\n|---|---|\n${rows.join('')}`;
}

const quote = (path: string): string =>
  /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
