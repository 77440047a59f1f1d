//! Areas and their risk, workplaces and schools and how far they are open.

use jiff::civil::Date;
use lianfang_core::reopening::{Opening, Sector};
use lianfang_core::surveillance::RiskLevel;
use lianfang_core::words::Word;
use lianfang_policy::{ReopeningEvidence, RiskEvidence};

use super::{About, Response};
use crate::economy::SECTORS;
use crate::epidemic::Layer;
use crate::population::Population;
use crate::random::{Purpose, Stream};
use crate::scenario::ResponseSettings;

/// The most measures that a record can name: what a ready workplace has.
const ALL_MEASURES: u32 = 20;
/// Percent of community contacts by where they are made. The project's own convention.
const COMMUNITY: [(Sector, u32); 5] = [
    (Sector::Retail, 40),
    (Sector::Services, 20),
    (Sector::Dining, 20),
    (Sector::Entertainment, 10),
    (Sector::Gathering, 10),
];
/// No case yet.
const NEVER: i32 = i32::MIN;
/// Days before the run of which cases are kept by day: more than any window of a risk rule.
const PAST: i32 = 120;

/// An area just below the city.
#[derive(Debug, Clone)]
struct AreaRisk {
    confirmed: u32,
    /// Confirmed cases of each day from [`PAST`] days before the run, and those of them that were known contacts.
    by_day: Vec<[u32; 2]>,
    last_case: Option<i32>,
    level: RiskLevel,
    since: Option<i32>,
}

/// How far a place is open, and by which decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Class {
    /// Percent of its people.
    open: u8,
    /// How many places there are.
    places: u32,
}

/// All areas and places of a run.
pub(super) struct Places {
    areas: Vec<AreaRisk>,
    /// Percent of the usual number of people, of each place.
    open: Vec<u8>,
    /// Workers of each place who are kept from it.
    absent: Vec<u32>,
    /// The newest case of each place.
    last_case: Vec<i32>,
    /// Places that had a case.
    with_case: Vec<u32>,
    ready: Vec<bool>,
    /// Places that become ready, the next one last.
    inspections: Vec<u32>,
    /// By area, sector and readiness.
    classes: Vec<Class>,
    /// Percent of the usual number of people in public places and transport, by area.
    community: Vec<u8>,
    transport: Vec<u8>,
}

/// What the places of a day come to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PlacesDay {
    pub(super) closed: u64,
    pub(super) limited: u64,
    pub(super) posts: u64,
    /// By sector.
    pub(super) filled: [u64; SECTORS],
}

impl Places {
    pub(super) fn of(city: &Population, settings: &ResponseSettings, seed: u64) -> Self {
        let count = city.places.len();
        let areas = city.parts.len();
        let mut ready = Vec::with_capacity(count);
        let mut inspections = Vec::new();
        for place in 0..count as u32 {
            let mut stream = Stream::new(seed, Purpose::Compliance, 1 << 56 | u64::from(place));
            ready.push(stream.yes(settings.ready));
            if !ready[place as usize] {
                inspections.push(place);
            }
        }
        Stream::new(seed, Purpose::Compliance, 2 << 56).shuffle(&mut inspections);
        Self {
            areas: vec![
                AreaRisk {
                    confirmed: 0,
                    by_day: Vec::new(),
                    last_case: None,
                    level: RiskLevel::Low,
                    since: None,
                };
                areas
            ],
            open: vec![100; count],
            absent: vec![0; count],
            last_case: vec![NEVER; count],
            with_case: Vec::new(),
            ready,
            inspections,
            classes: vec![Class::default(); areas * Sector::ALL.len() * 2],
            community: vec![100; areas],
            transport: vec![100; areas],
        }
    }

    fn class(area: usize, sector: Sector, ready: bool) -> usize {
        (area * Sector::ALL.len() + sector.index()) * 2 + usize::from(ready)
    }

    /// A confirmed case of an area; `linked` if it was known as a contact.
    pub(super) fn confirmed(&mut self, area: usize, day: i32, linked: bool) {
        let area = &mut self.areas[area];
        area.confirmed += 1;
        area.last_case = area.last_case.max(Some(day));
        let Ok(place) = usize::try_from(day + PAST) else {
            return;
        };
        if area.by_day.len() <= place {
            area.by_day.resize(place + 1, [0; 2]);
        }
        area.by_day[place][0] += 1;
        area.by_day[place][1] += u32::from(linked);
    }

    /// A case at the place where somebody works or learns.
    pub(super) fn case_at(&mut self, city: &Population, person: u32, day: i32) {
        if let Some(place) = city.place_of(city.persons[person as usize]) {
            if self.last_case[place] == NEVER {
                self.with_case.push(place as u32);
            }
            self.last_case[place] = self.last_case[place].max(day);
        }
    }

    /// Somebody is kept from a post, or no longer.
    pub(super) fn absent(&mut self, city: &Population, person: u32, kept: bool) {
        let one = city.persons[person as usize];
        if let Some(place) = city.place_of(one).filter(|_| one.works()) {
            if kept {
                self.absent[place] += 1;
            } else {
                self.absent[place] -= 1;
            }
        }
    }

    /// Percent of meetings that take place in a layer where somebody is.
    #[inline]
    pub(super) fn open_to(&self, city: &Population, person: u32, layer: Layer) -> u8 {
        let one = city.persons[person as usize];
        match layer {
            Layer::Work | Layer::School => city.place_of(one).map_or(100, |place| self.open[place]),
            Layer::Community => self.community[city.part_of(one.village())],
            Layer::Transport => self.transport[city.part_of(one.village())],
            Layer::Care | Layer::Household | Layer::Import => 100,
        }
    }

    /// Areas at medium and at high risk.
    pub(super) fn risky(&self) -> [u64; 2] {
        let at = |level| self.areas.iter().filter(|area| area.level == level).count() as u64;
        [at(RiskLevel::Medium), at(RiskLevel::High)]
    }

    /// Counts the places of a day.
    pub(super) fn count(&self, city: &Population) -> PlacesDay {
        let mut day = PlacesDay::default();
        for (place, (open, absent)) in city.places.iter().zip(self.open.iter().zip(&self.absent)) {
            day.closed += u64::from(*open == 0);
            day.limited += u64::from((1..100).contains(open));
            day.posts += u64::from(place.posts);
            let filled = place.posts * u32::from(*open) / 100;
            day.filled[place.sector.index()] += u64::from(filled.saturating_sub(*absent));
        }
        day
    }

    /// Inspects some more places.
    fn inspect(&mut self, city: &Population, settings: &ResponseSettings, day: usize) {
        let daily = settings.inspections_per_1000 * city.places.len() as f64 / 1_000.0;
        let today = (daily * (day + 1) as f64).floor() - (daily * day as f64).floor();
        for _ in 0..today as usize {
            match self.inspections.pop() {
                Some(place) => self.ready[place as usize] = true,
                None => return,
            }
        }
    }
}

impl Response<'_> {
    /// Judges areas, then what may open in them.
    pub(super) fn judge_places(&mut self, day: usize) {
        self.places.inspect(self.city, self.settings, day);
        for area in 0..self.places.areas.len() {
            self.judge_area(day, area);
        }
        for class in &mut self.places.classes {
            class.places = 0;
        }
        for (number, place) in self.city.places.iter().enumerate() {
            if self.places.last_case[number] == NEVER {
                let class = Places::class(
                    usize::from(place.area),
                    place.sector,
                    self.places.ready[number],
                );
                self.places.classes[class].places += 1;
            }
        }
        for area in 0..self.places.areas.len() {
            self.judge_sectors(day, area);
        }
        for (number, place) in self.city.places.iter().enumerate() {
            let class = Places::class(
                usize::from(place.area),
                place.sector,
                self.places.ready[number],
            );
            self.places.open[number] = self.places.classes[class].open;
        }
        let with_case = std::mem::take(&mut self.places.with_case);
        for number in &with_case {
            let number = *number as usize;
            let place = self.city.places[number];
            let evidence = self.reopening_evidence(
                usize::from(place.area),
                place.sector,
                self.places.ready[number],
                Some(self.places.last_case[number]),
            );
            self.places.open[number] = self.judge_opening(day, About::Place(number), &evidence);
        }
        self.places.with_case = with_case;
    }

    fn judge_area(&mut self, day: usize, number: usize) {
        let window = self.pack.risk_evidence;
        let area = &self.places.areas[number];
        let until = day + PAST as usize;
        let from = until.saturating_sub(window.window_days as usize);
        let recent = area.by_day.get(from..).unwrap_or_default();
        let [new_recent, linked] = recent
            .iter()
            .take(until - from)
            .fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
        let evidence = RiskEvidence {
            confirmed_total: area.confirmed,
            new_recent,
            cluster: Some(linked >= window.cluster_cases),
            last_case: area.last_case.map(|day| self.date(day)),
        };
        let decision = self.decide(day, About::Area(number), &evidence);
        let area = &mut self.places.areas[number];
        if area.level != decision.outcome {
            area.level = decision.outcome;
            area.since = Some(day as i32);
        }
    }

    fn reopening_evidence(
        &self,
        area: usize,
        sector: Sector,
        ready: bool,
        last_case: Option<i32>,
    ) -> ReopeningEvidence {
        let date = |day: i32| -> Date { self.date(day) };
        let area = &self.places.areas[area];
        ReopeningEvidence {
            sector,
            area_risk: area.level,
            risk_since: area.since.map(date),
            measures: if ready { ALL_MEASURES } else { 0 },
            filed: ready,
            inspected: ready,
            promised: ready,
            workers_cleared: 100,
            last_case: last_case.map(date),
        }
    }

    /// Percent of the usual number of people, decided for one place or so many alike.
    fn judge_opening(&mut self, day: usize, about: About, evidence: &ReopeningEvidence) -> u8 {
        let decision = self.decide(day, about, evidence);
        match decision.outcome {
            Opening::Open => 100,
            Opening::Limited => decision.rule.capacity.unwrap_or(100).min(100) as u8,
            Opening::Closed => 0,
        }
    }

    fn judge_sectors(&mut self, day: usize, area: usize) {
        for sector in Sector::ALL {
            for ready in [false, true] {
                let class = Places::class(area, *sector, ready);
                let places = self.places.classes[class].places;
                let evidence = self.reopening_evidence(area, *sector, ready, None);
                let alike = About::Alike(u64::from(places));
                self.places.classes[class].open = self.judge_opening(day, alike, &evidence);
            }
        }
        let open = |sector| u32::from(self.places.classes[Places::class(area, sector, true)].open);
        let community: u32 = COMMUNITY
            .iter()
            .map(|(sector, percent)| percent * open(*sector))
            .sum();
        let transport = open(Sector::Transport);
        self.places.community[area] = (community / 100) as u8;
        self.places.transport[area] = transport as u8;
    }
}
