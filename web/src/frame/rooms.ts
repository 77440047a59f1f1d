import type { Component } from 'svelte';

import type { Right } from '$lib/api/types';
import type { Messages } from '$lib/i18n/en';
import type { IconName } from '$lib/ui/icon/shapes';

export interface Room {
  path: string;
  name: keyof Messages['frame'] &
    (
      | 'morning'
      | 'cases'
      | 'contacts'
      | 'chains'
      | 'surveillance'
      | 'trace'
      | 'gates'
      | 'quarantine'
      | 'passes'
      | 'matters'
      | 'foresight'
      | 'policy'
      | 'imports'
      | 'accounts'
      | 'audit'
    );
  icon: IconName;
  /** Null where whoever has signed in may enter. */
  right: Right | null;
  /** The letter after `g` that leads here. */
  key: string;
  /** A list that fills the window and scrolls inside itself. */
  full: boolean;
  load: () => Promise<{ default: Component }>;
}

export const rooms: Room[] = [
  {
    path: '/morning',
    name: 'morning',
    icon: 'morning',
    right: 'read_brief',
    key: 'm',
    full: false,
    load: () => import('../rooms/morning/Morning.svelte'),
  },
  {
    path: '/cases',
    name: 'cases',
    icon: 'cases',
    right: 'read_cases',
    key: 'c',
    full: true,
    load: () => import('../rooms/cases/Cases.svelte'),
  },
  {
    path: '/contacts',
    name: 'contacts',
    icon: 'contacts',
    right: 'read_cases',
    key: 'n',
    full: true,
    load: () => import('../rooms/contacts/Contacts.svelte'),
  },
  {
    path: '/chains',
    name: 'chains',
    icon: 'chains',
    right: 'read_cases',
    key: 'h',
    full: false,
    load: () => import('../rooms/chains/Chains.svelte'),
  },
  {
    path: '/surveillance',
    name: 'surveillance',
    icon: 'surveillance',
    right: 'read_cases',
    key: 's',
    full: false,
    load: () => import('../rooms/surveillance/Surveillance.svelte'),
  },
  {
    path: '/trace',
    name: 'trace',
    icon: 'trace',
    right: 'look_at_person',
    key: 't',
    full: false,
    load: () => import('../rooms/trace/Trace.svelte'),
  },
  {
    path: '/gates',
    name: 'gates',
    icon: 'gates',
    right: 'read_field',
    key: 'e',
    full: true,
    load: () => import('../rooms/gates/Gates.svelte'),
  },
  {
    path: '/quarantine',
    name: 'quarantine',
    icon: 'quarantine',
    right: 'read_field',
    key: 'q',
    full: true,
    load: () => import('../rooms/quarantine/Quarantine.svelte'),
  },
  {
    path: '/passes',
    name: 'passes',
    icon: 'passes',
    right: 'read_field',
    key: 'k',
    full: true,
    load: () => import('../rooms/passes/Passes.svelte'),
  },
  {
    path: '/matters',
    name: 'matters',
    icon: 'matters',
    right: 'read_matters',
    key: 'a',
    full: true,
    load: () => import('../rooms/matters/Matters.svelte'),
  },
  {
    path: '/foresight',
    name: 'foresight',
    icon: 'foresight',
    right: 'read_brief',
    key: 'f',
    full: false,
    load: () => import('../rooms/foresight/Foresight.svelte'),
  },
  {
    path: '/policy',
    name: 'policy',
    icon: 'policy',
    right: null,
    key: 'p',
    full: false,
    load: () => import('../rooms/policy/Policy.svelte'),
  },
  {
    path: '/imports',
    name: 'imports',
    icon: 'imports',
    right: 'import',
    key: 'i',
    full: false,
    load: () => import('../rooms/imports/Imports.svelte'),
  },
  {
    path: '/accounts',
    name: 'accounts',
    icon: 'accounts',
    right: 'manage_accounts',
    key: 'u',
    full: true,
    load: () => import('../rooms/accounts/Accounts.svelte'),
  },
  {
    path: '/audit',
    name: 'audit',
    icon: 'audit',
    right: 'read_audit',
    key: 'l',
    full: true,
    load: () => import('../rooms/audit/Audit.svelte'),
  },
];

/** Pages of one's own: no room in the rail, no right needed. */
export const pages: { path: string; full: boolean; load: () => Promise<{ default: Component }> }[] = [
  { path: '/password', full: false, load: () => import('../rooms/password/Password.svelte') },
  { path: '/tokens', full: false, load: () => import('../rooms/tokens/Tokens.svelte') },
];
