/** "1 photo", "5 photos", "1 copy", "2 copies": the one place where words follow a number. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`;
}

/**
 * A text that a terminal does not obey: control characters, and those that turn the direction of writing, become `?`.
 * File names, adapters and what a hub answers may hold anything.
 */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '?');
}
