/** A copy as plain data: what a page shows is wrapped, what is stored or sent is not. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
