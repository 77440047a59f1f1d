//! Who would be decided differently under another version: counted by area, with a sample.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::entry::OriginRisk;
use lianfang_core::ids::{PersonId, PolicyId};
use lianfang_core::passes::{CaseStanding, Colour, PassRecord};
use lianfang_core::people::mask_name;
use lianfang_core::surveillance::RiskLevel;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_policy::{Decided, Decision, Pack, PassEvidence, diff};
use lianfang_store::views::cases::{self, PersonCase};
use lianfang_store::views::passes;
use serde::Serialize;

use super::Policy;
use crate::passes::decide;
use crate::{Actor, House, Refusal};

/// People shown as a sample at most.
const SAMPLE: usize = 20;

/// How many go from one outcome to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Move {
    /// The outcome under the version in force.
    pub from: &'static str,
    /// Its name.
    pub from_name: Text,
    /// The outcome under the other version.
    pub to: &'static str,
    /// Its name.
    pub to_name: Text,
    /// How many.
    pub count: u64,
}

/// What changes within an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AreaMoves {
    /// The area.
    pub area: Area,
    /// How many were decided.
    pub total: u64,
    /// How many would be decided differently.
    pub changed: u64,
    /// From what to what.
    pub moves: Vec<Move>,
}

/// Somebody or some area that would be decided differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Sampled {
    /// The person, where it is one.
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// The person's name, masked.
    pub name: Option<String>,
    /// The area.
    pub area: Area,
    /// The outcome under the version in force.
    pub from: Text,
    /// Its rule.
    pub from_rule: String,
    /// The outcome under the other version.
    pub to: Text,
    /// Its rule.
    pub to_rule: String,
    /// Why.
    pub reason: Text,
    /// Until when.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
}

/// Decisions of one table under two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// How many were decided.
    pub total: u64,
    /// How many would be decided differently.
    pub changed: u64,
    /// How many would have another end, with the same outcome.
    pub other_end: u64,
    /// From what to what.
    pub moves: Vec<Move>,
    /// The same by area.
    pub by_area: Vec<AreaMoves>,
    /// Some of them, for those who may see them.
    pub sample: Vec<Sampled>,
}

/// What a version would change for those on record.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PolicyPreview {
    /// The day for which it was decided.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// The version in force on that day without it.
    pub from: String,
    /// The other version.
    pub to: String,
    /// How many things it changes in words.
    pub differences: usize,
    /// Passes of the people on record.
    pub pass: Preview,
    /// Risk levels of areas with numbers.
    pub risk: Preview,
}

#[derive(Default)]
struct Tally {
    total: u64,
    moves: BTreeMap<(usize, usize), u64>,
}

impl Tally {
    fn add(&mut self, from: usize, to: usize) {
        self.total += 1;
        if from != to {
            *self.moves.entry((from, to)).or_default() += 1;
        }
    }

    fn changed(&self) -> u64 {
        self.moves.values().sum()
    }

    fn shown<W: Word>(&self) -> Vec<Move> {
        self.moves
            .iter()
            .map(|((from, to), count)| Move {
                from: W::ALL[*from].word(),
                from_name: W::ALL[*from].label(),
                to: W::ALL[*to].word(),
                to_name: W::ALL[*to].label(),
                count: *count,
            })
            .collect()
    }
}

/// Gathers one table's decisions under two versions.
#[derive(Default)]
struct Gathered {
    all: Tally,
    by_area: BTreeMap<AreaCode, Tally>,
    other_end: u64,
    sample: Vec<Sampled>,
}

impl Gathered {
    fn shown<W: Word>(self, area: impl Fn(AreaCode) -> Area) -> Preview {
        Preview {
            total: self.all.total,
            changed: self.all.changed(),
            other_end: self.other_end,
            moves: self.all.shown::<W>(),
            by_area: self
                .by_area
                .iter()
                .map(|(code, tally)| AreaMoves {
                    area: area(*code),
                    total: tally.total,
                    changed: tally.changed(),
                    moves: tally.shown::<W>(),
                })
                .collect(),
            sample: self.sample,
        }
    }
}

/// What is on record of a person, as the pass's evidence; `None` for the dead.
pub(crate) fn pass_evidence(cases: &[PersonCase]) -> Option<PassEvidence> {
    use lianfang_core::cases::{Classification, Outcome};
    if cases.iter().any(|case| case.outcome == Some(Outcome::Died)) {
        return None;
    }
    // The newest case that is one counts; where all are excluded, the newest of these.
    let standing = cases
        .iter()
        .filter(|case| case.classification != Classification::Excluded)
        .max_by_key(|case| case.day)
        .or(cases.last())?;
    let mut evidence = PassEvidence {
        case_since: Some(standing.day),
        onset: standing.onset,
        age: standing.age_years.map(u32::from).filter(|age| *age <= 120),
        ..PassEvidence::default()
    };
    evidence.case = match (standing.classification, standing.outcome) {
        (Classification::Excluded, _) => CaseStanding::Excluded,
        (_, Some(Outcome::Recovered)) => {
            evidence.recovered = Some(standing.outcome_date.unwrap_or(standing.day));
            CaseStanding::Recovered
        }
        (Classification::Suspected, _) => CaseStanding::Suspected,
        (Classification::Clinical, _) => CaseStanding::Clinical,
        (Classification::Confirmed, _) => CaseStanding::Confirmed,
        (Classification::Asymptomatic, _) => CaseStanding::Asymptomatic,
    };
    Some(evidence)
}

/// How somebody with these cases stands.
pub(crate) fn standing_of(cases: &[PersonCase]) -> CaseStanding {
    pass_evidence(cases).map_or(CaseStanding::None, |evidence| evidence.case)
}

impl House {
    /// What a proposed version would change for those on record, counted by area.
    pub fn preview_policy(&self, actor: &Actor, id: PolicyId) -> Result<PolicyPreview, Refusal> {
        let root = self.store.root();
        if !actor.may(Right::ApprovePolicy, root) {
            actor.require(Right::ProposePolicy, root)?;
        }
        let row = self.policy_row(id)?;
        let starts = row.in_force_from.unwrap_or(row.starts).max(self.now());
        let other = Arc::new(Policy::new(id, starts, self.pack_of(&row)?)?);
        let now = self.policy_before(&other)?;
        self.preview(actor, &now, &other)
    }

    /// Two packs side by side over those on record, for the operator at the machine.
    pub fn compare_policies(
        &self,
        actor: &Actor,
        old: Pack,
        new: Pack,
    ) -> Result<PolicyPreview, Refusal> {
        actor.require(Right::ProposePolicy, self.store.root())?;
        // No version of the ledger, so nothing that is kept at hand is taken for one.
        let policy = |pack, nth: u8| -> Result<Arc<Policy>, Refusal> {
            let id = PolicyId::from_bytes([nth; 16]);
            Ok(Arc::new(Policy::new(id, self.now(), pack)?))
        };
        self.preview(actor, &policy(old, 0)?, &policy(new, 1)?)
    }

    /// What `other` would change for those on record, from the moment it is in force.
    fn preview(
        &self,
        actor: &Actor,
        now: &Arc<Policy>,
        other: &Arc<Policy>,
    ) -> Result<PolicyPreview, Refusal> {
        let root = self.store.root();
        let tree = self.tree()?;
        let on = self.store.utc_offset().day_of(other.from);
        // The area one step below the root that another lies in.
        let below = |area: AreaCode| {
            let mut at = area;
            while let Some(up) = tree.parent(at).filter(|up| root.contains(*up) && *up != at) {
                if up == root {
                    break;
                }
                at = up;
            }
            at
        };
        let mut people = Gathered::default();
        let risks = (self.risks(now)?, self.risks(other)?);
        self.each_person(|person, area, known| {
            let decided = (
                known.decide(&now.pack, on, risks.0(area)),
                known.decide(&other.pack, on, risks.1(area)),
            );
            let (Some(before), Some(after)) = decided else {
                return;
            };
            let (from, to) = (before.outcome.index(), after.outcome.index());
            people.all.add(from, to);
            people.by_area.entry(below(area)).or_default().add(from, to);
            if from == to && before.until != after.until {
                people.other_end += 1;
            }
            if from != to && people.sample.len() < SAMPLE && actor.may(Right::ReadCases, area) {
                people.sample.push(Sampled {
                    person: Some(person),
                    name: None,
                    area: tree.get_or_unnamed(area),
                    from: before.outcome.label(),
                    from_rule: before.rule.id.clone(),
                    to: after.outcome.label(),
                    to_rule: after.rule.id.clone(),
                    reason: after.rule.reason.clone(),
                    until: after.until,
                });
            }
        })?;
        let sampled: Vec<PersonId> = people.sample.iter().filter_map(|s| s.person).collect();
        for (sample, data) in people
            .sample
            .iter_mut()
            .zip(self.store.open_people(&sampled)?)
        {
            sample.name = data.and_then(|data| data.name).map(|name| mask_name(&name));
        }
        let mut risk = Gathered::default();
        for (area, before, after) in self.risk_under(now, other)? {
            let (from, to) = (before.outcome.index(), after.outcome.index());
            risk.all.add(from, to);
            risk.by_area.entry(area.code).or_default().add(from, to);
            if from != to && risk.sample.len() < SAMPLE {
                risk.sample.push(Sampled {
                    person: None,
                    name: None,
                    area,
                    from: before.outcome.label(),
                    from_rule: before.rule.id.clone(),
                    to: after.outcome.label(),
                    to_rule: after.rule.id.clone(),
                    reason: after.rule.reason.clone(),
                    until: None,
                });
            }
        }
        let name = |code| tree.get_or_unnamed(code);
        Ok(PolicyPreview {
            on,
            from: now.pack.word(),
            to: other.pack.word(),
            differences: diff(&now.pack, &other.pack).len(),
            pass: people.shown::<Colour>(name),
            risk: risk.shown::<RiskLevel>(name),
        })
    }

    /// The version that would be in force when `other` begins, without it.
    fn policy_before(&self, other: &Policy) -> Result<Arc<Policy>, Refusal> {
        let approved = self.approved()?;
        Ok(approved
            .iter()
            .rev()
            .find(|policy| policy.from <= other.from && policy.id != other.id)
            .or(approved.first())
            .map(Arc::clone)
            .expect("there is at least the one adopted first"))
    }

    /// The risk of an area, where the rules for passes of a version ask for it.
    fn risks(
        &self,
        policy: &Arc<Policy>,
    ) -> Result<impl Fn(AreaCode) -> OriginRisk + use<>, Refusal> {
        let policy = Arc::clone(policy);
        let origins = if policy.pack.asks_area_risk_for_passes() {
            Some(self.origins(&policy)?)
        } else {
            None
        };
        Ok(move |area| {
            origins.as_ref().map_or(OriginRisk::Unknown, |origins| {
                origins.risk(&policy.pack, area)
            })
        })
    }

    /// Calls `see` with each holder of a pass, and with each other living person of the line list: where they live, or the area of
    /// the newest case, and what is known.
    fn each_person(
        &self,
        mut see: impl FnMut(PersonId, AreaCode, &Known<'_>),
    ) -> Result<(), Refusal> {
        self.store.read(|connection| {
            if let Some((first, last)) = passes::span_of_ids(connection)? {
                passes::each(connection, first, last, |row| {
                    see(row.holder, row.area, &Known::Holder(&row.record));
                })?;
            }
            let mut holds = Ok(());
            cases::each_person(connection, |person, cases| {
                let held = match passes::holder_of(connection, person) {
                    Ok(held) => held.is_some(),
                    Err(error) => {
                        holds = Err(error);
                        true
                    }
                };
                if let (false, Some(evidence), Some(newest)) =
                    (held, pass_evidence(cases), cases.last())
                {
                    see(person, newest.area, &Known::Listed(evidence));
                }
            })?;
            Ok(holds?)
        })?;
        Ok(())
    }

    /// The pass of a person by the policy in force, with its reason: of a holder by all that is on record, of anybody else by the
    /// line list. Nothing but evidence and policy makes it: it is computed, never kept.
    pub fn pass_of(&self, actor: &Actor, person: PersonId) -> Result<Option<Decided>, Refusal> {
        let (cases, holder) = self.store.read(|connection| {
            let holder = match passes::holder_of(connection, person)? {
                Some(holder) => passes::pass(connection, holder)?,
                None => None,
            };
            Ok((cases::of_person(connection, person)?, holder))
        })?;
        let readable = cases
            .iter()
            .any(|case| actor.may(Right::ReadCases, case.area));
        if !readable {
            return Err(Refusal::NotFound("person"));
        }
        let policy = self.policy()?;
        let today = self.today();
        if let Some(row) = holder {
            let risk = self.risk_of_residence(&policy, row.area)?;
            let decided = decide(&policy.pack, &row.record, today, risk);
            return Ok(
                decided.map(|(decision, evidence)| decision.shown(&policy.pack, &evidence, today))
            );
        }
        Ok(pass_evidence(&cases).map(|evidence| {
            policy
                .pack
                .decide(&evidence, today)
                .shown(&policy.pack, &evidence, today)
        }))
    }
}

/// What is known of somebody whose pass is decided.
enum Known<'r> {
    /// All that is on record of a holder.
    Holder(&'r PassRecord),
    /// The line list, of somebody without a pass.
    Listed(PassEvidence),
}

impl Known<'_> {
    fn decide<'p>(
        &self,
        pack: &'p Pack,
        on: Date,
        area_risk: OriginRisk,
    ) -> Option<Decision<'p, Colour>> {
        match self {
            Self::Holder(record) => {
                decide(pack, record, on, area_risk).map(|(decision, _)| decision)
            }
            Self::Listed(evidence) => Some(pack.decide(evidence, on)),
        }
    }
}
