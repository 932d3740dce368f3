/** Whether a path of the index is the address of a photo of another server. */
export const isAddress = (path: string): boolean => /^https?:\/\//.test(path);
