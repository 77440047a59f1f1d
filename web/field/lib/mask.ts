/** Enough of a name to know it again, for lists on this phone. */
export function maskName(name: string): string {
  const chars = [...name.trim()];
  return chars.length === 0 ? '' : `${chars[0]}${'*'.repeat(Math.min(chars.length - 1, 2))}`;
}

export function maskDocument(number: string): string {
  return number.length > 4 ? `…${number.slice(-4)}` : number;
}
