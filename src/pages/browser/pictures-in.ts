const PICTURE = /\.(jpe?g|png|webp|avif|gif|heic|heif|bmp)$/i;

/** The pictures among files, in order of their names. */
export const onlyPictures = (files: Iterable<File>): File[] =>
  [...files]
    .filter((file) => PICTURE.test(file.name) && !file.name.startsWith('.'))
    .sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));

const pathOf = (file: File): string => file.webkitRelativePath || file.name;

/** The pictures in what was dropped on the page, folders gone through. */
export async function picturesIn(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return onlyPictures((await Promise.all(entries.map(filesOf))).flat());
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    // A browser gives a folder in portions, and none at its end.
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return files;
    files.push(...(await Promise.all(portion.map(filesOf))).flat());
  }
}
