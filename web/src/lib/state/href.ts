export type Params = Record<string, string | null | undefined>;

/** A path with those of `params` that have a value. */
export function href(path: string, params: Params = {}): string {
  const given = Object.entries(params).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const query = new URLSearchParams(given).toString();
  return query === '' ? path : `${path}?${query}`;
}
