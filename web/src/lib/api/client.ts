import createClient from 'openapi-fetch';

import type { paths } from './schema';
import type { Problem, Text } from './types';

/** A refusal by the server, or `offline` when no answer came at all. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly text: Text | null;
  readonly field: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.code ?? 'unknown');
    this.code = problem.code ?? 'unknown';
    this.status = status;
    this.text = problem.message ?? null;
    this.field = problem.field ?? null;
    this.retryAfterSeconds = problem.retry_after_seconds ?? null;
  }
}

let csrf: string | null = null;
let onSignedOut: () => void = () => {};

export function setCsrf(token: string | null): void {
  csrf = token;
}

export function csrfHeader(): Record<string, string> {
  return csrf === null ? {} : { 'x-csrf-token': csrf };
}

/** Called once for every answer saying that the session is over. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export const api = createClient<paths>({ baseUrl: '/' });

api.use({
  onRequest({ request }) {
    if (request.method === 'GET') return;
    for (const [name, value] of Object.entries(csrfHeader())) request.headers.set(name, value);
  },
  onError() {
    return new ApiError(0, { code: 'offline' });
  },
});

export function refusal(status: number, body: unknown): ApiError {
  const problem = typeof body === 'object' && body !== null ? (body as Partial<Problem>) : {};
  const error = new ApiError(status, problem);
  if (error.code === 'not_signed_in') onSignedOut();
  return error;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's body, or an [`ApiError`] thrown. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await answer;
  if (!response.ok) throw refusal(response.status, error);
  return data as NonNullable<T>;
}
