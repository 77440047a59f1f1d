//! Visits: who was where, in files that do not fit in memory. So many rows of the file are a batch
//! of the visit log; the same rows again are the same batch.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::Draft;
use lianfang_core::ids::PersonId;
use lianfang_core::places::{PlaceCode, PlaceId, PlaceKind};
use lianfang_core::text::Text;
use lianfang_core::time::day_number;
use lianfang_core::words::Word;
use lianfang_intake::{Code, Finding, Options, RefusedRow, Source, VisitRow, VisitTime, Visits};
use lianfang_store::Batch as StoreBatch;
use lianfang_store::views::places::{self as view, PlaceRow};
use lianfang_visits::{Batch, Bounds, Minute, Refusal as VisitRefusal, Visit};

use super::UnknownPlaces;
use super::session::Session;
use crate::Refusal;
use crate::places::defined;
use crate::visits::{Named, why};

/// Rows of a file that are one batch.
const CHUNK: u64 = 500_000;
/// Places made known in one go.
const PLACES: usize = 5_000;
/// Minutes from one midnight to the next.
const MIDNIGHT: i64 = 1_440;

/// What an import of visits has met.
struct Met {
    area: AreaCode,
    unknown: UnknownPlaces,
    bounds: Bounds,
    named: Named,
    /// Places by the code as it stands in the file; those refused have none.
    places: HashMap<PlaceCode, Option<PlaceId>>,
    /// Numbers of the places that this import makes known.
    numbers: HashSet<PlaceId>,
    new_places: Vec<Draft>,
    places_new: u64,
    /// The day that was read last, with the minute since 1970 at its midnight.
    midnight: (Date, i64),
    visits: Vec<Visit>,
}

impl Session<'_> {
    pub(super) fn visits(
        &mut self,
        source: Source,
        area: AreaCode,
        unknown: UnknownPlaces,
    ) -> Result<(), Refusal> {
        let policy = self.house.policy()?;
        let root = self.house.store().root();
        let mut met = Met {
            area: if area == AreaCode::COUNTRY {
                root
            } else {
                area
            },
            unknown,
            bounds: self.house.visit_bounds(&policy)?,
            named: Named::default(),
            places: HashMap::new(),
            numbers: HashSet::new(),
            new_places: Vec::new(),
            places_new: 0,
            midnight: (Date::constant(1970, 1, 1), 0),
            visits: Vec::new(),
        };
        if !root.contains(met.area) {
            return Err(Refusal::NotFound("area"));
        }
        let options = Options {
            limits: Visits::limits(),
            ..self.options
        };
        let mut list = Visits::open(source, options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        for ignored in list.ignored() {
            self.report.warn(ignored);
        }
        if !self.dry_run {
            // Said before anything is taken, where another process writes.
            self.house.hold_visits()?;
        }
        while let Some(entry) = list.next() {
            if let Some(row) = self.sift(entry?, &header)? {
                match self.visit(&mut met, &row)? {
                    Ok(visit) => met.visits.push(visit),
                    Err(finding) => {
                        let refused = RefusedRow {
                            row: row.row,
                            findings: vec![finding],
                            cells: list.cells(),
                        };
                        self.refuse(&refused, &header)?;
                    }
                }
            }
            if self.report.rows_read.is_multiple_of(CHUNK) {
                self.take(&mut met)?;
            }
        }
        self.take(&mut met)?;
        self.report.places_new = Some(met.places_new);
        self.report.people_new = Some(met.named.new);
        if self.report.rows_taken > 0 && !self.dry_run {
            self.house.settle_visits()?;
        }
        Ok(())
    }

    /// A row's visit, or why it is refused.
    fn visit(&self, met: &mut Met, row: &VisitRow) -> Result<Result<Visit, Finding>, Refusal> {
        let checked = met.minute(row.from, "time").and_then(|from| {
            let until = row
                .until
                .map(|until| met.minute(until, "until"))
                .transpose()?;
            let visit = Visit {
                person: PersonId::from_bytes([0; 16]),
                place: PlaceId(0),
                from,
                until,
            };
            match met.bounds.check(&visit) {
                Ok(()) => Ok(visit),
                Err(refusal) => Err((code_of(refusal), why(refusal))),
            }
        });
        let mut visit = match checked {
            Ok(visit) => visit,
            Err((code, (field, message))) => {
                return Ok(Err(Finding {
                    row: row.row,
                    field: field.into(),
                    code,
                    message,
                }));
            }
        };
        let place = if let Some(place) = met.places.get(&row.place) {
            *place
        } else {
            let place = self.place(met, &row.place)?;
            met.places.insert(row.place.clone(), place);
            place
        };
        let Some(place) = place else {
            return Ok(Err(unknown_place(row.row, met.unknown)));
        };
        visit.place = place;
        visit.person = met.named.note(self.house.store(), &row.person);
        Ok(Ok(visit))
    }

    /// The place of a code that the file names for the first time: known, or made known.
    fn place(&self, met: &mut Met, code: &PlaceCode) -> Result<Option<PlaceId>, Refusal> {
        let place = PlaceId::of(code);
        let known = self.house.store().read(|c| Ok(view::place(c, place)?))?;
        if let Some(known) = known {
            return Ok((known.code == *code).then_some(place));
        }
        if met.unknown == UnknownPlaces::Refuse || !met.numbers.insert(place) {
            return Ok(None);
        }
        met.places_new += 1;
        let row = PlaceRow {
            place,
            code: code.clone(),
            area: met.area,
            name: code.as_str().to_owned(),
            name_en: None,
            kind: PlaceKind::Other,
        };
        let id = self.fact_id(
            Some(Date::constant(1970, 1, 1)),
            &format!("place {code} {}", PlaceKind::Other.word()),
        );
        met.new_places
            .push(self.house.draft_as(id, self.actor, met.area, defined(&row)));
        Ok(Some(place))
    }

    /// Takes what was gathered: places and people first, so that no visit is without either.
    fn take(&mut self, met: &mut Met) -> Result<(), Refusal> {
        let new = std::mem::take(&mut met.new_places);
        let mut new = new.into_iter().peekable();
        while new.peek().is_some() {
            let some: Vec<Draft> = new.by_ref().take(PLACES).collect();
            self.append(StoreBatch::of(some))?;
        }
        met.named.settle(self.house.store(), self.dry_run)?;
        let mut visits = std::mem::take(&mut met.visits);
        if visits.is_empty() {
            return Ok(());
        }
        for visit in &mut visits {
            visit.person = met.named.known(visit.person);
        }
        let count = visits.len() as u64;
        if self.dry_run {
            self.report.rows_taken += count;
            return Ok(());
        }
        let (batch, _) = Batch::checked(&mut visits.into_iter(), &met.bounds, |_| true);
        let receipt = self.house.take_visits(self.actor, met.area, batch)?;
        if receipt.repeated {
            self.report.rows_unchanged += count;
        } else {
            self.report.rows_taken += count;
            self.report.facts_appended += 1;
        }
        Ok(())
    }
}

impl Met {
    /// The minute since 1970 of a time in the file.
    fn minute(
        &mut self,
        time: VisitTime,
        field: &'static str,
    ) -> Result<Minute, (Code, (&'static str, Text))> {
        if self.midnight.0 != time.day {
            self.midnight = (time.day, i64::from(day_number(time.day)) * MIDNIGHT);
        }
        let offset = time.offset.unwrap_or(self.bounds.offset.minutes());
        let minute = self.midnight.1 + i64::from(time.minute) - i64::from(offset);
        u32::try_from(minute)
            .ok()
            .map(Minute)
            .filter(|minute| *minute <= Minute::LAST)
            .ok_or_else(|| {
                let message = Text::new("there is no such time", "时间无效");
                (Code::DateUnreal, (field, message))
            })
    }
}

fn code_of(refusal: VisitRefusal) -> Code {
    match refusal {
        VisitRefusal::InFuture | VisitRefusal::EndsInFuture => Code::DateFuture,
        VisitRefusal::EndsBeforeItBegins => Code::DateOrder,
        VisitRefusal::TooLong(_) => Code::StayTooLong,
        VisitRefusal::NoLongerKept(_) => Code::NotKept,
        VisitRefusal::UnknownPlace => Code::UnknownPlace,
    }
}

fn unknown_place(row: u64, unknown: UnknownPlaces) -> Finding {
    let (code, message) = match unknown {
        UnknownPlaces::Refuse => (
            Code::UnknownPlace,
            Text::new(
                "No place is registered under this code. Register it, or import without --known-places-only.",
                "没有登记此场所码。请先登记场所，或不加 --known-places-only 导入。",
            ),
        ),
        UnknownPlaces::Register => (
            Code::PlaceTaken,
            Text::new(
                "Another place's code leads to the same number. Give this place another code.",
                "已有另一场所码对应同一编号，请为该场所改用其他场所码。",
            ),
        ),
    };
    Finding {
        row,
        field: "place".into(),
        code,
        message,
    }
}
