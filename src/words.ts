/** "1 photo", "5 photos", "1 copy", "2 copies": the one place where words follow a number. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`;
}
