const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

/** An id made here, so that the same request sent twice is taken once. */
export function ulid(now = Date.now()): string {
  let time = '';
  for (let rest = now, at = 0; at < TIME_LENGTH; at++) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH));
  return time + Array.from(random, (byte) => ALPHABET[byte % 32]).join('');
}
