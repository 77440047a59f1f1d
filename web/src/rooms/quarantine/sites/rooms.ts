import type { SiteDetail } from '$lib/api/types';

export interface RoomGiven {
  room: string;
  beds: number;
}

const LINE = /^(\S+)\s+(\d+)$/;
const SPAN = /^(\D*)(\d+)[-–](\d+)$/;

function roomsOf(names: string, beds: number): RoomGiven[] | null {
  const span = SPAN.exec(names);
  if (!span) return [{ room: names, beds }];
  const [, before = '', first = '', last = ''] = span;
  const many = Number(last) - Number(first);
  if (many < 0 || many > Number('9'.repeat(3))) return null;
  return Array.from({ length: many + 1 }, (_, at) => ({
    room: before + String(Number(first) + at).padStart(first.length, '0'),
    beds,
  }));
}

/** Rooms as written, a line each: a number or a span of numbers, then the beds; or the first line that is not so. */
export function readRooms(text: string): { rooms: RoomGiven[]; wrong: number | null } {
  const rooms: RoomGiven[] = [];
  const lines = text.split('\n').map((line) => line.trim());
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const [, names = '', beds = ''] = LINE.exec(line) ?? [];
    const read = names === '' ? null : roomsOf(names, Number(beds));
    if (read === null) return { rooms: [], wrong: at + 1 };
    rooms.push(...read);
  }
  return { rooms, wrong: null };
}

export function writeRooms(site: SiteDetail): string {
  return site.layout.map(({ room, beds }) => `${room} ${beds.length}`).join('\n');
}
