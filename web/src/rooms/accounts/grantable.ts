import type { Role } from '$lib/api/types';

/** The roles that an administrator hands out; citizens come by their own way. */
export const grantable: Role[] = [
  'commander',
  'epidemiologist',
  'area_officer',
  'grid_worker',
  'checkpoint_staff',
  'site_staff',
  'inspector',
  'enterprise_contact',
  'auditor',
  'administrator',
];
