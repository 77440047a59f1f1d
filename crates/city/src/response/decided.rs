//! Each decision of a run: asked of the pack, counted, and kept where that is wanted.

use jiff::civil::Date;
use lianfang_core::words::Word;
use lianfang_policy::{
    ContactEvidence, Decision, EntryEvidence, Evidence, PassEvidence, QuarantineEvidence,
    ReopeningEvidence, RiskEvidence, Table,
};

use super::Response;

/// What a decision was made by.
#[derive(Debug, Clone, PartialEq)]
pub enum AskedBy {
    /// At a checkpoint.
    Entry(EntryEvidence),
    /// A meeting.
    Contact(ContactEvidence),
    /// A watch.
    Quarantine(QuarantineEvidence),
    /// A pass.
    Pass(PassEvidence),
    /// An area.
    Risk(RiskEvidence),
    /// A workplace.
    Reopening(ReopeningEvidence),
}

/// Whom a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A person, by number.
    Person(u32),
    /// Somebody whom a case named: the case, then the person.
    Meeting(u32, u32),
    /// An area, by its place in the description.
    Area(usize),
    /// A workplace, by number.
    Place(usize),
    /// So many people or places that are alike.
    Alike(u64),
}

/// A decision that a run made.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionMade {
    /// The day.
    pub on: Date,
    /// Whom it is about.
    pub about: About,
    /// What it was made by.
    pub asked: AskedBy,
    /// The outcome's word.
    pub outcome: &'static str,
    /// The rule that gave it.
    pub rule: String,
    /// When it ends by itself.
    pub until: Option<Date>,
}

impl AskedBy {
    /// The table that was asked.
    pub fn table(&self) -> Table {
        match self {
            Self::Entry(_) => Table::Entry,
            Self::Contact(_) => Table::Contact,
            Self::Quarantine(_) => Table::Quarantine,
            Self::Pass(_) => Table::Pass,
            Self::Risk(_) => Table::Risk,
            Self::Reopening(_) => Table::Reopening,
        }
    }
}

macro_rules! asked_by {
    ($($record:ident => $kind:ident),+) => {
        $(impl From<$record> for AskedBy {
            fn from(evidence: $record) -> Self {
                Self::$kind(evidence)
            }
        })+
    };
}

asked_by!(
    EntryEvidence => Entry,
    ContactEvidence => Contact,
    QuarantineEvidence => Quarantine,
    PassEvidence => Pass,
    RiskEvidence => Risk,
    ReopeningEvidence => Reopening
);

impl<'a> Response<'a> {
    /// Asks the pack on a day about one person, area or place, or about so many alike.
    pub(super) fn decide<E>(
        &mut self,
        day: usize,
        about: About,
        evidence: &E,
    ) -> Decision<'a, E::Outcome>
    where
        E: Evidence + Into<AskedBy> + std::fmt::Debug,
    {
        let today = self.date(day as i32);
        debug_assert!(evidence.check(today).is_ok(), "{evidence:?}");
        let decision = self.pack.decide(evidence, today);
        let times = match about {
            About::Alike(times) => times,
            _ => 1,
        };
        self.fired.count::<E>(self.pack, decision.rule, times);
        if self.scenario.keep_decisions && times > 0 {
            self.decisions.push(DecisionMade {
                on: today,
                about,
                asked: evidence.clone().into(),
                outcome: decision.outcome.word(),
                rule: decision.rule.id.clone(),
                until: decision.until,
            });
        }
        decision
    }
}
