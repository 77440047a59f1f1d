/** The way to the server: never longer than a bad line is worth waiting for. */

const PATIENCE_MS = 20_000;

export interface Problem {
  code: string;
  field?: string;
  message?: { en: string; zh: string };
  retry_after_seconds?: number;
}

/** A refusal by the server, or status 0 where no answer came. */
export class NetError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.code);
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
    body = await answer.json().catch(() => ({ code: 'unknown' }));
  } catch {
    throw new NetError(0, { code: 'offline' });
  }
  if (!answer.ok) throw new NetError(answer.status, body as Problem);
  return body as T;
}

export function get<T>(path: string): Promise<T> {
  return ask(path, {});
}

export function post<T>(path: string, body: unknown, csrf?: string, method = 'POST'): Promise<T> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (csrf) headers['x-csrf-token'] = csrf;
  return ask(path, { method, headers, body: JSON.stringify(body) });
}
