import type { ApiError } from '$lib/api/client';
import { say, t } from '$lib/i18n';

/** A refusal in the reader's words: ours where we can say what to do, else the server's. */
export function explain(error: ApiError): string {
  const words = t().failure;
  if (error.code === 'offline') return words.offline;
  if (error.code === 'same_person') return words.samePerson;
  const said = error.text ? say(error.text) : fallback(error.status);
  return error.retryAfterSeconds == null ? said : `${said} ${words.retryIn(String(error.retryAfterSeconds))}`;
}

function fallback(status: number): string {
  const words = t().failure;
  if (status === 403) return words.forbidden;
  if (status === 404) return words.notFound;
  return words.unknown;
}
