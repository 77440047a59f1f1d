/** The code of a pass, read and verified without a line: `crates/hcert/src/pass.rs` says its form. */

import type { Colour } from '../../pass/types';
import { base45, cbor, toBeSigned, unpacked, Unreadable, type Item } from './bytes';
import type { Key } from './trust';

export const PREFIX = 'LF1:';

/** Characters of a code, and bytes of its message, that are read. */
const CHARACTERS = 1_024;
const BYTES = 1_024;

const TAG_SIGN1 = 18;
const [ALG, CRIT, KID] = [1, 2, 4];
const [ISS, EXP, IAT, CTI, SHOWN] = [1, 4, 6, 7, -70_001];
const COLOURS: Colour[] = ['green', 'yellow', 'red'];
const ALGORITHMS: Record<number, Key['algorithm']> = { [-7]: 'ES256', [-8]: 'EdDSA' };
const LONGEST_VALIDITY_S = 24 * 3600;
/** Clocks of two machines differ. */
const CLOCKS_APART_S = 60;

/** Why a code is refused: the words of `Refusal::reason`, and what only a phone can come to. */
export type Reason =
  | 'not_a_pass'
  | 'malformed'
  | 'oversized'
  | 'bomb'
  | 'unknown_issuer'
  | 'unknown_key'
  | 'wrong_issuer'
  | 'forged'
  | 'revoked'
  | 'key_out_of_use'
  | 'validity_too_long'
  | 'not_yet_valid'
  | 'expired'
  | 'no_list'
  | 'unsupported';

export class Refused extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

/** What a code says. Nothing in it can be believed before it is verified. */
export interface Read {
  id: string;
  issuer: string;
  colour: Colour;
  name: string;
  digits: string;
  /** Seconds since 1970. */
  issued: number;
  expires: number;
  kid: string;
  algorithm: Key['algorithm'] | undefined;
  header: Uint8Array;
  payload: Uint8Array;
  signature: Uint8Array;
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function fail(): never {
  throw new Refused('malformed');
}

/** The values of a map with these keys, in this order, and no others. */
function values(item: Item | undefined, keys: number[]): Item[] {
  if (!(item instanceof Map) || [...item.keys()].join() !== keys.join()) fail();
  return [...item.values()];
}

const bytes = (item: Item | undefined, length?: number): Uint8Array =>
  item instanceof Uint8Array && (length ?? item.length) === item.length ? item : fail();
const text = (item: Item | undefined, form: RegExp): string =>
  typeof item === 'string' && form.test(item) ? item : fail();
const whole = (item: Item | undefined): number => (typeof item === 'number' ? item : fail());

function message(whole: Item): [Uint8Array, Uint8Array, Uint8Array] {
  if (typeof whole !== 'object' || !('tag' in whole) || whole.tag !== TAG_SIGN1) fail();
  const { item } = whole;
  if (!Array.isArray(item) || item.length !== 4) fail();
  const [header, unprotected, payload, signature] = item;
  values(unprotected, []);
  return [bytes(header), bytes(payload), bytes(signature)];
}

/** The key that a header names, and the algorithm; a header that asks for more than is understood is none. */
function named(header: Uint8Array): Pick<Read, 'kid' | 'algorithm'> {
  const map = header.length > 0 ? cbor(header) : new Map<Item, Item>();
  if (!(map instanceof Map) || map.has(CRIT)) fail();
  const [alg, kid] = [map.get(ALG), map.get(KID)];
  return {
    kid: kid === undefined ? '' : hex(bytes(kid)),
    algorithm: alg === undefined ? undefined : ALGORITHMS[whole(alg)],
  };
}

function claims(payload: Uint8Array): Omit<Read, 'kid' | 'algorithm' | 'header' | 'payload' | 'signature'> {
  const [iss, exp, iat, cti, shown] = values(cbor(payload), [ISS, EXP, IAT, CTI, SHOWN]);
  const [colour, name, digits] = values(shown, [1, 2, 3]);
  const [issued, expires] = [whole(iat), whole(exp)];
  if (expires <= issued) fail();
  return {
    issuer: text(iss, /^[\w.:-]{1,64}$/),
    id: hex(bytes(cti, 16)),
    colour: COLOURS[whole(colour)] ?? fail(),
    name: text(name, /^[\p{Alphabetic}*]{1,2}$/u),
    digits: text(digits, /^(?=.{1,4}$)\d*X?$/),
    issued,
    expires,
  };
}

/** Reads a code; refused where it is none, without having unpacked more than a pass has. */
export async function read(code: string): Promise<Read> {
  if (new Blob([code]).size > CHARACTERS) throw new Refused('oversized');
  if (!code.startsWith(PREFIX)) throw new Refused('not_a_pass');
  try {
    const [header, payload, signature] = message(
      cbor(await unpacked(base45(code.slice(PREFIX.length)), BYTES)),
    );
    return { ...claims(payload), ...named(header), header, payload, signature };
  } catch (error) {
    throw error instanceof Unreadable ? new Refused(error.reason) : error;
  }
}

function raw(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

/** Whether the signature is this key's; refused where the browser does not know the algorithm. */
async function signed(pass: Read, key: Key): Promise<boolean> {
  if (pass.algorithm !== key.algorithm) return false;
  const how =
    key.algorithm === 'ES256' ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } : { name: 'Ed25519' };
  const said = await toBeSigned(pass.header, pass.payload);
  try {
    const imported = await crypto.subtle.importKey('raw', raw(key.public_key), how, false, ['verify']);
    return await crypto.subtle.verify(how, imported, pass.signature as BufferSource, said);
  } catch {
    throw new Refused('unsupported');
  }
}

/**
 * Verifies what was read against the list of keys, at a moment in seconds since 1970.
 *
 * The refusals come in the order of `Pass::from_code`: so an answer about the times is always about a pass that was
 * truly issued.
 */
export async function verify(pass: Read, keys: Key[] | undefined, now: number): Promise<Key> {
  if (!keys) throw new Refused('no_list');
  const key = keys.find(({ kid }) => kid === pass.kid);
  if (!key) {
    throw new Refused(keys.some(({ issuer }) => issuer === pass.issuer) ? 'unknown_key' : 'unknown_issuer');
  }
  const seconds = (moment: string): number => Date.parse(moment) / 1000;
  if (!(await signed(pass, key))) throw new Refused('forged');
  if (key.issuer !== pass.issuer) throw new Refused('wrong_issuer');
  if (key.revoked_at && now >= seconds(key.revoked_at)) throw new Refused('revoked');
  if (pass.issued < seconds(key.valid_from) || pass.issued >= seconds(key.valid_until)) {
    throw new Refused('key_out_of_use');
  }
  if (pass.expires - pass.issued > LONGEST_VALIDITY_S) throw new Refused('validity_too_long');
  if (now + CLOCKS_APART_S < pass.issued) throw new Refused('not_yet_valid');
  if (now >= pass.expires) throw new Refused('expired');
  return key;
}
