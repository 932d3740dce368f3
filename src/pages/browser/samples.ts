/** Photos that lie beside the page, to play with: `samples/index.json`. */
export interface Samples {
  /** Things to learn, each with its own photos. */
  readonly things: readonly {
    readonly name: string;
    readonly className: string;
    readonly photos: readonly string[];
  }[];
  /** Photos to search in. */
  readonly library: readonly string[];
}

const FOLDER = new URL('./samples/', document.baseURI);
const AT_ONCE = 8;

/** What there is to play with, or undefined where the site has nothing. */
export async function findSamples(): Promise<Samples | undefined> {
  const response = await fetch(new URL('index.json', FOLDER)).catch(() => undefined);
  return response?.ok ? ((await response.json()) as Samples) : undefined;
}

/** The sample photos as files, as if somebody had picked them. */
export async function fetchSamples({ things, library }: Samples): Promise<File[]> {
  const paths = [...things.flatMap((thing) => thing.photos), ...library];
  const files: File[] = [];
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    const batch = paths.slice(start, start + AT_ONCE).map(async (path) => {
      const response = await fetch(new URL(path, FOLDER));
      if (!response.ok) throw new Error(`${path}: the host answers ${response.status}`);
      return new File([await response.blob()], path);
    });
    files.push(...(await Promise.all(batch)));
  }
  return files;
}
