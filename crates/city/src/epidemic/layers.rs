//! Whom somebody meets, layer by layer.

use lianfang_core::reopening::Sector;

use crate::population::{AgeMixing, NO_GROUP, Person, Population};
use crate::random::Stream;

/// Where an infection happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Layer {
    /// At home, or in a room of a dormitory.
    Household,
    /// At work.
    Work,
    /// At school or kindergarten.
    School,
    /// In a care home, or of somebody who cares for the ill.
    Care,
    /// In public transport.
    Transport,
    /// In shops, streets and visits.
    Community,
    /// Elsewhere, before coming to the city.
    Import,
}

impl Layer {
    /// Those in which people of the city meet, in order.
    pub const ALL: [Self; 6] = [
        Self::Household,
        Self::Work,
        Self::School,
        Self::Care,
        Self::Transport,
        Self::Community,
    ];

    /// Its word, as columns of series have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Work => "work",
            Self::School => "school",
            Self::Care => "care",
            Self::Transport => "transport",
            Self::Community => "community",
            Self::Import => "import",
        }
    }
}

/// The layer in which those of a sector meet every day.
fn layer_of(sector: Sector) -> Layer {
    match sector {
        Sector::School | Sector::Kindergarten => Layer::School,
        Sector::CareHome => Layer::Care,
        _ => Layer::Work,
    }
}

/// People looked at for one of the own age: a band of a twentieth is missed once in twenty-six times.
const OF_ONE_AGE: u32 = 64;

/// Meetings of a population.
#[derive(Clone, Copy)]
pub(crate) struct Meetings<'a> {
    city: &'a Population,
    team: f64,
    village: f64,
    area: f64,
    ages: Option<&'a AgeMixing>,
}

impl<'a> Meetings<'a> {
    pub(crate) fn of(city: &'a Population) -> Self {
        let contacts = &city.description().contacts;
        Self {
            city,
            team: contacts.team_percent / 100.0,
            village: contacts.village_percent / 100.0,
            area: (contacts.village_percent + contacts.area_percent) / 100.0,
            ages: contacts.ages.as_ref(),
        }
    }

    /// The layer in which somebody spends the day with the own group.
    #[inline]
    pub(crate) fn daily_layer(self, person: Person) -> Option<Layer> {
        let place = self.city.place_of(person)?;
        Some(layer_of(self.city.places[place].sector))
    }

    /// The layer of each group.
    pub(crate) fn group_layers(self) -> Vec<Layer> {
        let place = |place: &u32| layer_of(self.city.places[*place as usize].sector);
        self.city.group_places.iter().map(place).collect()
    }

    /// Somebody whom `number` meets in a layer; none where there is nobody.
    #[inline]
    pub(crate) fn other(
        self,
        layer: Layer,
        number: u32,
        person: Person,
        stream: &mut Stream,
    ) -> Option<u32> {
        match layer {
            Layer::Household => {
                let others = person.housemates();
                if others == 0 {
                    return None;
                }
                let other = person.household_from(number) + stream.below(others);
                Some(other + u32::from(other >= number))
            }
            Layer::Work | Layer::School => self.of_place(number, person, stream),
            Layer::Care if person.group != NO_GROUP => {
                // Those in care homes meet their wing.
                self.of_members(self.city.group(person.group), number, stream)
            }
            Layer::Transport => self.rider(number, person, stream),
            Layer::Community => {
                let village = person.village();
                let how_far = stream.unit();
                let people = if how_far < self.village {
                    self.city.village(village)
                } else if how_far < self.area {
                    let part = self.city.parts[self.city.part_of(village)];
                    part.from..part.to
                } else {
                    0..self.city.people()
                };
                let anybody = people.start + stream.below(people.end - people.start);
                Some(match self.ages {
                    None => anybody,
                    Some(ages) => self.of_age(ages, person, people, anybody, stream),
                })
            }
            Layer::Care | Layer::Import => None,
        }
    }

    /// Somebody of the own band of age for a share of meetings; else whom chance brought.
    fn of_age(
        self,
        ages: &AgeMixing,
        person: Person,
        people: std::ops::Range<u32>,
        anybody: u32,
        stream: &mut Stream,
    ) -> u32 {
        let band = |age: u8| ages.from.partition_point(|from| *from <= age);
        if !stream.yes(ages.same_percent / 100.0) {
            return anybody;
        }
        let own = band(person.age());
        let mut other = anybody;
        for _ in 0..OF_ONE_AGE {
            if band(self.city.persons[other as usize].age()) == own {
                break;
            }
            other = people.start + stream.below(people.end - people.start);
        }
        other
    }

    /// Somebody of health care in the own area.
    #[inline]
    pub(crate) fn carer(self, person: Person, stream: &mut Stream) -> Option<u32> {
        let carers = &self.city.carers[self.city.part_of(person.village())];
        if carers.is_empty() {
            return None;
        }
        Some(carers[stream.below(carers.len() as u32) as usize])
    }

    /// Whether somebody at work or school is met in the own team or class.
    #[inline]
    pub(crate) fn in_team(self, stream: &mut Stream) -> bool {
        self.team >= 1.0 || stream.unit() < self.team
    }

    /// Somebody of the whole workplace or school.
    pub(crate) fn elsewhere_at_place(
        self,
        number: u32,
        person: Person,
        stream: &mut Stream,
    ) -> Option<u32> {
        let place = self.city.place_of(person)?;
        self.of_members(self.city.whole_place(place), number, stream)
    }

    fn of_place(self, number: u32, person: Person, stream: &mut Stream) -> Option<u32> {
        if person.group == NO_GROUP {
            return None;
        }
        if self.in_team(stream) {
            self.of_members(self.city.group(person.group), number, stream)
        } else {
            self.elsewhere_at_place(number, person, stream)
        }
    }

    #[inline]
    fn of_members(
        self,
        range: std::ops::Range<u32>,
        number: u32,
        stream: &mut Stream,
    ) -> Option<u32> {
        let n = range.end - range.start;
        if n < 2 {
            return None;
        }
        // One is drawn among all but the last; who draws oneself meets the last.
        let other = self.city.members[(range.start + stream.below(n - 1)) as usize];
        if other == number {
            return Some(self.city.members[range.end as usize - 1]);
        }
        Some(other)
    }

    fn rider(self, number: u32, person: Person, stream: &mut Stream) -> Option<u32> {
        let riders = &self.city.riders[self.city.part_of(person.village())];
        if riders.is_empty() {
            return None;
        }
        let other = riders[stream.below(riders.len() as u32) as usize];
        (other != number).then_some(other)
    }
}
