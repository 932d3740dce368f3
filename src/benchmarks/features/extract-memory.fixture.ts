// Extracts features of argv[4] images and prints the process's peak memory in MB; a process of its own each time.
import { loadClip } from '../../node/load-clip.ts';
import { extractFeatures } from './extract.ts';

const [model, root, file, count, ...names] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  ...string[],
];
const clip = await loadClip(model, { threads: 1 });
const images = Array.from({ length: Number(count) }, (_, index) => names[index % names.length]!);
await extractFeatures(clip, { root, names: images, file, batchSize: 8 });
await clip.close();
process.stdout.write(String(process.resourceUsage().maxRSS / 1024));
