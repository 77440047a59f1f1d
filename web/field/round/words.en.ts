import { common } from '../i18n/common.en';

const many = (n: number, one: string, more: string): string => (n === 1 ? one : more);

const round = {
  title: 'Round',
  firstLoad: 'This phone needs a network once, to learn who is on today’s round.',
  loading: 'Getting today’s round…',
  old: (day: string) => `This is the round of ${day}. Today’s comes with the network.`,
  progress: (done: number, of: number) => `${done} of ${of}`,
  done: 'done',
  people: 'People',
  doors: 'Doors',
  due: 'Still to do',
  all: 'All',
  nothing: 'All done for now.',
  dayOf: (day: number, days: number) => `day ${day} of ${days}`,
  watches: { none: 'none', monitoring: 'health monitoring', home: 'at home', site: 'at a site' } as Record<
    string,
    string
  >,
  dues: { check: 'check', sample: 'sample', release: 'release' } as Record<string, string>,
  isNew: 'new',
  missing: 'missing',
  needs: (n: number) => many(n, '1 need', `${n} needs`),
  coverage: (visited: number, of: number) => `${visited} of ${of} doors`,
  met: (met: number, of: number) => `${met} of ${of} people accounted for`,
  whole: 'No household missed.',
  uncovered: (n: number) => many(n, '1 door not visited', `${n} doors not visited`),
  registered: (n: number) => many(n, '1 person', `${n} people`),
  visited: 'visited',
  visit: (n: number) => many(n, 'Met 1', `All ${n} met`),
  other: 'Another number',
  nobodyHome: 'Nobody at home',
  arrival: 'Somebody new',
  newDoor: 'A door that is not here',
};

const words = { common, round, more: () => import('./work.en') };
export default words;
export type Words = typeof words;
