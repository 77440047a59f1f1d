/** This moment, by this machine's clock. */
export function now(): string {
  return new Date().toISOString();
}
