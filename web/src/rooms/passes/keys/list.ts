import type { PassKey } from '$lib/api/types';

const TEXTS = ['issuer', 'kid', 'algorithm', 'public_key', 'valid_from', 'valid_until'] as const;

function isKey(value: unknown): value is PassKey {
  if (typeof value !== 'object' || value === null) return false;
  return TEXTS.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

/** The keys of a list as a neighbour shows it, or null where the text is none. */
export function listedKeys(text: string): PassKey[] | null {
  try {
    const read: unknown = JSON.parse(text);
    if (!Array.isArray(read) || read.length === 0 || !read.every(isKey)) return null;
    return read.map(({ issuer, kid, algorithm, public_key, valid_from, valid_until, revoked_at }) => ({
      issuer,
      kid,
      algorithm,
      public_key,
      valid_from,
      valid_until,
      revoked_at: revoked_at ?? null,
    }));
  } catch {
    return null;
  }
}
