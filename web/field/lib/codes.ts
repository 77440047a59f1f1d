/** What a QR code or a line of typing may hold: a receipt's or a certificate's code, bare or in a link. */

const CODE = /([0-9A-HJKMNP-TV-Z]{26}\.[0-9A-Z.]{4,})$/;

/** The code in what was scanned or typed; none where it is something else. */
export function codeIn(text: string): string | null {
  const part = text.includes('#') ? text.slice(text.lastIndexOf('#') + 1) : text;
  return CODE.exec(decodeURIComponent(part).trim().toUpperCase())?.[1] ?? null;
}

/** The entrant that a receipt speaks of: its first part. */
export function entrantOf(code: string): string {
  return code.slice(0, 26);
}

/** In groups, as one reads it out. */
export function spaced(code: string): string {
  return code.replace(/\./g, ' · ').replace(/([0-9A-Z]{4})(?=[0-9A-Z])/g, '$1 ');
}
