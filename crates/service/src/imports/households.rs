//! Rosters of households: each household and each who lives there goes through the same door as an
//! entry from the field. A household is known again by its area and its door.

mod roster;

use lianfang_core::areas::AreaCode;
use lianfang_core::households::Dwelling;
use lianfang_core::text::Text;
use lianfang_intake::{
    Code, Finding, HouseholdRow as Row, Households, Place, RefusedRow, Resident, Source,
};

use lianfang_store::views::households as view;

use super::arrivals::{no_area, not_accepted, unknown_area};
use super::session::Session;
use crate::Refusal;
use crate::field::{EntryAnswer, FieldEntry, Happening, MOST_ENTRIES, Taken};
use roster::Roster;

/// A row on its way, with its cells in case it is refused yet.
struct Line {
    row: u64,
    cells: Vec<String>,
    resident: Option<Resident>,
}

/// Rows of one household, one below the other.
struct Group {
    area: AreaCode,
    door: String,
    dwelling: Dwelling,
    walk: Option<u32>,
    people: Option<u32>,
    place: Option<String>,
    lines: Vec<Line>,
}

impl Group {
    /// Takes a row of the same household; hands it back where it says otherwise.
    fn take(&mut self, row: Row, cells: Vec<String>) -> Result<(), RefusedRow> {
        let fits = (row.dwelling.is_none() || row.dwelling == Some(self.dwelling))
            && (row.walk.is_none() || row.walk == self.walk)
            && (row.people.is_none() || row.people == self.people)
            && (row.place.is_none() || row.place == self.place);
        if !fits {
            return Err(RefusedRow {
                row: row.row,
                findings: vec![otherwise(row.row)],
                cells,
            });
        }
        self.lines.push(Line {
            row: row.row,
            cells,
            resident: row.resident,
        });
        Ok(())
    }

    fn of(row: Row, area: AreaCode, cells: Vec<String>) -> Self {
        Self {
            area,
            door: row.door,
            // A home where nothing is said.
            dwelling: row.dwelling.unwrap_or(Dwelling::Home),
            walk: row.walk,
            people: row.people,
            place: row.place,
            lines: vec![Line {
                row: row.row,
                cells,
                resident: row.resident,
            }],
        }
    }
}

/// What became of the entries of a row.
#[derive(Default)]
struct Outcome {
    taken: bool,
    revised: bool,
    refused: Option<Finding>,
}

impl Session<'_> {
    pub(super) fn households(&mut self, source: Source) -> Result<(), Refusal> {
        let preset = self.preset.ok_or(Refusal::NotFound("preset"))?;
        let mut list = Households::open(source, preset, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        let mut roster = Roster::default();
        let mut groups: Vec<Group> = Vec::with_capacity(MOST_ENTRIES);
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            let (number, cells) = (row.row, list.cells());
            let area = match self.belongs_to(&row)? {
                Ok(area) => area,
                Err(finding) => {
                    let findings = vec![finding];
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
            match groups.last_mut() {
                Some(group) if group.area == area && group.door == row.door => {
                    if let Err(refused) = group.take(row, cells) {
                        self.refuse(&refused, &header)?;
                    }
                }
                _ => {
                    if groups.len() >= MOST_ENTRIES {
                        let full = std::mem::take(&mut groups);
                        self.take_households(full, &mut roster, &header)?;
                    }
                    groups.push(Group::of(row, area, cells));
                }
            }
        }
        self.take_households(groups, &mut roster, &header)
    }

    /// The area that a row's household belongs to: a code, or the one area that has this name.
    fn belongs_to(&mut self, row: &Row) -> Result<Result<AreaCode, Finding>, Refusal> {
        let area = match &row.area {
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

    /// Takes the households first, then who lives there: the first of each, then the second, so that
    /// entries of one household, which are written one after the other, do not stand side by side.
    fn take_households(
        &mut self,
        groups: Vec<Group>,
        roster: &mut Roster,
        header: &[String],
    ) -> Result<(), Refusal> {
        let mut outcomes: Vec<Vec<Outcome>> = groups
            .iter()
            .map(|group| group.lines.iter().map(|_| Outcome::default()).collect())
            .collect();
        let mut households = Vec::with_capacity(groups.len());
        let mut entries: Vec<((usize, usize), FieldEntry)> = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            let (known, entry) = self.household_of(group, roster)?;
            households.push(known.household);
            entries.extend(entry.map(|entry| ((place, 0), entry)));
        }
        self.take_lines(entries, &mut outcomes)?;
        let deepest = groups.iter().map(|group| group.lines.len()).max();
        for rank in 0..deepest.unwrap_or(0) {
            let mut entries = Vec::new();
            for (place, group) in groups.iter().enumerate() {
                // Nobody can live in a household that was not accepted.
                if rank > 0
                    && let Some(refused) = &outcomes[place][0].refused
                {
                    let refused = refused.clone();
                    if let Some(outcome) = outcomes[place].get_mut(rank) {
                        outcome.refused = Some(refused);
                    }
                }
                let accepted = |outcome: &Outcome| outcome.refused.is_none();
                if !outcomes[place].get(rank).is_some_and(accepted) {
                    continue;
                }
                if let Some(resident) = &group.lines[rank].resident {
                    let entry = self.lives_in(households[place], resident)?;
                    entries.extend(entry.map(|entry| ((place, rank), entry)));
                }
            }
            self.take_lines(entries, &mut outcomes)?;
        }
        for (group, outcomes) in groups.into_iter().zip(outcomes) {
            for (line, outcome) in group.lines.into_iter().zip(outcomes) {
                self.count(line, outcome, header)?;
            }
        }
        Ok(())
    }

    fn take_lines(
        &mut self,
        entries: Vec<((usize, usize), FieldEntry)>,
        outcomes: &mut [Vec<Outcome>],
    ) -> Result<(), Refusal> {
        let (places, entries): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let answers = self.take_or_foresee(&entries)?;
        for (((group, line), entry), answer) in places.into_iter().zip(&entries).zip(answers) {
            let outcome = &mut outcomes[group][line];
            let revises = matches!(
                entry.what,
                Happening::Household {
                    household: Some(_),
                    ..
                }
            );
            match answer.result {
                Taken::Taken if revises => outcome.revised = true,
                Taken::Taken => outcome.taken = true,
                Taken::Repeated => {}
                // The row is named when it is counted.
                Taken::Refused => outcome.refused = Some(not_accepted(0, &answer)),
            }
        }
        Ok(())
    }

    fn take_or_foresee(&mut self, entries: &[FieldEntry]) -> Result<Vec<EntryAnswer>, Refusal> {
        if self.dry_run {
            let store = self.house.store();
            let mut answers = Vec::with_capacity(entries.len());
            for entry in entries {
                let new = match &entry.what {
                    Happening::Resident { household, .. } => {
                        store.read(|c| Ok(view::get(c, *household)?))?.is_none()
                    }
                    _ => false,
                };
                // Of a household that this file would make, its own entry was judged.
                answers.push(if new {
                    EntryAnswer {
                        id: entry.id,
                        result: Taken::Taken,
                        refusal: None,
                        entrant: None,
                        decision: None,
                    }
                } else {
                    self.house.foresee_entry(self.actor, entry)
                });
            }
            return Ok(answers);
        }
        self.take_entries(entries)
    }

    fn count(&mut self, line: Line, outcome: Outcome, header: &[String]) -> Result<(), Refusal> {
        match outcome {
            Outcome {
                refused: Some(finding),
                ..
            } => {
                let refused = RefusedRow {
                    row: line.row,
                    findings: vec![Finding {
                        row: line.row,
                        ..finding
                    }],
                    cells: line.cells,
                };
                return self.refuse(&refused, header);
            }
            Outcome { revised: true, .. } => self.report.rows_revised += 1,
            Outcome { taken: true, .. } => self.report.rows_taken += 1,
            Outcome { .. } => self.report.rows_unchanged += 1,
        }
        Ok(())
    }
}

fn otherwise(row: u64) -> Finding {
    Finding {
        row,
        field: "door".into(),
        code: Code::RepeatedHousehold,
        message: Text::new(
            "The row above gives the same household otherwise. Give its kind, way, people and place once, or the same in each row.",
            "上一行为同一住户但内容不同，类型、顺序、人数、场所请只填一次或各行一致。",
        ),
    }
}
