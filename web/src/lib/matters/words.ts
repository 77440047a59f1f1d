import type { MatterRow } from '$lib/api/types';
import { t } from '$lib/i18n';
import { count } from '$lib/i18n/format';

const HOURS_PER_DAY = 24;
const HOURS_UNTIL_DAYS = 48;

/** Whose turn it is: the person once there is one, else the role. */
export function ownerName(owner: MatterRow['owner']): string {
  if (owner.name) return owner.name;
  return owner.role ? t().roles[owner.role] : t().common.unknown;
}

export function lateness(hours: number): string {
  return hours < HOURS_UNTIL_DAYS
    ? t().morning.lateBy(count(Math.max(1, hours)))
    : t().morning.lateDays(count(hours / HOURS_PER_DAY));
}
