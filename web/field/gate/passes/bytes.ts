/** From the text of a code to its bytes: Base45 (RFC 9285), ZLIB (RFC 1950), and the CBOR (RFC 8949) in them. */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const BASE = 45;

/** What cannot be read; the reason is one of `Reason`. */
export class Unreadable extends Error {
  constructor(readonly reason: 'malformed' | 'bomb' | 'unsupported') {
    super(reason);
  }
}

const malformed = (): Unreadable => new Unreadable('malformed');

/** Two bytes from three characters, a last single byte from two. */
export function base45(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const values = [...text.slice(at, at + 3)].map((each) => ALPHABET.indexOf(each));
    if (values.length === 1 || values.includes(-1)) throw malformed();
    const number = values.reduceRight((sum, value) => sum * BASE + value, 0);
    if (number >= 256 ** (values.length - 1)) throw malformed();
    if (values.length === 3) bytes.push(number >> 8);
    bytes.push(number & 255);
  }
  return new Uint8Array(bytes);
}

/** Unpacks to at most so many bytes: what would be longer is left where it is. */
export async function unpacked(packed: Uint8Array<ArrayBuffer>, most: number): Promise<Uint8Array> {
  if (!('DecompressionStream' in globalThis)) throw new Unreadable('unsupported');
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const whole = new Uint8Array(most);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw malformed();
    });
    if (done) return whole.slice(0, length);
    if (length + value.length > most) {
      await reader.cancel();
      throw new Unreadable('bomb');
    }
    whole.set(value, length);
    length += value.length;
  }
}

/** A tag with what it marks. */
export interface Tagged {
  tag: number;
  item: Item;
}

export type Item = number | string | Uint8Array | Item[] | Map<Item, Item> | Tagged;

const DEEPEST = 8;

/** The one item that these bytes are, written as short as can be: a pass has one encoding. */
export function cbor(bytes: Uint8Array): Item {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;

  function take(length: number): number {
    if (length > bytes.length - at) throw malformed();
    at += length;
    return at - length;
  }

  function head(): [kind: number, value: number] {
    const first = view.getUint8(take(1));
    const [kind, short] = [first >> 5, first & 31];
    if (short < 24) return [kind, short];
    if (short > 27) throw malformed();
    const size = 2 ** (short - 24);
    const from = take(size);
    const value = Array.from(bytes.subarray(from, from + size)).reduce((sum, byte) => sum * 256 + byte, 0);
    const least = size === 1 ? 24 : 256 ** (size / 2);
    if (value < least || !Number.isSafeInteger(value)) throw malformed();
    return [kind, value];
  }

  function map(entries: number, depth: number): Map<Item, Item> {
    const read = new Map<Item, Item>();
    for (let nth = 0; nth < entries; nth++) {
      const key = item(depth);
      if (read.has(key)) throw malformed();
      read.set(key, item(depth));
    }
    return read;
  }

  function item(depth: number): Item {
    if (depth > DEEPEST) throw malformed();
    const [kind, value] = head();
    const below = depth + 1;
    switch (kind) {
      case 0:
        return value;
      case 1:
        return -1 - value;
      case 2:
        return bytes.slice(take(value), at);
      case 3:
        try {
          return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
            bytes.slice(take(value), at),
          );
        } catch {
          throw malformed();
        }
      case 4: {
        // Each item takes a byte at least.
        if (value > bytes.length) throw malformed();
        return Array.from({ length: value }, () => item(below));
      }
      case 5:
        return map(value, below);
      case 6:
        return { tag: value, item: item(below) };
      default:
        throw malformed();
    }
  }

  const read = item(0);
  if (at !== bytes.length) throw malformed();
  return read;
}

const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;

/** The head of a string in CBOR, for lengths that a code can have. */
function headed(kind: number, content: Uint8Array): Uint8Array[] {
  const { length } = content;
  const first = kind << 5;
  const head = length < 24 ? [first | length] : [first | 25, length >> 8, length & 255];
  return [new Uint8Array(length >= 24 && length < 256 ? [first | 24, length] : head), content];
}

/** The Sig_structure of RFC 9052, section 4.4, without external data. */
export function toBeSigned(header: Uint8Array, payload: Uint8Array): Promise<ArrayBuffer> {
  const parts = [
    new Uint8Array([0x84]),
    ...headed(MAJOR_TEXT, new TextEncoder().encode('Signature1')),
    ...headed(MAJOR_BYTES, header),
    ...headed(MAJOR_BYTES, new Uint8Array()),
    ...headed(MAJOR_BYTES, payload),
  ];
  return new Blob(parts as BlobPart[]).arrayBuffer();
}
