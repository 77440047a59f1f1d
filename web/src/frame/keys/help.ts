let show = (): void => {};

/** The list of keys is shown by one place and asked for by others. */
export function onHelp(shower: () => void): void {
  show = shower;
}

export function showHelp(): void {
  show();
}
