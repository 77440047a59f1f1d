//! Matters: everything that somebody must do, as closed loops (闭环).
//!
//! A matter has a subject, an owner, a deadline, evidence, and somebody other than the doer who
//! confirms it. What runs late climbs to the area above. The kinds of matter, with states, steps
//! and deadlines of their own, stand in the policy pack; this engine is the same for all.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Grant, Right, Role};
use crate::areas::AreaCode;
use crate::cases::coded;
use crate::ids::{AccountId, CaseId, ContactId, EntrantId, MatterId, OrderId, PersonId};
use crate::people::UnknownWord;
use crate::text::Text;
use std::str::FromStr;

coded! {
    /// Where in its loop a state stands.
    Phase {
        /// Nobody has taken it up.
        Open = "open",
        /// Somebody is at it.
        Doing = "doing",
        /// Done, awaiting confirmation by another.
        Done = "done",
        /// Confirmed: the loop is closed.
        Closed = "closed",
        /// Taken back.
        Cancelled = "cancelled",
    } accepted "open, doing, done, closed, cancelled"
}

impl Phase {
    /// Whether nothing more is to be done.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled)
    }
}

/// Who owes the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Whoever holds this role over the matter's area.
    Role(Role),
    /// One person.
    Account(AccountId),
}

/// Whom or what a matter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A person on a journey.
    Entrant(EntrantId),
    /// A quarantine order.
    Order(OrderId),
    /// A case.
    Case(CaseId),
    /// A contact of a case.
    Contact(ContactId),
    /// The holder of a pass.
    Holder(PersonId),
}

impl About {
    /// The id, whatever it is of.
    pub fn to_bytes(self) -> [u8; 16] {
        match self {
            Self::Entrant(id) => id.to_bytes(),
            Self::Order(id) => id.to_bytes(),
            Self::Case(id) => id.to_bytes(),
            Self::Contact(id) => id.to_bytes(),
            Self::Holder(id) => id.to_bytes(),
        }
    }
}

/// Who may take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepBy {
    /// The owner.
    Owner,
    /// Whoever opened it or may open matters over its area, but took none of the owner's steps.
    Confirmer,
    /// Whoever opened it, or may open matters over its area and does not owe the work: nobody
    /// withdraws a task that was given to them.
    Opener,
}

/// What a step must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Nothing.
    #[default]
    Nothing,
    /// A note.
    Note,
    /// Evidence: what was seen or done, where it can be checked.
    Evidence,
}

/// A state of a kind of matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its word.
    pub state: String,
    /// Where in the loop it stands.
    pub phase: Phase,
    /// Its name.
    pub name: Text,
}

/// A step from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its word.
    pub action: String,
    /// Its name.
    pub name: Text,
    /// States it leads from.
    pub from: Vec<String>,
    /// State it leads to.
    pub to: String,
    /// Who may take it.
    pub by: StepBy,
    /// What it must bring.
    #[serde(default)]
    pub needs: Needs,
}

/// A kind of matter, as the policy pack defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterKind {
    /// Its word.
    pub kind: String,
    /// Its name.
    pub name: Text,
    /// Who owes the work unless the opener names another.
    pub owner: Role,
    /// Hours from opening to the deadline unless the opener names another.
    pub deadline_hours: u32,
    /// Hours after the deadline, and after each climb, until it climbs one area up.
    pub escalate_hours: u32,
    /// Its states; the first is where it begins.
    pub states: Vec<State>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A kind of matter that is no closed loop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// It has no state in phase open at its head.
    #[error("matter `{0}`: the first state must be in phase `open`")]
    NoStart(String),
    /// A step names a state that is not there.
    #[error("matter `{kind}`: step `{action}` names state `{state}`, which is none of its states")]
    UnknownState {
        /// The kind.
        kind: String,
        /// The step.
        action: String,
        /// The state.
        state: String,
    },
    /// A step closes the loop without another's confirmation.
    #[error("matter `{kind}`: step `{action}` closes it, so it must be `by = \"confirmer\"`")]
    ClosedByDoer {
        /// The kind.
        kind: String,
        /// The step.
        action: String,
    },
    /// A state from which the loop cannot be closed.
    #[error("matter `{kind}`: no steps lead from `{state}` to a closed state")]
    DeadEnd {
        /// The kind.
        kind: String,
        /// The state.
        state: String,
    },
    /// A word that stands twice.
    #[error("matter `{kind}`: `{word}` stands twice among its {among}")]
    Twice {
        /// The kind.
        kind: String,
        /// The word.
        word: String,
        /// Among what.
        among: &'static str,
    },
    /// A deadline or climb of no time.
    #[error("matter `{0}`: deadline_hours and escalate_hours must be at least 1")]
    NoTime(String),
}

/// The first word that stands a second time.
fn repeated<'w>(words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let mut seen = BTreeSet::new();
    words.into_iter().find(|word| !seen.insert(*word))
}

impl MatterKind {
    /// Checks that every state leads to a close that another than the doer confirms.
    pub fn check(&self) -> Result<(), KindError> {
        if self.states.first().map(|s| s.phase) != Some(Phase::Open) {
            return Err(KindError::NoStart(self.kind.clone()));
        }
        if self.deadline_hours == 0 || self.escalate_hours == 0 {
            return Err(KindError::NoTime(self.kind.clone()));
        }
        let states = self.states.iter().map(|state| state.state.as_str());
        let actions = self.steps.iter().map(|step| step.action.as_str());
        let twice = |among, word: Option<&str>| {
            word.map_or(Ok(()), |word| {
                Err(KindError::Twice {
                    kind: self.kind.clone(),
                    word: word.to_owned(),
                    among,
                })
            })
        };
        twice("states", repeated(states))?;
        twice("steps", repeated(actions))?;
        for step in &self.steps {
            for state in step.from.iter().chain([&step.to]) {
                if self.state(state).is_none() {
                    return Err(KindError::UnknownState {
                        kind: self.kind.clone(),
                        action: step.action.clone(),
                        state: state.clone(),
                    });
                }
            }
            let closes = self
                .state(&step.to)
                .is_some_and(|s| s.phase == Phase::Closed);
            if closes && step.by != StepBy::Confirmer {
                return Err(KindError::ClosedByDoer {
                    kind: self.kind.clone(),
                    action: step.action.clone(),
                });
            }
        }
        let mut closing: BTreeSet<&str> = self
            .states
            .iter()
            .filter(|s| s.phase == Phase::Closed)
            .map(|s| s.state.as_str())
            .collect();
        loop {
            let before = closing.len();
            for step in &self.steps {
                if closing.contains(step.to.as_str()) {
                    closing.extend(step.from.iter().map(String::as_str));
                }
            }
            if closing.len() == before {
                break;
            }
        }
        match self
            .states
            .iter()
            .find(|s| s.phase != Phase::Cancelled && !closing.contains(s.state.as_str()))
        {
            Some(state) => Err(KindError::DeadEnd {
                kind: self.kind.clone(),
                state: state.state.clone(),
            }),
            None => Ok(()),
        }
    }

    /// The state of that word.
    pub fn state(&self, state: &str) -> Option<&State> {
        self.states.iter().find(|s| s.state == state)
    }

    /// The state in which it begins.
    pub fn start(&self) -> &State {
        &self.states[0]
    }
}

/// A matter as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Its id.
    pub matter: MatterId,
    /// Its kind.
    pub kind: String,
    /// The pack and version under which it was opened, and whose steps it follows.
    pub pack: String,
    /// What it is about, in a line; no personal data.
    pub title: String,
    /// What is to be done.
    pub detail: String,
    /// Where.
    pub area: AreaCode,
    /// Who owes the work.
    pub owner: Owner,
    /// Who opened it.
    pub opened_by: AccountId,
    /// When.
    pub opened_at: Timestamp,
    /// By when it must be done.
    pub deadline: Timestamp,
    /// Its state.
    pub state: String,
    /// Where in the loop that is.
    pub phase: Phase,
    /// Who took the owner's steps.
    pub doers: BTreeSet<AccountId>,
    /// The area it has climbed to.
    pub escalated_to: Option<AreaCode>,
    /// When it last climbed.
    pub escalated_at: Option<Timestamp>,
    /// When it was closed or taken back.
    pub ended_at: Option<Timestamp>,
    /// Whom or what it is about.
    pub about: Option<About>,
}

/// Who is asking to take a step.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The account.
    pub account: AccountId,
    /// Its roles.
    pub grants: Vec<Grant>,
}

impl Asker {
    /// Whether any grant gives `right` in `area`.
    pub fn may(&self, right: Right, area: AreaCode) -> bool {
        self.grants.iter().any(|grant| grant.allows(right, area))
    }
}

/// Why a step is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    /// No such step leads from the state the matter is in.
    #[error("step `{action}` does not lead on from state `{state}`")]
    NotFromHere {
        /// The step asked for.
        action: String,
        /// The state the matter is in.
        state: String,
    },
    /// The asker is not the one who may take it.
    #[error("only the matter's {0} may take this step")]
    NotYours(&'static str),
    /// Whoever did it may not confirm it.
    #[error("whoever did the work may not confirm it: another must")]
    SamePerson,
    /// It needs a note or evidence.
    #[error("this step needs {0}")]
    Needs(&'static str),
}

impl Matter {
    /// Whether it is past its deadline and not over.
    pub fn is_late(&self, now: Timestamp) -> bool {
        !self.phase.is_over() && now > self.deadline
    }

    /// Whether `asker` owes the work.
    pub fn is_owned_by(&self, asker: &Asker) -> bool {
        match self.owner {
            Owner::Account(account) => account == asker.account,
            Owner::Role(role) => asker
                .grants
                .iter()
                .any(|g| g.role == role && g.area.contains(self.area)),
        }
    }

    /// Checks whether `asker` may take `action` now, bringing what it brings.
    pub fn step<'k>(
        &self,
        kind: &'k MatterKind,
        action: &str,
        asker: &Asker,
        note: Option<&str>,
        evidence: Option<&str>,
    ) -> Result<&'k Step, StepRefusal> {
        let step = kind
            .steps
            .iter()
            .find(|step| step.action == action && step.from.contains(&self.state))
            .ok_or_else(|| StepRefusal::NotFromHere {
                action: action.to_owned(),
                state: self.state.clone(),
            })?;
        self.allowed(step, asker)?;
        match step.needs {
            Needs::Note if note.is_none() => Err(StepRefusal::Needs("a note")),
            Needs::Evidence if evidence.is_none() => Err(StepRefusal::Needs("evidence")),
            _ => Ok(step),
        }
    }

    fn allowed(&self, step: &Step, asker: &Asker) -> Result<(), StepRefusal> {
        let above = asker.may(Right::OpenMatter, self.area);
        let opened = self.opened_by == asker.account;
        match step.by {
            StepBy::Owner if self.is_owned_by(asker) => Ok(()),
            StepBy::Owner => Err(StepRefusal::NotYours("owner")),
            StepBy::Confirmer if self.doers.contains(&asker.account) => {
                Err(StepRefusal::SamePerson)
            }
            StepBy::Confirmer if opened || above => Ok(()),
            StepBy::Confirmer => Err(StepRefusal::NotYours("confirmer")),
            StepBy::Opener if opened || (above && !self.is_owned_by(asker)) => Ok(()),
            StepBy::Opener => Err(StepRefusal::NotYours("opener")),
        }
    }

    /// The steps that `asker` may take now.
    pub fn steps_for<'k>(&self, kind: &'k MatterKind, asker: &Asker) -> Vec<&'k Step> {
        kind.steps
            .iter()
            .filter(|step| step.from.contains(&self.state) && self.allowed(step, asker).is_ok())
            .collect()
    }

    /// The area it climbs to now, if it is late enough: its area's parent `escalate_hours` after
    /// the deadline, then one up for each further `escalate_hours`. `parent` tells the tree.
    pub fn climbs_to(
        &self,
        kind: &MatterKind,
        now: Timestamp,
        parent: impl Fn(AreaCode) -> Option<AreaCode>,
    ) -> Option<AreaCode> {
        let since = self.escalated_at.unwrap_or(self.deadline);
        let wait = SignedDuration::from_hours(i64::from(kind.escalate_hours));
        if !self.is_late(now) || now < since + wait {
            return None;
        }
        let up = parent(self.escalated_to.unwrap_or(self.area))?;
        (up != AreaCode::COUNTRY).then_some(up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(word: &str) -> Text {
        Text::new(word, word)
    }

    fn kind() -> MatterKind {
        let state = |state: &str, phase| State {
            state: state.into(),
            phase,
            name: text(state),
        };
        let step = |action: &str, from: &[&str], to: &str, by, needs| Step {
            action: action.into(),
            name: text(action),
            from: from.iter().map(|s| (*s).to_owned()).collect(),
            to: to.into(),
            by,
            needs,
        };
        MatterKind {
            kind: "directive".into(),
            name: text("directive"),
            owner: Role::AreaOfficer,
            deadline_hours: 24,
            escalate_hours: 12,
            states: vec![
                state("open", Phase::Open),
                state("doing", Phase::Doing),
                state("done", Phase::Done),
                state("confirmed", Phase::Closed),
                state("cancelled", Phase::Cancelled),
            ],
            steps: vec![
                step("accept", &["open"], "doing", StepBy::Owner, Needs::Nothing),
                step(
                    "finish",
                    &["open", "doing"],
                    "done",
                    StepBy::Owner,
                    Needs::Evidence,
                ),
                step(
                    "confirm",
                    &["done"],
                    "confirmed",
                    StepBy::Confirmer,
                    Needs::Nothing,
                ),
                step("return", &["done"], "doing", StepBy::Confirmer, Needs::Note),
                step(
                    "cancel",
                    &["open", "doing"],
                    "cancelled",
                    StepBy::Opener,
                    Needs::Note,
                ),
            ],
        }
    }

    fn account(n: u8) -> AccountId {
        AccountId::from_bytes([n; 16])
    }

    fn asker(n: u8, role: Role, area: &str) -> Asker {
        Asker {
            account: account(n),
            grants: vec![Grant {
                role,
                area: area.parse().unwrap(),
            }],
        }
    }

    fn matter() -> Matter {
        Matter {
            matter: MatterId::from_parts(1, 1),
            pack: "test 1".into(),
            kind: "directive".into(),
            title: "t".into(),
            detail: String::new(),
            area: "330683001".parse().unwrap(),
            owner: Owner::Role(Role::AreaOfficer),
            opened_by: account(1),
            opened_at: Timestamp::UNIX_EPOCH,
            deadline: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24),
            state: "open".into(),
            phase: Phase::Open,
            doers: BTreeSet::new(),
            escalated_to: None,
            escalated_at: None,
            ended_at: None,
            about: None,
        }
    }

    #[test]
    fn the_doer_may_not_confirm() {
        let kind = kind();
        kind.check().unwrap();
        let officer = asker(2, Role::AreaOfficer, "330683");
        let mut m = matter();
        assert_eq!(
            m.step(&kind, "finish", &officer, None, None).unwrap_err(),
            StepRefusal::Needs("evidence")
        );
        assert!(
            m.step(&kind, "finish", &officer, None, Some("photo"))
                .is_ok()
        );
        m.state = "done".into();
        m.doers.insert(officer.account);
        assert_eq!(
            m.step(&kind, "confirm", &officer, None, None).unwrap_err(),
            StepRefusal::SamePerson
        );
        let other = asker(3, Role::Commander, "330600");
        assert!(m.step(&kind, "confirm", &other, None, None).is_ok());
        let neighbour = asker(4, Role::Commander, "330700");
        assert!(m.step(&kind, "confirm", &neighbour, None, None).is_err());
        assert!(m.steps_for(&kind, &neighbour).is_empty());
    }

    #[test]
    fn nobody_withdraws_a_task_given_to_them() {
        let (kind, m) = (kind(), matter());
        let withdraw = |asker: &Asker| m.step(&kind, "cancel", asker, Some("n"), None).is_ok();
        assert!(!withdraw(&asker(2, Role::AreaOfficer, "330683")));
        assert!(withdraw(&asker(3, Role::Commander, "330600")));
        assert!(
            withdraw(&asker(1, Role::AreaOfficer, "330683")),
            "who opened it may"
        );
    }

    #[test]
    fn what_is_late_climbs_step_by_step() {
        let kind = kind();
        let mut m = matter();
        let hours = |h| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(h);
        let parent = |code: AreaCode| code.parent();
        assert_eq!(m.climbs_to(&kind, hours(24), parent), None);
        assert!(m.is_late(hours(25)));
        assert_eq!(m.climbs_to(&kind, hours(35), parent), None);
        assert_eq!(
            m.climbs_to(&kind, hours(36), parent),
            Some("330683".parse().unwrap())
        );
        m.escalated_to = Some("330683".parse().unwrap());
        m.escalated_at = Some(hours(37));
        assert_eq!(m.climbs_to(&kind, hours(48), parent), None);
        assert_eq!(
            m.climbs_to(&kind, hours(49), parent),
            Some("330600".parse().unwrap())
        );
        m.escalated_to = Some("330000".parse().unwrap());
        assert_eq!(m.climbs_to(&kind, hours(99), parent), None);
        m.phase = Phase::Closed;
        assert_eq!(m.climbs_to(&kind, hours(99), parent), None);
    }

    #[test]
    fn kinds_that_are_no_loop_are_refused() {
        let mut k = kind();
        k.steps[2].by = StepBy::Owner;
        assert!(matches!(k.check(), Err(KindError::ClosedByDoer { .. })));
        let mut k = kind();
        k.steps.remove(2);
        assert!(matches!(k.check(), Err(KindError::DeadEnd { .. })));
        let mut k = kind();
        k.steps[0].to = "nowhere".into();
        assert!(matches!(k.check(), Err(KindError::UnknownState { .. })));
        let mut k = kind();
        k.deadline_hours = 0;
        assert!(matches!(k.check(), Err(KindError::NoTime(_))));
    }

    proptest! {
        /// Whatever is tried in whatever order, nobody who did the work closes the matter.
        #[test]
        fn no_walk_lets_the_doer_close(walk in prop::collection::vec((0_u8..5, 1_u8..4), 0..40)) {
            let kind = kind();
            let mut m = matter();
            for (action, who) in walk {
                let asker = asker(who, Role::AreaOfficer, "330683");
                let action = &kind.steps[usize::from(action)].action;
                if let Ok(step) = m.step(&kind, action, &asker, Some("n"), Some("e")) {
                    let to = kind.state(&step.to).unwrap();
                    if to.phase == Phase::Closed {
                        prop_assert!(!m.doers.contains(&asker.account));
                    }
                    if step.by == StepBy::Owner {
                        m.doers.insert(asker.account);
                    }
                    m.state.clone_from(&to.state);
                    m.phase = to.phase;
                }
            }
        }
    }
}
