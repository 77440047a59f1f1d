//! Lists of people who arrive: each row goes through the same door as an entry from the field.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Destination, Journey, Source as From};
use lianfang_core::ids::{EntrantId, FactId, PartyId};
use lianfang_core::text::Text;
use lianfang_intake::{Arrival, ArrivalRow, Arrivals, Code, Finding, Place, RefusedRow, Source};
use lianfang_store::IndexKind;

use super::session::Session;
use crate::Refusal;
use crate::field::{
    Circumstances, Coming, EntryAnswer, FieldEntry, Happening, MOST_ENTRIES, PersonGiven, Taken,
};

/// Characters of a list's name.
const NAME_CHARACTERS: usize = 80;

/// A row on its way, with its cells in case it is refused yet.
struct Pending {
    entry: FieldEntry,
    row: u64,
    cells: Vec<String>,
}

/// When somebody arrives and whether they are here, as the list says it at `at`.
fn when(
    arrival: Arrival,
    at: Timestamp,
    start_of: impl Fn(Date) -> Timestamp,
) -> (Timestamp, bool) {
    match arrival {
        // A day is over when the next begins: until then the person may be on the way.
        Arrival::Day(day) => {
            let over = day.tomorrow().is_ok_and(|next| start_of(next) <= at);
            (start_of(day), over)
        }
        Arrival::Local(time) => {
            let moment =
                start_of(time.date()) + time.time().duration_since(jiff::civil::Time::midnight());
            (moment, moment <= at)
        }
        Arrival::Exact(moment) => (moment, moment <= at),
    }
}

/// All that a row says, in one line: the same row makes the same entry.
fn identity(list: &str, row: &ArrivalRow, area: AreaCode) -> String {
    let document = row
        .document
        .as_ref()
        .map(|document| format!("{} {}", document.kind(), document.number()));
    let phone = row.phone.as_ref().map(ToString::to_string);
    format!(
        "{list}\n{:?}",
        (
            (&row.name, document, phone, row.born, row.sex, &row.address),
            (row.mode, &row.number, &row.seat, &row.from, &row.stops),
            (row.arrival, area, &row.party),
        )
    )
}

impl Session<'_> {
    pub(super) fn arrivals(&mut self, source: Source) -> Result<(), Refusal> {
        let preset = self.preset.ok_or(Refusal::NotFound("preset"))?;
        let list_name = list_name(source.name());
        let mut list = Arrivals::open(source, preset, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        self.report.rows_known = Some(0);
        let mut seen: HashSet<FactId> = HashSet::new();
        let mut pending: Vec<Pending> = Vec::with_capacity(MOST_ENTRIES);
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            let number = row.row;
            let area = match self.bound_for(&row)? {
                Ok(area) => area,
                Err(finding) => {
                    let findings = vec![finding];
                    let cells = list.cells();
                    self.refuse(
                        &RefusedRow {
                            row: number,
                            findings,
                            cells,
                        },
                        &header,
                    )?;
                    continue;
                }
            };
            // The same row under the same list's name makes the same id: it was taken before.
            let id = self.arrival_id(&row, area, &list_name);
            if !seen.insert(id) || self.house.store().fact_by_id(id)?.is_some() {
                self.report.rows_unchanged += 1;
                continue;
            }
            let entry = self.notice(id, row, area, &list_name)?;
            pending.push(Pending {
                entry,
                row: number,
                cells: list.cells(),
            });
            if pending.len() >= MOST_ENTRIES {
                self.take_arrivals(std::mem::take(&mut pending), &header)?;
            }
        }
        self.take_arrivals(pending, &header)
    }

    /// Where a row's person is going: a code, or the one area of ours that has this name.
    fn bound_for(&mut self, row: &ArrivalRow) -> Result<Result<AreaCode, Finding>, Refusal> {
        let area = match &row.bound_for {
            Some(Place::Area(area)) => *area,
            Some(Place::Named(name)) => match self.area_named(name)? {
                Some(area) => area,
                None => return Ok(Err(unknown_area(row.row))),
            },
            Some(Place::Country(_)) => return Ok(Err(unknown_area(row.row))),
            None => return Ok(Err(no_area(row.row))),
        };
        Ok(match self.check_area(row.row, area)? {
            Some(finding) => Err(finding),
            None => Ok(area),
        })
    }

    /// A place that a journey began at or passed through, in the form of the ledger. A name that
    /// nobody knows is left out with a warning: better an arrival without its origin than none.
    fn origin(&mut self, row: u64, field: &str, place: &Place) -> Result<Option<String>, Refusal> {
        let found = match place {
            Place::Area(area) => Some(area.to_string()),
            Place::Country(country) => Some(country.clone()),
            Place::Named(name) => self.area_named(name)?.map(|area| area.to_string()),
        };
        if found.is_none() {
            self.report.warn(Finding {
                row,
                field: field.to_owned(),
                code: Code::UnknownPlace,
                message: Text::new(
                    "This place is not known and was left out: the gate will ask. Write an area code, or a country's two letters.",
                    "该地名无法识别，未予保存，由卡口再行询问；请填写区划代码或两位国家代码。",
                ),
            });
        }
        Ok(found)
    }

    fn arrival_id(&self, row: &ArrivalRow, area: AreaCode, list: &str) -> FactId {
        let day = match row.arrival {
            Arrival::Day(day) => day,
            Arrival::Local(time) => time.date(),
            Arrival::Exact(moment) => self.house.store().utc_offset().day_of(moment),
        };
        self.fact_id(Some(day), &identity(list, row, area))
    }

    fn notice(
        &mut self,
        id: FactId,
        row: ArrivalRow,
        area: AreaCode,
        list: &str,
    ) -> Result<FieldEntry, Refusal> {
        let offset = self.house.store().utc_offset();
        let at = self.house.now();
        let (arrival, arrived) = when(row.arrival, at, |day| offset.start_of(day));
        let from = match &row.from {
            Some(place) => self.origin(row.row, "from", place)?,
            None => None,
        };
        let mut stops = Vec::with_capacity(row.stops.len());
        for place in &row.stops {
            stops.extend(self.origin(row.row, "stops", place)?);
        }
        let party = row.party.as_deref().map(|party| {
            let digest = self
                .house
                .store()
                .blind("party of a list", &format!("{list}\n{party}"));
            PartyId::from_bytes(digest)
        });
        Ok(FieldEntry {
            id,
            at,
            what: Happening::Notice {
                source: From::List,
                person: PersonGiven {
                    name: row.name,
                    document_kind: row
                        .document
                        .as_ref()
                        .map(|document| document.kind().to_owned()),
                    document: row
                        .document
                        .as_ref()
                        .map(|document| document.number().to_owned()),
                    phone: row.phone.as_ref().map(ToString::to_string),
                    born: row.born,
                    sex: row.sex,
                    address: row.address,
                },
                coming: Coming {
                    journey: Journey {
                        mode: row.mode,
                        number: row.number,
                        seat: row.seat,
                        from,
                        stops,
                    },
                    arrival,
                    destination: Destination::Here,
                    bound_for: Some(area),
                    circumstances: Circumstances::default(),
                    party,
                },
                arrived,
                list: Some(list.to_owned()),
                household: None,
            },
        })
    }

    fn take_arrivals(&mut self, pending: Vec<Pending>, header: &[String]) -> Result<(), Refusal> {
        let entries: Vec<FieldEntry> = pending.iter().map(|one| one.entry.clone()).collect();
        let answers = if self.dry_run {
            self.foreseen(&entries)?
        } else {
            self.take_entries(&entries)?
        };
        for (one, answer) in pending.into_iter().zip(answers) {
            match answer.result {
                Taken::Repeated => self.report.rows_unchanged += 1,
                Taken::Taken => {
                    self.report.rows_taken += 1;
                    let own = EntrantId::from_bytes(one.entry.id.to_bytes());
                    if answer.entrant.is_some_and(|entrant| entrant != own) {
                        *self.report.rows_known.get_or_insert(0) += 1;
                    }
                }
                Taken::Refused => {
                    let refused = RefusedRow {
                        row: one.row,
                        findings: vec![not_accepted(one.row, &answer)],
                        cells: one.cells,
                    };
                    self.refuse(&refused, header)?;
                }
            }
        }
        Ok(())
    }

    /// What taking entries would come to, as far as the vault tells: whose document is known.
    fn foreseen(&self, entries: &[FieldEntry]) -> Result<Vec<EntryAnswer>, Refusal> {
        let store = self.house.store();
        entries
            .iter()
            .map(|entry| {
                let known = match &entry.what {
                    Happening::Notice { person, .. } => match &person.document {
                        Some(document) => store
                            .find_people(IndexKind::Document, document)?
                            .first()
                            .map(|person| EntrantId::from_bytes(person.to_bytes())),
                        None => None,
                    },
                    _ => None,
                };
                Ok(EntryAnswer {
                    id: entry.id,
                    result: Taken::Taken,
                    refusal: None,
                    entrant: known,
                    decision: None,
                })
            })
            .collect()
    }
}

/// The name of a list: that of its file, without the ending.
fn list_name(file: &str) -> String {
    let name = std::path::Path::new(file)
        .file_stem()
        .map_or_else(|| file.into(), |stem| stem.to_string_lossy());
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME_CHARACTERS)
        .collect();
    if name.trim().is_empty() {
        "list".into()
    } else {
        name.trim().to_owned()
    }
}

fn about(row: u64, code: Code, en: &str, zh: &str) -> Finding {
    Finding {
        row,
        field: "area".into(),
        code,
        message: Text::new(en, zh),
    }
}

pub(super) fn no_area(row: u64) -> Finding {
    about(
        row,
        Code::MissingValue,
        "The row names no area. Takes an area code or name, or an area for the whole file.",
        "该行没有目的地。请填写区划代码或名称，或为整个文件指定地区。",
    )
}

pub(super) fn unknown_area(row: u64) -> Finding {
    about(
        row,
        Code::UnknownPlace,
        "None of our areas, or more than one, has this name. Takes an area code.",
        "辖区内没有此名称的区域，或有多个同名区域，请填写区划代码。",
    )
}

/// Why the gate or the roster did not accept a row, as a finding about it.
pub(super) fn not_accepted(row: u64, answer: &EntryAnswer) -> Finding {
    let refusal = answer.refusal.as_ref();
    Finding {
        row,
        field: refusal
            .and_then(|refusal| refusal.field)
            .unwrap_or("row")
            .to_owned(),
        code: Code::NotAccepted,
        message: refusal.map_or_else(
            || Text::new("not accepted", "未被接受"),
            |refusal| refusal.message.clone(),
        ),
    }
}
