//! Policy: the pack in force, its versions, proposals and what they would change.

mod preview;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::facts::{Body, PolicyApproved, PolicyDeclined, PolicyProposed};
use lianfang_core::ids::{AccountId, FactId, PolicyId};
use lianfang_core::text::bounded;
use lianfang_epi::rt::Estimator;
use lianfang_epi::turning_point::Detector;
use lianfang_policy::{Difference, Explanation, Overview, Pack, PackError, Problem, Table, diff};
use lianfang_store::Batch;
use lianfang_store::views::policies::{self, PolicyRow, PolicyState};
use serde::Serialize;
use serde_json::Value;

use crate::matters::FARTHEST;
use crate::{Actor, House, Refusal};

pub use preview::{AreaMoves, Move, PolicyPreview, Preview, Sampled};
pub(crate) use preview::{pass_evidence, standing_of};

/// A version of the pack, compiled, with what estimates by it.
pub struct Policy {
    /// Its id in the ledger.
    pub id: PolicyId,
    /// From when it is in force.
    pub from: Timestamp,
    /// The pack.
    pub pack: Pack,
    pub(crate) detector: Detector,
    pub(crate) estimator: Mutex<Estimator>,
}

impl Policy {
    fn new(id: PolicyId, from: Timestamp, pack: Pack) -> Result<Self, Refusal> {
        let broken = |error: String| Refusal::Pack(error);
        let detector = Detector::new(&pack.serial_interval, &pack.turning_point)
            .map_err(|e| broken(e.to_string()))?;
        let estimator = Estimator::new(
            &pack.serial_interval,
            pack.reproduction_number.prior_mean,
            pack.reproduction_number.prior_sd,
        )
        .map_err(|e| broken(e.to_string()))?;
        Ok(Self {
            id,
            from,
            pack,
            detector,
            estimator: Mutex::new(estimator),
        })
    }
}

/// The versions that are approved, by the moment from which each is in force.
#[derive(Default)]
pub(crate) struct Policies {
    approvals: u64,
    by_start: Arc<[Arc<Policy>]>,
}

/// How a version stands, as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Waits for another's approval.
    Proposed,
    /// Approved, and in force later.
    ToCome,
    /// In force now.
    InForce,
    /// It was in force.
    Superseded,
    /// Declined or taken back.
    Declined,
}

/// A version of the pack in the list of versions.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PolicyVersion {
    /// Its id in the ledger.
    #[schema(value_type = String)]
    pub policy: PolicyId,
    /// The pack's id.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// BLAKE3 of its file, in hex.
    pub digest: String,
    /// How it stands.
    pub standing: Standing,
    /// Why it was proposed.
    pub note: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: String,
    /// From when it was to be in force.
    pub starts: String,
    /// Who approved or declined it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<String>,
    /// Why it was declined.
    pub decided_note: Option<String>,
    /// From when it is in force, once approved.
    pub in_force_from: Option<String>,
    /// Whether the asker may approve it.
    pub may_approve: bool,
    /// Whether the asker may decline it or take it back.
    pub may_decline: bool,
}

/// A version with its whole content.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PolicyShown {
    /// As in the list.
    #[serde(flatten)]
    pub version: PolicyVersion,
    /// The pack in words.
    pub overview: Overview,
    /// What it changes against the version in force; empty for that one.
    pub differences: Vec<Difference>,
    /// Its file.
    pub text: String,
}

/// The pack in force, as anybody may read it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PolicyInForce {
    /// From when it is in force.
    pub from: String,
    /// The next version that is approved already, and from when.
    pub next: Option<NextPolicy>,
    /// The pack in words.
    pub overview: Overview,
}

/// A version that is approved and not in force yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NextPolicy {
    /// The pack's id.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// From when.
    pub from: String,
}

/// A pack that is read to be proposed: what is wrong with it, or what it would change.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PackCheck {
    /// What is wrong; empty where it can be proposed.
    pub problems: Vec<Problem>,
    /// The pack in words.
    pub overview: Option<Overview>,
    /// What it changes against the version in force.
    pub differences: Vec<Difference>,
}

/// A version to be proposed.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// Its id, made by whoever proposes, so that sending twice is harmless.
    pub id: Option<PolicyId>,
    /// Its file.
    pub text: String,
    /// From when it is to be in force; from its approval where none is named.
    pub from: Option<Timestamp>,
    /// Why.
    pub note: String,
}

/// A file that is no pack, as a refusal.
fn unreadable(error: &PackError) -> Refusal {
    let (en, zh) = match error {
        PackError::Broken(problems) => (
            problems
                .iter()
                .map(Problem::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
            problems
                .iter()
                .map(|p| format!("第{}行第{}列：{}", p.line, p.column, p.message.zh))
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        PackError::TooLong => (error.to_string(), "规则包文件过大。".into()),
        PackError::NotShipped(id) => (error.to_string(), format!("程序未附带规则包“{id}”。")),
    };
    Refusal::invalid("text", en, zh)
}

/// The reason that a proposal or its refusal must give.
fn why(note: &str) -> Result<String, Refusal> {
    bounded(note, 3, 2_000).map_err(|_| {
        Refusal::invalid(
            "note",
            "Say why in 3 to 2,000 characters.",
            "请用3至2,000个字符说明理由。",
        )
    })
}

impl House {
    /// All approved versions, by the moment from which each is in force.
    fn approved(&self) -> Result<Arc<[Arc<Policy>]>, Refusal> {
        let approvals = self.store.read(policies::approvals)?;
        {
            let kept = self
                .policies
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if kept.approvals == approvals && approvals > 0 {
                return Ok(Arc::clone(&kept.by_start));
            }
        }
        let mut kept = self
            .policies
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let rows = self.store.read(policies::list)?;
        let now = self.now();
        // By its start; of two with one start the one approved later counts.
        let mut approved: Vec<(Timestamp, &PolicyRow)> = rows
            .iter()
            .rev()
            .filter_map(|row| Some((row.in_force_from?, row)))
            .collect();
        approved.sort_by_key(|(from, row)| (*from, row.decided_at));
        let in_force = approved.iter().rposition(|(from, _)| *from <= now);
        let mut by_start = Vec::new();
        for (place, (from, row)) in approved.into_iter().enumerate() {
            let known = kept.by_start.iter().find(|policy| policy.id == row.policy);
            let policy = match known {
                Some(policy) => Arc::clone(policy),
                None => match self
                    .pack_of(row)
                    .and_then(|pack| Policy::new(row.policy, from, pack))
                {
                    Ok(policy) => Arc::new(policy),
                    // A version of long ago that this program no longer reads holds up nobody.
                    Err(_) if in_force.is_some_and(|now| place < now) => continue,
                    Err(error) => return Err(error),
                },
            };
            by_start.push(policy);
        }
        if by_start.is_empty() {
            return Err(Refusal::Pack("no policy pack was ever adopted".into()));
        }
        kept.by_start = by_start.into();
        kept.approvals = approvals;
        Ok(Arc::clone(&kept.by_start))
    }

    /// Reads a version's file; for a ledger founded before files stood in it, the shipped pack.
    fn pack_of(&self, row: &PolicyRow) -> Result<Pack, Refusal> {
        let text = self
            .store
            .read(|connection| policies::text(connection, row.policy))?;
        let pack = match text {
            Some(text) => Pack::read(&text),
            None => return Pack::shipped(&row.pack).map_err(|e| Refusal::Pack(e.to_string())),
        }
        .map_err(|error| Refusal::Pack(error.to_string()))?;
        if pack.digest != row.digest {
            return Err(Refusal::Pack(format!(
                "{} {} is not the file that was recorded; verify the ledger, then rebuild the views",
                row.pack, row.version
            )));
        }
        Ok(pack)
    }

    /// The policy in force now.
    pub fn policy(&self) -> Result<Arc<Policy>, Refusal> {
        self.policy_at(self.now())
    }

    /// The policy that was or will be in force at a moment; before the first one, the first.
    pub fn policy_at(&self, at: Timestamp) -> Result<Arc<Policy>, Refusal> {
        let approved = self.approved()?;
        Ok(Arc::clone(
            approved
                .iter()
                .rev()
                .find(|policy| policy.from <= at)
                .or(approved.first())
                .expect("there is at least the one adopted first"),
        ))
    }

    /// The policy in force when a day ended, or now if that is earlier.
    pub(crate) fn policy_on(&self, day: Date) -> Result<Arc<Policy>, Refusal> {
        let end = day
            .tomorrow()
            .map_or(self.now(), |next| self.store.utc_offset().start_of(next));
        self.policy_at(end.min(self.now()))
    }

    /// The policy of an id and version, as facts name it: `covid19-cn-2020 2020.03.19.5`.
    pub(crate) fn policy_named(&self, word: &str) -> Result<Option<Arc<Policy>>, Refusal> {
        Ok(self
            .approved()?
            .iter()
            .rev()
            .find(|policy| policy.pack.word() == word)
            .map(Arc::clone))
    }

    /// The pack in force, for anybody.
    pub fn policy_in_force(&self) -> Result<PolicyInForce, Refusal> {
        let now = self.now();
        let approved = self.approved()?;
        let policy = self.policy_at(now)?;
        let offset = self.store.utc_offset();
        Ok(PolicyInForce {
            from: offset.rfc3339(policy.from),
            next: approved
                .iter()
                .find(|other| other.from > now && other.id != policy.id)
                .map(|other| NextPolicy {
                    pack: other.pack.id.clone(),
                    version: other.pack.version.clone(),
                    from: offset.rfc3339(other.from),
                }),
            overview: policy.pack.overview(),
        })
    }

    fn version_shown(&self, actor: &Actor, row: PolicyRow) -> Result<PolicyVersion, Refusal> {
        let root = self.store.root();
        let offset = self.store.utc_offset();
        let now = self.now();
        let standing = match (row.state, row.in_force_from) {
            (PolicyState::Proposed, _) => Standing::Proposed,
            (PolicyState::Declined, _) => Standing::Declined,
            (PolicyState::Approved, _) if self.policy_at(now)?.id == row.policy => {
                Standing::InForce
            }
            (PolicyState::Approved, Some(from)) if from > now => Standing::ToCome,
            (PolicyState::Approved, _) => Standing::Superseded,
        };
        let open = standing == Standing::Proposed;
        let own = row.proposed_by == actor.account;
        let name = |account: AccountId| self.account_name(account);
        Ok(PolicyVersion {
            policy: row.policy,
            pack: row.pack,
            version: row.version,
            digest: row.digest,
            standing,
            note: row.note,
            proposed_by: name(row.proposed_by)?,
            proposed_at: offset.rfc3339(row.proposed_at),
            starts: offset.rfc3339(row.starts),
            decided_by: row.decided_by.map(name).transpose()?,
            decided_at: row.decided_at.map(|at| offset.rfc3339(at)),
            decided_note: row.decided_note,
            in_force_from: row.in_force_from.map(|at| offset.rfc3339(at)),
            may_approve: open && !own && actor.may(Right::ApprovePolicy, root),
            may_decline: open
                && (actor.may(Right::ApprovePolicy, root)
                    || own && actor.may(Right::ProposePolicy, root)),
        })
    }

    /// All versions, newest first. Whoever is signed in may read them.
    pub fn policy_versions(&self, actor: &Actor) -> Result<Vec<PolicyVersion>, Refusal> {
        self.store
            .read(policies::list)?
            .into_iter()
            .map(|row| self.version_shown(actor, row))
            .collect()
    }

    /// Whether the asker may propose a version.
    pub fn may_propose_policy(&self, actor: &Actor) -> bool {
        actor.may(Right::ProposePolicy, self.store.root())
    }

    fn policy_row(&self, id: PolicyId) -> Result<PolicyRow, Refusal> {
        self.store
            .read(|connection| policies::get(connection, id))?
            .ok_or(Refusal::NotFound("policy"))
    }

    /// Versions that are not in force: those that wait for approval, and those approved that come later.
    pub(crate) fn policies_proposed(&self) -> Result<Vec<(PolicyId, Pack)>, Refusal> {
        let now = self.now();
        let rows = self.store.read(policies::list)?;
        let to_come = |row: &PolicyRow| match row.state {
            PolicyState::Proposed => true,
            PolicyState::Approved => row.in_force_from.is_some_and(|from| from > now),
            PolicyState::Declined => false,
        };
        // What this program no longer reads cannot be tried.
        let packs = rows.iter().filter(|row| to_come(row));
        Ok(packs
            .filter_map(|row| Some((row.policy, self.pack_of(row).ok()?)))
            .collect())
    }

    /// The pack of a version, if there is such a version.
    pub(crate) fn pack_of_version(&self, id: PolicyId) -> Result<Option<Pack>, Refusal> {
        let row = self.store.read(|c| policies::get(c, id))?;
        row.map(|row| self.pack_of(&row)).transpose()
    }

    /// One version with its whole content.
    pub fn policy_version(&self, actor: &Actor, id: PolicyId) -> Result<PolicyShown, Refusal> {
        let row = self.policy_row(id)?;
        let pack = self.pack_of(&row)?;
        let now = self.policy()?;
        Ok(PolicyShown {
            version: self.version_shown(actor, row)?,
            overview: pack.overview(),
            differences: if now.id == id {
                Vec::new()
            } else {
                diff(&now.pack, &pack)
            },
            text: pack.text,
        })
    }

    /// Reads a file that may be proposed: what is wrong with it, or what it would change.
    pub fn check_policy(&self, actor: &Actor, text: &str) -> Result<PackCheck, Refusal> {
        actor.require(Right::ProposePolicy, self.store.root())?;
        match Pack::read(text) {
            Ok(pack) => Ok(PackCheck {
                problems: Vec::new(),
                differences: diff(&self.policy()?.pack, &pack),
                overview: Some(pack.overview()),
            }),
            Err(PackError::Broken(problems)) => Ok(PackCheck {
                problems,
                overview: None,
                differences: Vec::new(),
            }),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// Proposes a version. Another must approve it.
    pub fn propose_policy(&self, actor: &Actor, new: &NewPolicy) -> Result<PolicyId, Refusal> {
        actor.require(Right::ProposePolicy, self.store.root())?;
        let note = why(&new.note)?;
        let now = self.now();
        let from = new.from.unwrap_or(now);
        let farthest = now + FARTHEST;
        if new
            .from
            .is_some_and(|from| from < now - jiff::SignedDuration::from_mins(1))
            || from > farthest
        {
            return Err(Refusal::invalid(
                "from",
                "A version is in force from now or later, at most a year ahead.",
                "生效时间不早于现在，且不超过一年。",
            ));
        }
        let pack = Pack::read(&new.text).map_err(|error| unreadable(&error))?;
        let id = new
            .id
            .unwrap_or_else(|| PolicyId::from_bytes(self.new_id().to_bytes()));
        let there = self.store.read(policies::list)?;
        let same = there.iter().find(|row| {
            row.state != PolicyState::Declined
                && (&row.pack, &row.version) == (&pack.id, &pack.version)
        });
        if let Some(same) = same {
            return if same.policy == id && same.digest == pack.digest {
                Ok(id)
            } else {
                Err(Refusal::invalid(
                    "text",
                    format!(
                        "{} {} was proposed already: raise `version`.",
                        pack.id, pack.version
                    ),
                    format!("{} {}已提交过，请提高version。", pack.id, pack.version),
                ))
            };
        }
        let body = Body::PolicyProposed(PolicyProposed {
            policy: id,
            pack: pack.id,
            version: pack.version,
            digest: pack.digest,
            text: pack.text,
            from,
            note,
        });
        let draft = self.draft_as(
            FactId::from_bytes(id.to_bytes()),
            actor,
            self.store.root(),
            body,
        );
        self.store.append(Batch::of([draft]))?;
        Ok(id)
    }

    /// Approves a version that another proposed.
    pub fn approve_policy(&self, actor: &Actor, id: PolicyId) -> Result<(), Refusal> {
        actor.require(Right::ApprovePolicy, self.store.root())?;
        let row = self.policy_row(id)?;
        if row.proposed_by == actor.account {
            return Err(Refusal::SamePerson);
        }
        // What was whole when proposed may be refused by a later program: not into force then.
        self.pack_of(&row)?;
        let body = Body::PolicyApproved(PolicyApproved { policy: id });
        self.append(actor, [(self.store.root(), body)])
    }

    /// Declines a version; whoever proposed it takes it back.
    pub fn decline_policy(&self, actor: &Actor, id: PolicyId, note: &str) -> Result<(), Refusal> {
        let root = self.store.root();
        let row = self.policy_row(id)?;
        if row.proposed_by == actor.account {
            actor.require(Right::ProposePolicy, root)?;
        } else {
            actor.require(Right::ApprovePolicy, root)?;
        }
        let note = why(note)?;
        let body = Body::PolicyDeclined(PolicyDeclined { policy: id, note });
        self.append(actor, [(root, body)])
    }

    /// Decides for evidence that is tried out, by a version or by the one in force.
    pub fn try_policy(
        &self,
        id: Option<PolicyId>,
        table: Table,
        evidence: &Value,
        on: Option<Date>,
    ) -> Result<Explanation, Refusal> {
        let wrong = |error: lianfang_policy::EvidenceError| Refusal::Invalid {
            field: "evidence",
            message: error.0,
        };
        let on = on.unwrap_or_else(|| self.today());
        match id {
            None => lianfang_policy::explain(&self.policy()?.pack, table, evidence, on),
            Some(id) => {
                let pack = self.pack_of(&self.policy_row(id)?)?;
                lianfang_policy::explain(&pack, table, evidence, on)
            }
        }
        .map_err(wrong)
    }
}
