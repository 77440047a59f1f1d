import type { ChainNode } from '$lib/api/types';

/** By what a case is called here, where no names stand: its number, else the end of its id. */
export const called = (node: Pick<ChainNode, 'case' | 'number'>): string =>
  node.number ?? node.case.slice(-6);
