/** A list of names kept in this browser, read back only if it still is one. */
export function readStored(key: string, fallback: string[]): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : fallback;
  } catch {
    return fallback;
  }
}

export function writeStored(key: string, value: string[]): void {
  localStorage.setItem(key, JSON.stringify(value));
}
