/** Identity documents, checked while they are typed. */
import { today } from './clock';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = '10X98765432';
const LENGTH = 18;
const FULL_WIDTH = /[！-～]/g;
const FULL_WIDTH_OFFSET = 0xfee0;

export type DocumentKind = 'resident_id' | 'passport';

/** As the server reads it too: half-width, upper case, without gaps. */
export function canonical(text: string): string {
  return text
    .replace(FULL_WIDTH, (char) => String.fromCharCode(char.charCodeAt(0) - FULL_WIDTH_OFFSET))
    .replace(/[\s-]/g, '')
    .toUpperCase();
}

/** The check character of GB 11643-1999 (ISO 7064, MOD 11-2). */
function checkCharacter(number: string): string {
  const sum = WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(number[at]), 0);
  return CHECKS[sum % CHECKS.length] ?? '';
}

/** The date of birth in a resident identity number, if that is a day. */
export function bornOf(number: string): string | null {
  const day = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const read = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day) ? day : null;
}

export type DocumentFault = 'length' | 'characters' | 'birth' | 'check' | 'passport';

export interface DocumentRead {
  kind: DocumentKind;
  number: string;
  born?: string;
}

/** What looks like a resident identity number is held to its check; all else is a passport. */
export function readDocument(text: string): DocumentRead | DocumentFault {
  const number = canonical(text);
  const digits = number.replace(/\D/g, '').length;
  if (/^[A-Z]/.test(number) || digits <= 9) {
    const fits = /^(?=.*\d)[A-Z0-9]{5,15}$/.test(number);
    return fits ? { kind: 'passport', number } : 'passport';
  }
  if (number.length !== LENGTH) return 'length';
  if (!/^[1-9]\d{16}[\dX]$/.test(number)) return 'characters';
  const born = bornOf(number);
  if (born === null || born > today()) return 'birth';
  if (checkCharacter(number) !== number[LENGTH - 1]) return 'check';
  return { kind: 'resident_id', number, born };
}

/** Age in whole years on a day. */
export function ageOn(born: string, on: string): number {
  return Number(on.slice(0, 4)) - Number(born.slice(0, 4)) - Number(on.slice(5) < born.slice(5));
}

/** A phone number that the server will take: a mobile, a landline with its area code, or one with +. */
export function isPhone(text: string): boolean {
  const number = canonical(text).replace(/[()]/g, '');
  return /^(\+?86)?1[3-9]\d{9}$|^0\d{9,11}$|^\+[1-9]\d{6,14}$/.test(number);
}
