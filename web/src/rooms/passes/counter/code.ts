const CODE = /[0-9A-Z]{26}\.[0-9A-Z]{8}/;

/** The code in what was typed or scanned: alone, with gaps, or behind the page's address. */
export function codeIn(text: string): string {
  const plain = text.replace(/\s/g, '').toUpperCase();
  return CODE.exec(plain)?.[0] ?? plain;
}
