//! All that was taken up to a moment, and the plain questions to it: where was a person, who was at
//! a place.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use lianfang_core::ids::PersonId;
use lianfang_core::time::{UtcOffset, day_from_number};

use crate::batch::{DayTally, day_tallies};
use crate::error::VisitsError;
use crate::load;
use crate::manifest::Manifest;
use crate::row::Order;
use crate::state::{Found, Names, Search, State};
use crate::visit::{MIDNIGHT, Minute, PlaceId, Span, Visit};

/// What the caller knows of places.
pub trait Places: Sync {
    /// How long a stay at a place of this kind usually is, in minutes (a day at most): for visits
    /// of which only the beginning is known.
    fn usual_stay(&self, place: PlaceId) -> u16;

    /// How much a minute together counts there, beside a minute elsewhere.
    fn weight(&self, _place: PlaceId) -> f64 {
        1.0
    }
}

/// The longest usual stay.
pub(crate) const LONGEST_USUAL: u16 = MIDNIGHT as u16;

/// Somebody was somewhere for a while: one visit, or several that overlap or touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub place: PlaceId,
    /// The first minute.
    pub from: Minute,
    /// The minute after the last.
    pub until: Minute,
}

/// Who was at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitors {
    /// Stays within the time asked for, by person and time.
    pub stays: Vec<Stay>,
    /// There are more visits than were asked for, and stays are missing here.
    pub truncated: bool,
}

/// All that was taken up to a moment. Later writes do not change it; days dropped later stay
/// readable through it.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) state: Arc<State>,
    pub(crate) names: Arc<Names>,
    pub(crate) offset: UtcOffset,
}

/// How often a reader begins anew where the writer sealed meanwhile.
const TRIES: usize = 8;

impl Snapshot {
    /// Reads the log in `folder` as it is now, also while another process writes there.
    pub fn open(folder: &Path) -> Result<Self, VisitsError> {
        let manifest =
            || Manifest::read(folder)?.ok_or_else(|| VisitsError::NotThere(folder.to_owned()));
        let mut current = manifest()?;
        for _ in 0..TRIES {
            match load::load(folder, &current) {
                Ok(loaded) => {
                    let offset = UtcOffset::try_from(current.offset_minutes)
                        .map_err(|_| VisitsError::NotThere(folder.to_owned()))?;
                    return Ok(Self {
                        state: Arc::new(loaded.state),
                        names: Arc::new(loaded.names),
                        offset,
                    });
                }
                Err(error) => {
                    let newer = manifest()?;
                    if newer.generation == current.generation {
                        return Err(error);
                    }
                    current = newer;
                }
            }
        }
        Err(VisitsError::NotThere(folder.to_owned()))
    }

    /// The days of which there are visits, and how many: as they were received, repeated ones
    /// included.
    pub fn days(&self) -> Vec<DayTally> {
        let days = self.state.days.iter();
        let days = days.filter(|(day, _)| **day >= self.state.kept_from);
        day_tallies(&days.map(|(day, sources)| (*day, sources.tally())).collect())
    }

    /// The first day that is kept, if any was dropped.
    pub fn kept_from(&self) -> Option<Date> {
        day_from_number(self.state.kept_from)
    }

    /// The visits of a person that begin in a span of time, as they were received; of repeated
    /// ones the one whose end is known, or latest.
    pub fn visits_of(&self, person: PersonId, span: Span) -> Result<Vec<Visit>, VisitsError> {
        let Some(major) = self.names.person_number(person) else {
            return Ok(Vec::new());
        };
        let minutes = self.local(span);
        let search = Search {
            order: Order::Person,
            major,
            minutes: minutes.clone(),
            usual: 0,
            most: usize::MAX,
        };
        let mut found = Vec::new();
        self.state.scan(&search, &mut Vec::new(), &mut found)?;
        found.retain(|row| minutes.contains(&row.from()));
        found.sort_unstable();
        keep_last_known(&mut found);
        let mut visits: Vec<Visit> = found
            .iter()
            .filter_map(|row| {
                let from = Minute::from_local(row.from(), self.offset);
                Some(Visit {
                    person,
                    place: self.names.place(row.minor())?,
                    from,
                    until: row.end().minutes().map(|minutes| from.plus(minutes.into())),
                })
            })
            .collect();
        visits.sort_unstable_by_key(|visit| (visit.from, visit.place));
        Ok(visits)
    }

    /// Where a person was in a span of time.
    pub fn stays_of(
        &self,
        person: PersonId,
        span: Span,
        places: &dyn Places,
    ) -> Result<Vec<Stay>, VisitsError> {
        let Some(number) = self.names.person_number(person) else {
            return Ok(Vec::new());
        };
        let mut stays = Vec::new();
        self.each_stay_of(
            number,
            &self.local(span),
            places,
            &mut Buffers::default(),
            |place, minutes| {
                stays.push((minutes.start, minutes.end, place));
            },
        )?;
        stays.sort_unstable();
        let stay = |(from, until, place)| {
            Some(Stay {
                person,
                place: self.names.place(place)?,
                from: Minute::from_local(from, self.offset),
                until: Minute::from_local(until, self.offset),
            })
        };
        Ok(stays.into_iter().filter_map(stay).collect())
    }

    /// Everyone who was at a place (a venue, a vehicle) in a span of time; of `most` visits at
    /// most.
    pub fn visitors(
        &self,
        place: PlaceId,
        span: Span,
        places: &dyn Places,
        most: usize,
    ) -> Result<Visitors, VisitsError> {
        let mut visitors = Visitors {
            stays: Vec::new(),
            truncated: false,
        };
        let Some(number) = self.names.place_number(place) else {
            return Ok(visitors);
        };
        let usual = places.usual_stay(place);
        let buffers = &mut Buffers::default();
        visitors.truncated = self.each_stay_at(
            number,
            &self.local(span),
            usual,
            most,
            buffers,
            |person, minutes| {
                if let Some(person) = self.names.person(person) {
                    visitors.stays.push(Stay {
                        person,
                        place,
                        from: Minute::from_local(minutes.start, self.offset),
                        until: Minute::from_local(minutes.end, self.offset),
                    });
                }
            },
        )?;
        visitors.stays.sort_unstable();
        Ok(visitors)
    }

    /// By the clock on the wall.
    pub(crate) fn local(&self, span: Span) -> Range<i32> {
        span.from.local(self.offset)..span.until.local(self.offset)
    }

    /// Gives each stay of a person within some minutes: the place and the minutes.
    pub(crate) fn each_stay_of(
        &self,
        person: u32,
        minutes: &Range<i32>,
        places: &dyn Places,
        buffers: &mut Buffers,
        give: impl FnMut(u32, Range<i32>),
    ) -> Result<(), VisitsError> {
        let search = Search {
            order: Order::Person,
            major: person,
            minutes: minutes.clone(),
            usual: LONGEST_USUAL,
            most: usize::MAX,
        };
        buffers.found.clear();
        self.state
            .scan(&search, &mut buffers.block, &mut buffers.found)?;
        let usual = |place| {
            self.names
                .place(place)
                .map_or(0, |place| places.usual_stay(place))
        };
        each_stay(&mut buffers.found, minutes, usual, give);
        Ok(())
    }

    /// Gives each stay at a place within some minutes: the person and the minutes. Says whether
    /// there were more than `most` visits.
    pub(crate) fn each_stay_at(
        &self,
        place: u32,
        minutes: &Range<i32>,
        usual: u16,
        most: usize,
        buffers: &mut Buffers,
        give: impl FnMut(u32, Range<i32>),
    ) -> Result<bool, VisitsError> {
        let usual = usual.min(LONGEST_USUAL);
        let search = Search {
            order: Order::Place,
            major: place,
            minutes: minutes.clone(),
            usual,
            most,
        };
        buffers.found.clear();
        let more = self
            .state
            .scan(&search, &mut buffers.block, &mut buffers.found)?;
        each_stay(&mut buffers.found, minutes, |_| usual, give);
        Ok(more)
    }
}

/// What a question needs again and again.
#[derive(Default)]
pub(crate) struct Buffers {
    block: Vec<u8>,
    found: Vec<Found>,
}

/// Of visits of one person to one place from one minute on, all but the greatest end are
/// repetitions. The rows are sorted.
fn keep_last_known(found: &mut Vec<Found>) {
    // `dedup_by` removes its first argument, the later row; so its end is handed to the earlier.
    found.dedup_by(|later, kept| {
        let same = (later.minor(), later.from()) == (kept.minor(), kept.from());
        if same {
            *kept = *later;
        }
        same
    });
}

/// Gives the stays that visits are, by their other side and time, cut to some minutes.
fn each_stay(
    found: &mut Vec<Found>,
    minutes: &Range<i32>,
    usual: impl Fn(u32) -> u16,
    mut give: impl FnMut(u32, Range<i32>),
) {
    found.sort_unstable();
    keep_last_known(found);
    let mut open: Option<(u32, Range<i32>)> = None;
    for row in found.iter() {
        let stays = match row.end().minutes() {
            Some(_) => row.end().holds(0),
            None => row.end().holds(usual(row.minor()).min(LONGEST_USUAL)),
        };
        let from = row.from().max(minutes.start);
        let until = (row.from() + stays).min(minutes.end);
        if from >= until {
            continue;
        }
        match &mut open {
            Some((minor, stay)) if *minor == row.minor() && from <= stay.end => {
                stay.end = stay.end.max(until);
            }
            _ => {
                if let Some((minor, stay)) = open.replace((row.minor(), from..until)) {
                    give(minor, stay);
                }
            }
        }
    }
    if let Some((minor, stay)) = open {
        give(minor, stay);
    }
}
