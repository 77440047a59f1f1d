//! One holder's pass with all that happened to it, for staff of the area.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::civil::Date;
use lianfang_core::entry::Symptom;
use lianfang_core::facts::{Body, Fact};
use lianfang_core::ids::{AccountId, PersonId};
use lianfang_core::passes::Colour;
use lianfang_core::quarantine::CheckedBy;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::passes::{self as view, PassRow};
use serde::Serialize;

use super::PassSeen;
use super::counter::PassCodeRow;
use crate::{Actor, House, Refusal};

/// Reports shown.
const REPORTS: usize = 14;
/// Events shown.
const EVENTS: usize = 200;

lianfang_core::words! {
    /// What happened to a pass.
    PassHappened {
        /// It was asked for.
        Asked = "asked", "asked for", "申领";
        /// Somebody saw who it is.
        Confirmed = "confirmed", "confirmed", "核验";
        /// The policy made something else of the evidence.
        Assessed = "assessed", "assessed", "评估";
        /// A health certificate was taken.
        Certificate = "certificate", "health certificate", "健康证明";
        /// Somebody looked at it with a reason, or printed it.
        Looked = "looked", "looked at", "查看";
        /// A code ended.
        Ended = "ended", "code ended", "停用";
    }
}

/// Something that happened to a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PassEvent {
    /// What.
    pub what: PassHappened,
    /// Its name.
    pub what_name: Text,
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// The colour that was computed.
    pub colour: Option<Colour>,
    /// The rule that says so.
    pub rule: Option<String>,
    /// Until when.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
    /// The pack and its version.
    pub pack: Option<String>,
}

/// A daily report, as shown.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct HealthReportShown {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// When it was made.
    pub at: String,
    /// Temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// Symptoms.
    pub symptoms: Vec<Symptom>,
    /// Who made it.
    pub by: CheckedBy,
    /// Whether it was abnormal.
    pub abnormal: bool,
}

/// One holder's pass, whole.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PassWhole {
    /// As it is looked up.
    #[serde(flatten)]
    pub seen: PassSeen,
    /// Today, by the jurisdiction's own clock.
    #[schema(value_type = String, format = Date)]
    pub today: Date,
    /// Whether today's health report is there.
    pub reported_today: bool,
    /// Healthy reports in a row.
    pub healthy_reports: u32,
    /// Its codes, the newest first.
    pub codes: Vec<PassCodeRow>,
    /// The newest daily reports.
    pub reports: Vec<HealthReportShown>,
    /// What happened, the newest first.
    pub history: Vec<PassEvent>,
    /// Whether a pass can be printed: it was opened by staff.
    pub prints: bool,
}

/// What a fact about a holder tells of the pass; none of what is told elsewhere.
fn happened(body: &Body) -> Option<PassHappened> {
    Some(match body {
        Body::PassAsked(_) => PassHappened::Asked,
        Body::PassConfirmed(_) => PassHappened::Confirmed,
        Body::PassAssessed(_) => PassHappened::Assessed,
        Body::CertificateTaken(_) => PassHappened::Certificate,
        Body::PersonLooked(_) => PassHappened::Looked,
        Body::PassCodeEnded(_) => PassHappened::Ended,
        _ => return None,
    })
}

impl House {
    /// A holder's pass within the asker's reach.
    pub(super) fn pass_row(&self, actor: &Actor, person: PersonId) -> Result<PassRow, Refusal> {
        use lianfang_core::access::Right;
        self.store
            .read(|c| {
                let holder = view::holder_of(c, person)?.unwrap_or(person);
                Ok(view::pass(c, holder)?)
            })?
            .filter(|row| actor.may(Right::ReadField, row.area))
            .ok_or(Refusal::NotFound("pass"))
    }

    /// A holder's pass, explained to staff of the area, with all that happened to it.
    pub fn explain_pass(&self, actor: &Actor, person: PersonId) -> Result<PassWhole, Refusal> {
        let holder = self.pass_row(actor, person)?.holder;
        let seen = self.seen(holder)?;
        let (row, codes, reports, facts, prints) = self.store.read(|c| {
            Ok((
                view::pass(c, holder)?,
                view::codes_of(c, holder)?,
                view::reports_of(c, holder, REPORTS)?,
                view::newest_facts(c, holder, EVENTS)?,
                view::code_by_staff(c, holder)?.is_some(),
            ))
        })?;
        let record = row.ok_or(Refusal::NotFound("pass"))?.record;
        let today = self.today();
        let offset = self.store.utc_offset();
        Ok(PassWhole {
            seen,
            today,
            reported_today: record.reported == Some(today),
            healthy_reports: record.healthy_reports,
            codes: codes.iter().map(|code| self.code_shown(code)).collect(),
            reports: reports
                .into_iter()
                .map(|report| HealthReportShown {
                    day: report.day,
                    at: offset.rfc3339(report.at),
                    temperature: report.temperature.map(|tenths| f64::from(tenths) / 10.0),
                    symptoms: report.symptoms.iter().collect(),
                    by: report.by,
                    abnormal: report.abnormal,
                })
                .collect(),
            history: self.pass_history(&facts)?,
            prints,
        })
    }

    fn pass_history(&self, facts: &[Fact]) -> Result<Vec<PassEvent>, Refusal> {
        let offset = self.store.utc_offset();
        let mut names: HashMap<AccountId, String> = HashMap::new();
        let mut events = Vec::new();
        for fact in facts {
            let Ok(body) = fact.read_body() else { continue };
            let Some(what) = happened(&body) else {
                continue;
            };
            if let Entry::Vacant(name) = names.entry(fact.actor) {
                name.insert(self.account_name(fact.actor)?);
            }
            let assessed = match body {
                Body::PassAssessed(assessed) => Some(assessed),
                _ => None,
            };
            events.push(PassEvent {
                what,
                what_name: what.label(),
                at: offset.rfc3339(fact.recorded_at),
                by: names.get(&fact.actor).cloned().unwrap_or_default(),
                colour: assessed.as_ref().map(|assessed| assessed.colour),
                rule: assessed.as_ref().map(|assessed| assessed.rule.clone()),
                until: assessed.as_ref().and_then(|assessed| assessed.until),
                pack: assessed.map(|assessed| assessed.pack),
            });
        }
        Ok(events)
    }
}
