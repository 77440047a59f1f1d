/** Codes of passes as an issuer makes them, and as somebody with bad intentions would. */
import { createHash, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { deflateSync } from 'node:zlib';

import { encode as base45 } from 'base45';
import { Encoder, Tag } from 'cbor-x';

const COLOURS = { green: 0, yellow: 1, red: 2 };
const ALGORITHMS = { ES256: -7, EdDSA: -8 };
const SHOWN = -70_001;

const cbor = new Encoder({ mapsAsObjects: false, tagUint8Array: false, useRecords: false });
const coded = (item: unknown): Buffer => Buffer.from(cbor.encode(item));

export interface Said {
  issuer?: string;
  colour?: keyof typeof COLOURS;
  name?: string;
  digits?: string;
  /** Minutes from now. */
  from?: number;
  until?: number;
}

/** As it stands on a trust list. */
export interface Listed {
  issuer: string;
  kid: string;
  algorithm: string;
  public_key: string;
  valid_from: string;
  valid_until: string;
  revoked_at: string | null;
  own: boolean;
}

const minutes = (ahead: number): Date => new Date(Date.now() + ahead * 60_000);
const DAY = 24 * 60;
let passes = 0;

export const code = (message: Buffer): string => `LF1:${base45(deflateSync(message))}`;

/** Whoever signs passes. */
export class Issuer {
  readonly #key: KeyObject;
  readonly #kid: Buffer;
  readonly #point: Buffer;

  constructor(
    readonly name = '330300',
    readonly algorithm: keyof typeof ALGORITHMS = 'ES256',
  ) {
    const pair =
      algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
    this.#key = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { x, y } = pair.publicKey.export({ format: 'jwk' });
    const [first, second] = [x, y].map((part) => Buffer.from(part ?? '', 'base64url'));
    this.#point = algorithm === 'ES256' ? Buffer.concat([Buffer.from([4]), first!, second!]) : first!;
    this.#kid = createHash('sha256').update(this.#point).digest().subarray(0, 8);
  }

  listed(more: Partial<Listed> = {}): Listed {
    return {
      issuer: this.name,
      kid: this.#kid.toString('hex'),
      algorithm: this.algorithm,
      public_key: this.#point.toString('base64url'),
      valid_from: minutes(-30 * DAY).toISOString(),
      valid_until: minutes(30 * DAY).toISOString(),
      revoked_at: null,
      own: true,
      ...more,
    };
  }

  /** The message of a pass, of which `change` may alter what was signed. */
  message(said: Said = {}, change: (payload: Buffer) => Buffer = (payload) => payload): Buffer {
    const { issuer = this.name, colour = 'green', name = '*明', digits = '002X' } = said;
    const { from = -5, until = from + 12 * 60 } = said;
    const seconds = (ahead: number): number => Math.floor(minutes(ahead).getTime() / 1000);
    const id = Buffer.alloc(16);
    id.writeUInt32BE((passes += 1));
    const payload = coded(
      new Map<number, unknown>([
        [1, issuer],
        [4, seconds(until)],
        [6, seconds(from)],
        [7, id],
        [
          SHOWN,
          new Map<number, unknown>([
            [1, COLOURS[colour]],
            [2, name],
            [3, digits],
          ]),
        ],
      ]),
    );
    const header = coded(
      new Map<number, unknown>([
        [1, ALGORITHMS[this.algorithm]],
        [4, this.#kid],
      ]),
    );
    const signed = coded(['Signature1', header, Buffer.alloc(0), payload]);
    // Ed25519 hashes by itself.
    const hash = this.algorithm === 'ES256' ? 'sha256' : null;
    const signature = sign(hash, signed, { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return coded(new Tag([header, new Map(), change(payload), signature], 18));
  }

  pass(said: Said = {}): string {
    return code(this.message(said));
  }
}
