//! What the policy makes of a holder's evidence.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Span;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{OriginRisk, Temperature};
use lianfang_core::facts::{Body, PassAssessed};
use lianfang_core::ids::PersonId;
use lianfang_core::passes::{CaseStanding, CertificateKind, Colour, PassRecord};
use lianfang_core::quarantine::Watch;
use lianfang_core::words::Word;
use lianfang_policy::{Decided, Decision, Pack, PassEvidence};
use lianfang_store::Batch;
use lianfang_store::views::passes::{self as view, PassRow};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::policy::Policy;
use crate::{Actor, House, Refusal};

/// Facts written at once.
const AT_ONCE: usize = 5_000;

/// Whether somebody reported on a day so near that a row of healthy reports goes on.
fn goes_on(reported: Date, today: Date) -> bool {
    reported >= today || today.yesterday().is_ok_and(|before| reported >= before)
}

/// Whether a certificate counts today.
fn counts(pack: &Pack, kind: CertificateKind, day: Date, today: Date) -> bool {
    let Some(rule) = pack
        .passes
        .as_ref()
        .and_then(|passes| passes.certificates.get(&kind))
    else {
        return false;
    };
    let after = |days: u32| day.checked_add(Span::new().days(i64::from(days)));
    let from = after(rule.from_days).is_ok_and(|from| from <= today);
    from && after(rule.until_days).is_ok_and(|until| today <= until)
}

/// What is on record, as the pass's evidence, but for arrivals and meetings.
fn plain(pack: &Pack, record: &PassRecord, today: Date, area_risk: OriginRisk) -> PassEvidence {
    let mut evidence = PassEvidence {
        case: record.case.unwrap_or(CaseStanding::None),
        case_since: record.case_since,
        onset: record.onset,
        recovered: record.recovered,
        watch: record.watch.unwrap_or(Watch::None),
        watch_since: record.watch_since,
        left_watch: record.left_watch,
        temperature: record
            .temperature
            .and_then(|tenths| Temperature::from_tenths(tenths).ok()),
        symptoms: record.symptoms.iter().copied().collect(),
        last_symptoms: record.last_symptoms,
        reported: record.reported,
        negative_tests: record.negative_tests,
        tested: record.tested,
        area_risk,
        age: record.age.map(u32::from),
        ..PassEvidence::default()
    };
    if record
        .reported
        .is_some_and(|reported| goes_on(reported, today))
    {
        evidence.healthy_reports = record.healthy_reports;
    }
    for proof in &record.certificates {
        if !proof.complete || !counts(pack, proof.kind, proof.day, today) {
            continue;
        }
        match proof.kind {
            CertificateKind::Vaccination | CertificateKind::Recovery => evidence.immune = true,
            CertificateKind::Test => {
                evidence.negative_tests = evidence.negative_tests.max(1);
                evidence.tested = evidence.tested.max(Some(proof.day));
            }
        }
    }
    evidence
}

/// Asks the policy about each arrival and each class of meeting on record; the strictest answer counts, of two equal ones the
/// one that lasts longer. None for the dead.
pub(crate) fn decide<'p>(
    pack: &'p Pack,
    record: &PassRecord,
    today: Date,
    area_risk: OriginRisk,
) -> Option<(Decision<'p, Colour>, PassEvidence)> {
    if record.died {
        return None;
    }
    let plain = plain(pack, record, today, area_risk);
    let mut best: Option<(Decision<'p, Colour>, PassEvidence)> = None;
    for nth in 0..record.journeys.len().max(1) {
        for which in 0..record.meetings.len().max(1) {
            let mut evidence = plain.clone();
            if let Some(journey) = record.journeys.get(nth) {
                evidence.origin = journey.origin;
                evidence.abroad = journey.abroad;
                evidence.entered = Some(journey.entered);
            }
            if let Some(met) = record.meetings.get(which) {
                evidence.contact = met.class;
                evidence.last_exposure = Some(met.last_exposure);
            }
            let decision = pack.decide(&evidence, today);
            let stricter = best.as_ref().is_none_or(|(before, _)| {
                (decision.outcome, decision.until) > (before.outcome, before.until)
            });
            if stricter {
                best = Some((decision, evidence));
            }
        }
    }
    best
}

/// The evidence as it is recorded: what is on record, and what else the policy was told.
pub(super) fn recorded(record: &PassRecord, area_risk: OriginRisk) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    if area_risk != OriginRisk::Unknown {
        fields.insert("area_risk".into(), area_risk.word().into());
    }
    fields
}

/// Reads back [`recorded`].
pub(super) fn read_recorded(mut fields: Map<String, Value>) -> Option<(PassRecord, OriginRisk)> {
    let area_risk = match fields.remove("area_risk") {
        Some(word) => serde_json::from_value(word).ok()?,
        None => OriginRisk::Unknown,
    };
    let record = serde_json::from_value(Value::Object(fields)).ok()?;
    Some((record, area_risk))
}

/// A holder with what the policy in force makes of the evidence.
pub(crate) struct Assessment {
    pub(crate) row: PassRow,
    pub(crate) colour: Colour,
    pub(crate) decided: Decided,
}

/// What reassessing all holders did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReassessReport {
    /// Holders assessed.
    pub holders: u64,
    /// Green, yellow and red ones.
    pub colours: [u64; 3],
    /// How many were recorded, since the answer is another.
    pub recorded: u64,
}

/// Whether a decision is another than the one on record.
fn differs(row: &PassRow, decision: &Decision<'_, Colour>) -> bool {
    row.assessed.as_ref().is_none_or(|before| {
        (before.colour, before.since, before.until)
            != (decision.outcome, decision.since, decision.until)
            || before.rule != decision.rule.id
    })
}

impl House {
    /// The risk of an area of residence, where the rules for passes ask for it.
    pub(crate) fn risk_of_residence(
        &self,
        policy: &std::sync::Arc<Policy>,
        area: AreaCode,
    ) -> Result<OriginRisk, Refusal> {
        if !policy.pack.asks_area_risk_for_passes() {
            return Ok(OriginRisk::Unknown);
        }
        Ok(self.origins(policy)?.risk(&policy.pack, area))
    }

    /// Asks the policy in force about a holder, and records the answer if it is another than before. This is the only way to a
    /// colour.
    pub(crate) fn assess(&self, holder: PersonId) -> Result<Option<Assessment>, Refusal> {
        let policy = self.policy()?;
        let today = self.today();
        let Some(row) = self.store.read(|c| Ok(view::pass(c, holder)?))? else {
            return Ok(None);
        };
        let area_risk = self.risk_of_residence(&policy, row.area)?;
        let Some((decision, evidence)) = decide(&policy.pack, &row.record, today, area_risk) else {
            return Ok(None);
        };
        if differs(&row, &decision) {
            let body = assessed(&policy, &row, &decision, area_risk, today);
            self.append(&Actor::house("passes"), [(row.area, body)])?;
        }
        let decided = decision.shown(&policy.pack, &evidence, today);
        Ok(Some(Assessment {
            colour: decision.outcome,
            decided,
            row,
        }))
    }

    /// Asks the policy in force about every holder, on as many threads as there are, and records the answers that changed.
    pub fn reassess_all(&self) -> Result<ReassessReport, Refusal> {
        let policy = self.policy()?;
        let today = self.today();
        let Some((first, last)) = self.store.read(|c| Ok(view::span_of_ids(c)?))? else {
            return Ok(ReassessReport::default());
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let slice = (last - first) / SLICES.max(threads as u64) + 1;
        let next = AtomicU64::new(first);
        let work = || -> Result<ReassessReport, Refusal> {
            let mut report = ReassessReport::default();
            loop {
                let from = next.fetch_add(slice, Ordering::Relaxed);
                if from > last {
                    return Ok(report);
                }
                self.reassess_slice(&policy, today, (from, from + slice - 1), &mut report)?;
            }
        };
        std::thread::scope(|scope| {
            let hands: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let mut all = ReassessReport::default();
            for hand in hands {
                let report = hand
                    .join()
                    .map_err(|_| Refusal::Pack("a thread that assessed passes failed".into()))??;
                all.holders += report.holders;
                all.recorded += report.recorded;
                for (sum, one) in all.colours.iter_mut().zip(report.colours) {
                    *sum += one;
                }
            }
            Ok(all)
        })
    }

    fn reassess_slice(
        &self,
        policy: &std::sync::Arc<Policy>,
        today: Date,
        (first, last): (u64, u64),
        report: &mut ReassessReport,
    ) -> Result<(), Refusal> {
        let asks = policy.pack.asks_area_risk_for_passes();
        let origins = if asks {
            Some(self.origins(policy)?)
        } else {
            None
        };
        let mut changed = Vec::new();
        self.store.read(|connection| {
            view::each(connection, first, last, |row| {
                let area_risk = origins.as_ref().map_or(OriginRisk::Unknown, |origins| {
                    origins.risk(&policy.pack, row.area)
                });
                let Some((decision, _)) = decide(&policy.pack, &row.record, today, area_risk)
                else {
                    return;
                };
                report.holders += 1;
                report.colours[decision.outcome.index()] += 1;
                if differs(&row, &decision) {
                    let body = assessed(policy, &row, &decision, area_risk, today);
                    changed.push((row.area, body));
                }
            })?;
            Ok(())
        })?;
        let actor = Actor::house("passes");
        report.recorded += changed.len() as u64;
        while !changed.is_empty() {
            let rest = changed.split_off(changed.len().min(AT_ONCE));
            let drafts: Vec<_> = changed
                .into_iter()
                .map(|(area, body)| self.draft(&actor, area, body))
                .collect();
            self.store.append(Batch::of(drafts))?;
            changed = rest;
        }
        Ok(())
    }
}

/// Slices of all holders, so that threads end together.
const SLICES: u64 = 64;

/// The one place where a colour is written down.
fn assessed(
    policy: &Policy,
    row: &PassRow,
    decision: &Decision<'_, Colour>,
    area_risk: OriginRisk,
    today: Date,
) -> Body {
    Body::PassAssessed(PassAssessed {
        person: row.holder,
        colour: decision.outcome,
        rule: decision.rule.id.clone(),
        since: decision.since,
        until: decision.until,
        pack: policy.pack.word(),
        on: today,
        evidence: recorded(&row.record, area_risk),
    })
}
