//! A run that begins with a city's real state: the cases of its line list, and the infections that they left behind.
//!
//! Each case of the list is given to somebody of the city: in its area, of its age, and with a course of disease of its
//! kind (with symptoms or without), whose first symptoms fall on its day. Whoever is a case still is in isolation when
//! the run begins, and contacts are traced as the pack says; whoever recovered is immune and under the pack's watch
//! after discharge, as long as it lasts.
//!
//! Infections that nobody knows yet are drawn from those that are known. Each case infected others before it was
//! isolated: a Poisson number around R, weighed by its own infectious time until then, by its symptoms and by the factor
//! by which individuals differ; where and whom follows from the city's layers. Whoever of them had symptoms, saw a
//! doctor and was found by then is on the list already and left out; the others are in the city, and infected others in
//! turn. So the days from infection to report that a list cannot show are filled (Abbott S et al. Wellcome Open Res
//! 2020;5:112 fill them likewise, by a delay). R is that of the pack, or the one that the caller estimates for that time.
//!
//! Contacts that a list names are not matched with people of the city: their number and kind is what tracing finds.

use lianfang_core::areas::AreaCode;
use lianfang_policy::{Pack, Span};

use crate::epidemic::{Disease, Meetings, Rates, layer_by_rate};
use crate::population::Population;
use crate::quantiles::Quantiles;
use crate::random::{Purpose, Stream};
use crate::scenario::ResponseSettings;

/// People that are looked at for one who fits a case.
const TRIES: u32 = 400;
/// Every so many tries, an age one year farther away fits.
const YEARS_AFTER: u32 = 40;
/// Tries to meet somebody susceptible.
const MEETINGS: u32 = 16;
/// Hidden infections for each case at most: a list of which more follow is no start but an end.
const MOST_HIDDEN: usize = 200;
/// People over whom infectiousness is averaged.
const SAMPLE: u32 = 4_096;

/// A case of a list. Days are those of the run: -1 is the day before it begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListedCase {
    /// Age in completed years.
    pub age: Option<u8>,
    /// The area, if it lies in the city; else anywhere in it.
    pub area: Option<AreaCode>,
    /// First symptoms.
    pub onset: Option<i32>,
    /// Found: diagnosed or reported.
    pub found: i32,
    /// Since when isolated.
    pub apart: Option<i32>,
    /// Whether it has symptoms.
    pub symptomatic: bool,
    /// When it ended, and whether in death.
    pub ended: Option<(i32, bool)>,
}

/// The state that runs begin with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Start {
    /// The cases known before day 0.
    pub cases: Vec<ListedCase>,
    /// How many each of them infected on average where it was not isolated; the pack's number if left out.
    pub reproduction_number: Option<f64>,
}

/// A case of the list with the person who stands for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlacedCase {
    pub(crate) person: u32,
    pub(crate) onset: Option<i32>,
    pub(crate) found: i32,
    pub(crate) apart: i32,
    pub(crate) symptomatic: bool,
    pub(crate) ended: Option<(i32, bool)>,
}

/// Where a run begins.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Placed {
    pub(crate) cases: Vec<PlacedCase>,
    /// Who has the disease, and since when: cases that stand and infections that nobody knows.
    pub(crate) infected: Vec<(u32, f32)>,
    /// Who had it.
    pub(crate) over: Vec<u32>,
}

/// What cases are placed by.
pub(crate) struct Placing<'a> {
    pub(crate) city: &'a Population,
    pub(crate) disease: &'a Disease,
    pub(crate) rates: &'a Rates,
    pub(crate) pack: &'a Pack,
    /// How those were found whom the list does not have.
    pub(crate) settings: &'a ResponseSettings,
    pub(crate) seed: u64,
}

/// Somebody who infects before the run begins.
struct Infector {
    person: u32,
    infected: f32,
    /// Infects nobody from then on.
    apart: f32,
}

impl Start {
    pub(crate) fn place(&self, by: &Placing<'_>) -> Placed {
        let mut placed = Placed::default();
        let mut taken = vec![false; by.city.persons.len()];
        let to_doctor = by
            .pack
            .natural_history
            .span(Span::OnsetToAdmission)
            .map(|known| Quantiles::of(&known.distribution));
        let mut infectors = Vec::new();
        for (number, case) in self.cases.iter().enumerate() {
            let mut stream = Stream::new(by.seed, Purpose::Start, number as u64);
            let Some(person) = by.who(case, &taken, &mut stream) else {
                continue;
            };
            taken[person as usize] = true;
            let delay = to_doctor.as_ref().map_or(0.0, Quantiles::mean) as f32;
            let apart = case.apart.unwrap_or(case.found).min(case.found);
            let onset = case
                .onset
                .map_or(case.found as f32 - delay, |day| day as f32)
                + stream.unit() as f32;
            let times = by.times(person);
            let infected = onset - times.latent - times.presymptomatic;
            placed.cases.push(PlacedCase {
                person,
                onset: case.onset,
                found: case.found,
                apart,
                symptomatic: case.symptomatic,
                ended: case.ended,
            });
            if case.ended.is_some() {
                placed.over.push(person);
            } else {
                placed.infected.push((person, infected));
            }
            infectors.push(Infector {
                person,
                infected,
                apart: apart as f32,
            });
        }
        self.hidden(by, to_doctor.as_ref(), infectors, &mut taken, &mut placed);
        placed
    }

    /// Those whom cases infected and nobody found.
    fn hidden(
        &self,
        by: &Placing<'_>,
        to_doctor: Option<&Quantiles>,
        mut infectors: Vec<Infector>,
        taken: &mut [bool],
        placed: &mut Placed,
    ) {
        let reproduction_number = self
            .reproduction_number
            .unwrap_or(by.disease.reproduction_number);
        let scale = reproduction_number / (by.mean_infectiousness() * by.disease.mean_infectious());
        let most = self.cases.len().saturating_mul(MOST_HIDDEN);
        let mut hidden = 0;
        while let Some(infector) = infectors.pop() {
            let times = by.times(infector.person);
            let from = infector.infected + times.latent;
            let until = (from + times.presymptomatic + times.infectious)
                .min(infector.apart)
                .min(0.0);
            let time = until - from;
            if time <= 0.0 {
                continue;
            }
            let number = u64::from(infector.person);
            let mut stream = Stream::new(by.seed, Purpose::Start, 1 << 40 | number);
            let mean = scale * f64::from(times.infectiousness * times.individual * time);
            for _ in 0..stream.poisson(mean.min(500.0)) {
                let when = from + time * stream.unit() as f32;
                let Some(other) = by.meets(infector.person, &mut stream) else {
                    continue;
                };
                if taken[other as usize] || hidden >= most {
                    continue;
                }
                let theirs = by.times(other);
                let onset = when + theirs.latent + theirs.presymptomatic;
                if by.was_found(other, theirs.symptomatic, onset, to_doctor) {
                    continue;
                }
                taken[other as usize] = true;
                hidden += 1;
                placed.infected.push((other, when));
                infectors.push(Infector {
                    person: other,
                    infected: when,
                    apart: 0.0,
                });
            }
        }
    }
}

/// What is drawn of somebody's course by seed and person alone.
struct Times {
    latent: f32,
    presymptomatic: f32,
    infectious: f32,
    symptomatic: bool,
    infectiousness: f32,
    individual: f32,
}

impl Placing<'_> {
    fn times(&self, person: u32) -> Times {
        let age = usize::from(self.city.persons[person as usize].age());
        let drawn = self.disease.draw(self.seed, person, age);
        Times {
            latent: drawn.latent,
            presymptomatic: drawn.presymptomatic,
            infectious: drawn.infectious,
            symptomatic: drawn.symptomatic,
            infectiousness: if drawn.symptomatic {
                1.0
            } else {
                self.disease.silent[age]
            },
            individual: self.rates.individual(drawn.individual) as f32,
        }
    }

    fn mean_infectiousness(&self) -> f64 {
        let people = self.city.people();
        let count = people.min(SAMPLE);
        let all: f64 = (0..count)
            .map(|place| {
                let person = u64::from(place) * u64::from(people) / u64::from(count);
                let age = usize::from(self.city.persons[person as usize].age());
                let symptomatic = f64::from(self.disease.symptomatic[age]);
                symptomatic + (1.0 - symptomatic) * f64::from(self.disease.silent[age])
            })
            .sum();
        all / f64::from(count)
    }

    /// Somebody for a case: in its area, nobody else's, of its age and kind of course, as far as there is one.
    fn who(&self, case: &ListedCase, taken: &[bool], stream: &mut Stream) -> Option<u32> {
        let description = self.city.description();
        let part = case.area.and_then(|area| {
            let place = description.areas.list.iter().position(|part| {
                part.code
                    .parse::<AreaCode>()
                    .is_ok_and(|code| code.contains(area))
            });
            place.map(|place| self.city.parts[place])
        });
        let (from, to) = part.map_or((0, self.city.people()), |part| (part.from, part.to));
        let mut free = None;
        for attempt in 0..TRIES {
            if from == to {
                break;
            }
            let person = from + stream.below(to - from);
            if taken[person as usize] {
                continue;
            }
            free = Some(person);
            let age = self.city.persons[person as usize].age();
            let near = case
                .age
                .is_none_or(|asked| u32::from(age.abs_diff(asked)) <= attempt / YEARS_AFTER);
            if near && self.times(person).symptomatic == case.symptomatic {
                return free;
            }
        }
        free.or_else(|| (0..self.city.people()).find(|person| !taken[*person as usize]))
    }

    /// Whom somebody infects.
    fn meets(&self, person: u32, stream: &mut Stream) -> Option<u32> {
        let meetings = Meetings::of(self.city);
        let of = self.city.persons[person as usize];
        for _ in 0..MEETINGS {
            let layer = layer_by_rate(self.city, self.rates, meetings, person, stream);
            let Some(other) = meetings.other(layer, person, of, stream) else {
                continue;
            };
            let age = usize::from(self.city.persons[other as usize].age());
            let group = usize::from(self.disease.group[age]);
            if other != person && stream.yes(f64::from(self.disease.susceptibility[group])) {
                return Some(other);
            }
        }
        None
    }

    /// Whether somebody infected was found before the run begins.
    fn was_found(
        &self,
        person: u32,
        symptomatic: bool,
        onset: f32,
        to_doctor: Option<&Quantiles>,
    ) -> bool {
        symptomatic
            && doctor_after(self.seed, person, self.settings, to_doctor)
                .is_some_and(|delay| onset + delay + self.settings.result_days as f32 <= 0.0)
    }
}

/// Days from first symptoms until somebody sees a doctor; none who never does.
pub(crate) fn doctor_after(
    seed: u64,
    person: u32,
    settings: &ResponseSettings,
    to_doctor: Option<&Quantiles>,
) -> Option<f32> {
    let mut stream = Stream::new(seed, Purpose::Compliance, u64::from(person) << 8 | 1);
    stream
        .yes(settings.seek)
        .then(|| to_doctor.map_or(0.0, |table| table.draw(stream.bits() as u32)))
}
