export const journey = {
  mode: 'By what?',
  modes: {
    air: 'air',
    rail: 'rail',
    road: 'own vehicle',
    water: 'water',
    metro: 'metro',
    bus: 'bus',
    foot: 'on foot',
  } as Record<string, string>,
  number: 'Flight, train or ship',
  plate: 'Plate',
  seat: 'Seat',
  destinations: {
    here: 'here',
    other_county: 'another county',
    transit: 'passing through',
  } as Record<string, string>,
};

export type JourneyWords = typeof journey;
