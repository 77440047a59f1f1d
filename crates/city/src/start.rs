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
//! Where contacts on record are given, they are given to people, too: those of a case to people whom it infected, as far as
//! tracing finds such, then to people whom it meets. The pack judges them by class and last exposure. A case whose contacts
//! are on record is not traced again; where none are given, their number and kind is what tracing finds. Arrivals are given to
//! people of their area, and judged by where they came from.

use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::OriginRisk;
use lianfang_epi::rt::{Estimator, sliding_windows};
use lianfang_policy::{Pack, Span};

use crate::epidemic::{Disease, Layer, Meetings, Rates, layer_by_rate};
use crate::population::Population;
use crate::quantiles::Quantiles;
use crate::random::{Purpose, Stream};
use crate::scenario::{Found, ResponseSettings};

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
    /// Whether its contacts are on record: then they are not traced again.
    pub traced: bool,
}

/// A contact on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedContact {
    /// Age in completed years.
    pub age: Option<u8>,
    /// The area, if it lies in the city; else anywhere in it.
    pub area: Option<AreaCode>,
    /// The place among the cases of the one whom they met.
    pub case: Option<usize>,
    /// How close.
    pub class: ContactClass,
    /// The last day on which they met.
    pub exposed: i32,
}

/// Somebody under watch because of where they came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedArrival {
    /// Age in completed years.
    pub age: Option<u8>,
    /// The area, if it lies in the city; else anywhere in it.
    pub area: Option<AreaCode>,
    /// Where they came from.
    pub origin: OriginRisk,
    /// Whether from abroad.
    pub abroad: bool,
    /// The day on which they came.
    pub entered: i32,
}

/// The state that runs begin with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Start {
    /// Contacts on record.
    pub contacts: Vec<ListedContact>,
    /// People under watch because of where they came from.
    pub arrivals: Vec<ListedArrival>,
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
    /// Whether its contacts are on record: then they are not traced again.
    pub(crate) traced: bool,
}

/// A contact with the person who stands for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlacedContact {
    pub(crate) person: u32,
    pub(crate) class: ContactClass,
    pub(crate) exposed: i32,
}

/// An arrival with the person who stands for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlacedArrival {
    pub(crate) person: u32,
    pub(crate) origin: OriginRisk,
    pub(crate) abroad: bool,
    pub(crate) entered: i32,
}

/// Where a run begins.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Placed {
    pub(crate) cases: Vec<PlacedCase>,
    /// Who has the disease, and since when: cases that stand and infections that nobody knows.
    pub(crate) infected: Vec<(u32, f32)>,
    /// Who had it.
    pub(crate) over: Vec<u32>,
    pub(crate) contacts: Vec<PlacedContact>,
    pub(crate) arrivals: Vec<PlacedArrival>,
}

/// Somebody infected whom nobody knows, with who infected them and where.
struct Hidden {
    by: u32,
    other: u32,
    layer: Layer,
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
        let mut people: Vec<Option<u32>> = vec![None; self.cases.len()];
        for (number, case) in self.cases.iter().enumerate() {
            let mut stream = Stream::new(by.seed, Purpose::Start, number as u64);
            let asked = Asked {
                age: case.age,
                area: case.area,
                symptomatic: Some(case.symptomatic),
            };
            let Some(person) = by.who(&asked, &taken, &mut stream) else {
                continue;
            };
            taken[person as usize] = true;
            people[number] = Some(person);
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
                traced: case.traced,
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
        let hidden = self.hidden(by, to_doctor.as_ref(), infectors, &mut taken, &mut placed);
        self.watched(by, &people, &hidden, &mut taken, &mut placed);
        placed
    }

    /// Contacts and arrivals on record.
    fn watched(
        &self,
        by: &Placing<'_>,
        people: &[Option<u32>],
        hidden: &[Hidden],
        taken: &mut [bool],
        placed: &mut Placed,
    ) {
        // Whom a case infected is among its contacts on record as far as tracing finds such.
        let mut found: Vec<Vec<u32>> = vec![Vec::new(); people.len()];
        for (place, person) in people.iter().enumerate() {
            let Some(person) = person else {
                continue;
            };
            for one in hidden.iter().filter(|one| one.by == *person) {
                let mut stream =
                    Stream::new(by.seed, Purpose::Start, 1 << 41 | u64::from(one.other));
                if stream.yes(share_found(&by.settings.found, one.layer)) {
                    found[place].push(one.other);
                }
            }
        }
        for (number, contact) in self.contacts.iter().enumerate() {
            let mut stream = Stream::new(by.seed, Purpose::Start, 1 << 42 | number as u64);
            let case = contact.case.filter(|case| *case < people.len());
            let infected = case.and_then(|case| found[case].pop());
            let person = infected
                .or_else(|| by.met(case.and_then(|case| people[case])?, taken, &mut stream))
                .or_else(|| by.who(&Asked::of(contact.age, contact.area), taken, &mut stream));
            if let Some(person) = person {
                taken[person as usize] = true;
                placed.contacts.push(PlacedContact {
                    person,
                    class: contact.class,
                    exposed: contact.exposed,
                });
            }
        }
        for (number, arrival) in self.arrivals.iter().enumerate() {
            let mut stream = Stream::new(by.seed, Purpose::Start, 1 << 43 | number as u64);
            let asked = Asked::of(arrival.age, arrival.area);
            if let Some(person) = by.who(&asked, taken, &mut stream) {
                taken[person as usize] = true;
                placed.arrivals.push(PlacedArrival {
                    person,
                    origin: arrival.origin,
                    abroad: arrival.abroad,
                    entered: arrival.entered,
                });
            }
        }
    }

    /// Those whom cases infected and nobody found.
    fn hidden(
        &self,
        by: &Placing<'_>,
        to_doctor: Option<&Quantiles>,
        mut infectors: Vec<Infector>,
        taken: &mut [bool],
        placed: &mut Placed,
    ) -> Vec<Hidden> {
        let mut all = Vec::new();
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
                let Some((layer, other)) = by.meets(infector.person, &mut stream) else {
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
                all.push(Hidden {
                    by: infector.person,
                    other,
                    layer,
                });
                placed.infected.push((other, when));
                infectors.push(Infector {
                    person: other,
                    infected: when,
                    apart: 0.0,
                });
            }
        }
        all
    }
}

/// Who is looked for.
struct Asked {
    age: Option<u8>,
    area: Option<AreaCode>,
    symptomatic: Option<bool>,
}

impl Asked {
    fn of(age: Option<u8>, area: Option<AreaCode>) -> Self {
        Self {
            age,
            area,
            symptomatic: None,
        }
    }
}

/// The share of those infected in a layer who are found by tracing.
fn share_found(found: &Found, layer: Layer) -> f64 {
    match layer {
        Layer::Household => found.household,
        Layer::Work => found.work,
        Layer::School => found.school,
        Layer::Care => found.care,
        Layer::Transport => found.transport,
        Layer::Community => found.community,
        Layer::Import => 0.0,
    }
}

/// How many a case infected lately: Cori's estimate by days of being found, for the newest window up to day `last`. None
/// where nothing can be told; then the pack's number counts.
pub fn reproduction_number(found: &[i32], last: i32, pack: &Pack) -> Option<f64> {
    let rule = &pack.reproduction_number;
    let first = *found.iter().min()?;
    let days = usize::try_from(last - first + 1).ok()?;
    let mut by_day = vec![0.0; days];
    for day in found {
        let place = usize::try_from(day - first).ok()?;
        *by_day.get_mut(place)? += 1.0;
    }
    let windows = sliding_windows(days, rule.window_days as usize);
    let estimator = Estimator::new(&pack.serial_interval, rule.prior_mean, rule.prior_sd);
    let newest = estimator.ok()?.estimate_r(&by_day, &windows).ok()?.pop()?;
    (newest.sd <= rule.largest_cv * newest.mean).then_some(newest.mean)
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

    /// Somebody for whoever is on record: in that area, nobody else's, of that age and kind of course, as far as there is one.
    fn who(&self, case: &Asked, taken: &[bool], stream: &mut Stream) -> Option<u32> {
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
            let alike = case
                .symptomatic
                .is_none_or(|asked| self.times(person).symptomatic == asked);
            if near && alike {
                return free;
            }
        }
        free.or_else(|| (0..self.city.people()).find(|person| !taken[*person as usize]))
    }

    /// Somebody whom a person meets and who is nobody else's yet.
    fn met(&self, person: u32, taken: &[bool], stream: &mut Stream) -> Option<u32> {
        (0..MEETINGS)
            .filter_map(|_| self.meets(person, stream))
            .map(|(_, other)| other)
            .find(|other| !taken[*other as usize])
    }

    /// Whom somebody infects, and where.
    fn meets(&self, person: u32, stream: &mut Stream) -> Option<(Layer, u32)> {
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
                return Some((layer, other));
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
