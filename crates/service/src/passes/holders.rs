//! The holder's own page.

use jiff::civil::Date;
use lianfang_core::areas::Area;
use lianfang_core::ids::PersonId;
use lianfang_core::passes::{CaseStanding, PassRecord, PassSource};
use lianfang_core::people::mask_name;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::passes::{self as view, CodeRow};

use super::assess::Assessment;
use super::counter::state;
use super::{EvidenceShown, FamilyMember, MyPass, PassStanding, PassState};
use crate::{House, Refusal};

/// Facts of one thing that are looked at for who wrote it down.
const FACTS: usize = 200;

/// A piece of evidence: what it says, and the id of what it is about.
struct Piece {
    source: PassSource,
    says: Text,
    about: Option<[u8; 16]>,
}

fn pieces(record: &PassRecord) -> Vec<Piece> {
    let mut found = Vec::new();
    if let Some(case) = record.case.filter(|case| *case != CaseStanding::None) {
        let day = record.case_since.map(|day| day.to_string());
        let name = case.label();
        found.push(Piece {
            source: PassSource::Case,
            says: Text::new(
                format!("{}, {}", name.en, day.as_deref().unwrap_or("")),
                format!("{}，{}", name.zh, day.as_deref().unwrap_or("")),
            ),
            about: record.case_id.map(lianfang_core::ids::CaseId::to_bytes),
        });
    }
    for met in &record.meetings {
        let name = met.class.label();
        found.push(Piece {
            source: PassSource::Contact,
            says: Text::new(
                format!("{}, last exposure {}", name.en, met.last_exposure),
                format!("{}，末次暴露{}", name.zh, met.last_exposure),
            ),
            about: met
                .contact
                .map(lianfang_core::ids::ContactId::to_bytes)
                .or(met.order.map(lianfang_core::ids::OrderId::to_bytes)),
        });
    }
    for journey in &record.journeys {
        let name = journey.origin.label();
        let (en, zh) = if journey.abroad {
            (", from abroad", "，境外")
        } else {
            ("", "")
        };
        found.push(Piece {
            source: PassSource::Journey,
            says: Text::new(
                format!("{}{en}, arrived {}", name.en, journey.entered),
                format!("{}{zh}，{}到达", name.zh, journey.entered),
            ),
            about: Some(journey.entrant.to_bytes()),
        });
    }
    if let (Some(watch), Some(since)) = (record.watch, record.watch_since) {
        let name = watch.label();
        found.push(Piece {
            source: PassSource::Watch,
            says: Text::new(
                format!("{} since {since}", name.en),
                format!("{since}起{}", name.zh),
            ),
            about: record.order.map(lianfang_core::ids::OrderId::to_bytes),
        });
    }
    if let Some(reported) = record.reported {
        let ill = !record.symptoms.is_empty();
        let (en, zh) = if ill {
            ("with symptoms", "有症状")
        } else {
            ("no symptoms", "无症状")
        };
        found.push(Piece {
            source: PassSource::Report,
            says: Text::new(
                format!(
                    "newest {reported}, {en}; {} healthy days in a row",
                    record.healthy_reports
                ),
                format!("最近{reported}，{zh}；连续健康{}天", record.healthy_reports),
            ),
            about: None,
        });
    }
    if let Some(tested) = record.tested {
        found.push(Piece {
            source: PassSource::Test,
            says: Text::new(
                format!(
                    "sample of {tested}; {} negative in a row",
                    record.negative_tests
                ),
                format!("{tested}采样；连续{}次阴性", record.negative_tests),
            ),
            about: record.order.map(lianfang_core::ids::OrderId::to_bytes),
        });
    }
    for proof in &record.certificates {
        let name = proof.kind.label();
        found.push(Piece {
            source: PassSource::Certificate,
            says: Text::new(
                format!("{}, {}", name.en, proof.day),
                format!("{}，{}", name.zh, proof.day),
            ),
            about: None,
        });
    }
    found
}

impl House {
    /// The evidence on which a pass rests, with where and when it was recorded.
    pub(super) fn pass_evidence_shown(
        &self,
        record: &PassRecord,
    ) -> Result<Vec<EvidenceShown>, Refusal> {
        let tree = self.tree()?;
        let offset = self.store.utc_offset();
        pieces(record)
            .into_iter()
            .map(|piece| {
                let fact = match piece.about {
                    Some(about) => self.facts_of_evidence(about)?.pop(),
                    None => None,
                };
                Ok(EvidenceShown {
                    source: piece.source,
                    source_name: piece.source.label(),
                    says: piece.says,
                    recorded_in: fact.as_ref().map(|fact| tree.get_or_unnamed(fact.area)),
                    recorded_at: fact.map(|fact| offset.rfc3339(fact.recorded_at)),
                })
            })
            .collect()
    }

    /// The facts about a case, contact, arrival or order, oldest first.
    pub(super) fn facts_of_evidence(
        &self,
        about: [u8; 16],
    ) -> Result<Vec<lianfang_core::facts::Fact>, Refusal> {
        Ok(self.store.read(|c| view::evidence_facts(c, about, FACTS))?)
    }

    /// Everything that a holder's evidence is about.
    pub(super) fn evidence_subjects(record: &PassRecord) -> Vec<[u8; 16]> {
        pieces(record)
            .into_iter()
            .filter_map(|piece| piece.about)
            .collect()
    }

    pub(super) fn standing_shown(&self, found: &Assessment) -> Result<PassStanding, Refusal> {
        Ok(PassStanding {
            colour: found.colour,
            colour_name: found.colour.label(),
            reason: found.decided.reason.clone(),
            rule: found.decided.rule.clone(),
            since: found.decided.since,
            until: found.decided.until,
            clears: found.decided.clears.clone(),
            evidence: self.pass_evidence_shown(&found.row.record)?,
            pack: format!("{} {}", found.decided.pack, found.decided.version),
        })
    }

    pub(super) fn masked(&self, person: PersonId) -> Result<Option<String>, Refusal> {
        let data = self.store.open_person(person)?;
        Ok(data.and_then(|data| data.name).map(|name| mask_name(&name)))
    }

    fn member(&self, row: &CodeRow, today: Date) -> Result<FamilyMember, Refusal> {
        let found = match state(row) {
            PassState::Open => self.assess(row.person)?,
            PassState::Waiting | PassState::Ended => None,
        };
        Ok(FamilyMember {
            code: self.pass_code(row.code),
            name: self.masked(row.person)?.unwrap_or_default(),
            state: state(row),
            colour: found.as_ref().map(|found| found.colour),
            colour_name: found.as_ref().map(|found| found.colour.label()),
            reported_today: found.is_some_and(|found| found.row.record.reported == Some(today)),
        })
    }

    /// What a code opens; with `show`, a pass to be shown is issued.
    pub fn my_pass(&self, text: &str, show: bool) -> Result<MyPass, Refusal> {
        let row = self.pass_coded(text)?;
        let today = self.today();
        let area: Area = self.tree()?.get_or_unnamed(row.area);
        let mut mine = MyPass {
            state: state(&row),
            name: None,
            area,
            standing: None,
            pass: None,
            reported_today: false,
            healthy_reports: 0,
            family: Vec::new(),
            appeals: Vec::new(),
            today,
        };
        if mine.state != PassState::Open {
            return Ok(mine);
        }
        let found = self.assess(row.person)?.ok_or(Refusal::NotFound("pass"))?;
        mine.name = self.masked(row.person)?;
        mine.standing = Some(self.standing_shown(&found)?);
        mine.reported_today = found.row.record.reported == Some(today);
        mine.healthy_reports = found.row.record.healthy_reports;
        if show {
            mine.pass = Some(self.issue_pass(row.code, row.person, found.colour)?);
        }
        let cared = self.store.read(|c| Ok(view::cared_for(c, row.code)?))?;
        mine.family = cared
            .iter()
            .map(|member| self.member(member, today))
            .collect::<Result<_, _>>()?;
        mine.appeals = self.appeals_of(row.person)?;
        Ok(mine)
    }
}
