/** "1 photo", "5 photos", "1 copy", "2 copies": the one place where words follow a number. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`;
}

/** "12 KB", "605 MB", "1.7 GB", of 1,000 each. */
export function size(bytes: number): string {
  if (bytes < 999_500) return `${Math.ceil(bytes / 1e3)} KB`;
  return bytes < 999_500_000 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** "0:07", "1:02:03": a time of a video, from seconds. */
export function minutesOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/**
 * A text that a terminal does not obey: control characters, and those that turn the direction of writing, become `?`.
 * File names, adapters and what a hub answers may hold anything.
 */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '?');
}
