//! Suggested infectors of a case, by what is on record: contacts, household, cluster, and cases of the same area.
//!
//! Each candidate is weighed by the serial interval and by the weights of the policy (`[settings.infectors]`), as
//! [`lianfang_epi::infectors`] does it, and shown with its reasons. Nothing is adopted by itself: [`House::adopt_infector`] states
//! a possible link that says that it came from a suggestion, and with which probability.

mod candidates;

use jiff::civil::Date;
use lianfang_core::contacts::{Certainty, Meeting, Setting};
use lianfang_core::ids::{CaseId, FactId, LinkId};
use lianfang_core::text::Text;
use lianfang_epi::infectors::{Rule, Suggested, WhyNot, suggest};
use lianfang_epi::onset_interval::OnsetInterval;
use lianfang_policy::InfectorsSettings;
use lianfang_store::views::cases::CaseRow;
use lianfang_store::views::links as view;
use serde::{Deserialize, Serialize};

use crate::cases::CaseShown;
use crate::links::NewLink;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};
use candidates::{Found, Groups};

/// Suggestions shown at most.
const SHOWN: usize = 20;
/// Probabilities are written down in so many parts.
const PARTS: f64 = 1_000.0;

/// A case that may have infected another.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SuggestedInfector {
    /// The case.
    pub case: CaseShown,
    /// Probability among all that was weighed, whoever is not on record included.
    pub probability: f64,
    /// Days from its first symptoms to those of the case.
    pub interval_days: i32,
    /// How probable so many days are by the policy's serial interval.
    pub interval_probability: f64,
    /// The day on which they last met, as far as it is on record.
    #[schema(value_type = Option<String>, format = Date)]
    pub met: Option<Date>,
    /// Where they met, as far as it is on record.
    pub setting: Option<Setting>,
    /// Why it is suggested, the strongest reason first.
    pub reasons: Vec<Text>,
    /// Whether a link says already that it infected the case.
    pub linked: bool,
}

/// A case that cannot have infected another.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SetAside {
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// Why not.
    pub reason: Text,
}

/// Who may have infected a case.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SuggestedInfectors {
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// Its first symptoms, or the day that stands for them.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Whether first symptoms are not known, and another day stands for them.
    pub day_stands_in: bool,
    /// The pack and its version.
    pub pack: String,
    /// The likeliest on top.
    pub rows: Vec<SuggestedInfector>,
    /// Probability that it was somebody who is not on record.
    pub outside: f64,
    /// Probability that it was one of cases elsewhere that the asker may not read, and of those beyond the ones shown.
    pub not_shown: f64,
    /// Candidates with a contact on record that cannot have been, and why.
    pub set_aside: Vec<SetAside>,
}

/// A suggestion to be adopted.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptInfector {
    /// Made by whoever adopts it (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// The suggested case.
    #[schema(value_type = String)]
    pub infector: CaseId,
}

/// Everything weighed about a case.
struct Weighed {
    found: Vec<Found>,
    /// Place among `found`, likeliest first.
    ranked: Vec<Suggested<usize>>,
    outside: f64,
    set_aside: Vec<(usize, WhyNot)>,
}

/// First symptoms, or the day that stands for them.
fn day_of(row: &CaseRow) -> Date {
    row.details.onset.or(row.details.sampled).unwrap_or(row.day)
}

fn why_not(why: WhyNot) -> Text {
    match why {
        WhyNot::NoOnset => Text::new("No day of first symptoms.", "无发病日期。"),
        WhyNot::ImpossibleInterval => Text::new(
            "The policy's serial interval gives no probability to so many days between first symptoms.",
            "两者发病间隔超出策略包代际间隔范围。",
        ),
        WhyNot::NotInfectious => Text::new(
            "They met while this case was not infectious.",
            "接触时该病例不具传染性。",
        ),
        WhyNot::MetAfterOnset => Text::new(
            "They met after the case had fallen ill.",
            "接触发生在本例发病之后。",
        ),
        WhyNot::NoWeight => Text::new(
            "The policy gives no weight to such a meeting.",
            "策略包对此类接触不计权重。",
        ),
    }
}

impl Policy {
    fn infectors(&self) -> Result<&InfectorsSettings, Refusal> {
        self.pack.infectors.as_ref().ok_or_else(|| {
            Refusal::invalid(
                "policy",
                "The policy in force has no [settings.infectors]: it suggests none.",
                "现行策略包未设[settings.infectors]，不能推荐传染源。",
            )
        })
    }
}

impl House {
    /// Who may have infected a case.
    pub fn suggested_infectors(
        &self,
        actor: &Actor,
        case: CaseId,
    ) -> Result<SuggestedInfectors, Refusal> {
        let row = self.standing_case(actor, case)?;
        let policy = self.policy()?;
        let weighed = self.weighed(&policy, &row)?;
        let may =
            |found: &Found| actor.may(lianfang_core::access::Right::ReadCases, found.row.area);
        let readable: Vec<&Suggested<usize>> = weighed
            .ranked
            .iter()
            .filter(|one| may(&weighed.found[one.id]))
            .take(SHOWN)
            .collect();
        let rows: Vec<CaseRow> = readable
            .iter()
            .map(|one| weighed.found[one.id].row.clone())
            .collect();
        let linked = self.infectors_of(&row)?;
        let shown: f64 = readable.iter().map(|one| one.probability).sum();
        let rows = self
            .shown(&rows)?
            .into_iter()
            .zip(readable)
            .map(|(case, one)| {
                let found = &weighed.found[one.id];
                SuggestedInfector {
                    probability: one.probability,
                    interval_days: one.interval_days,
                    interval_probability: one.interval_probability,
                    met: found.met,
                    setting: found.setting,
                    reasons: found.reasons(one),
                    linked: linked.contains(&found.row.case),
                    case,
                }
            })
            .collect();
        let some = weighed.outside > 0.0 || !weighed.ranked.is_empty();
        Ok(SuggestedInfectors {
            case: row.case,
            day: day_of(&row),
            day_stands_in: row.details.onset.is_none(),
            pack: policy.pack.word(),
            rows,
            outside: weighed.outside,
            not_shown: if some {
                (1.0 - weighed.outside - shown).max(0.0)
            } else {
                0.0
            },
            set_aside: weighed
                .set_aside
                .iter()
                .map(|(place, why)| (&weighed.found[*place], *why))
                .filter(|(found, _)| found.has_contact() && may(found))
                .take(SHOWN)
                .map(|(found, why)| SetAside {
                    case: found.row.case,
                    reason: why_not(why),
                })
                .collect(),
        })
    }

    /// Adopts a suggestion as a possible link. What is not suggested cannot be adopted: it is stated by hand.
    pub fn adopt_infector(
        &self,
        actor: &Actor,
        case: CaseId,
        adopted: &AdoptInfector,
    ) -> Result<LinkId, Refusal> {
        let sent = self.sent(
            actor,
            adopted.id,
            None,
            &("adopted", case, adopted.infector),
        )?;
        let link = LinkId::from_bytes(sent.id.to_bytes());
        if sent.repeated {
            return Ok(link);
        }
        let row = self.standing_case(actor, case)?;
        let policy = self.policy()?;
        let weighed = self.weighed(&policy, &row)?;
        let one = weighed
            .ranked
            .iter()
            .find(|one| weighed.found[one.id].row.case == adopted.infector)
            .ok_or_else(|| {
                Refusal::Conflict(Text::new(
                    "This case is not suggested (any more). A link can be stated by hand.",
                    "该病例（已）不在推荐之列，可手工登记关联。",
                ))
            })?;
        let found = &weighed.found[one.id];
        let ill = row.details.onset.or(row.details.sampled);
        let new = NewLink {
            id: Some(sent.id),
            infector: found.row.case,
            infectee: row.case,
            certainty: Certainty::Possible,
            // A later meeting is no exposure.
            met: found.met.filter(|met| ill.is_none_or(|ill| *met <= ill)),
            meeting: Meeting {
                setting: found.setting,
                ..Meeting::default()
            },
        };
        let parts = (one.probability * PARTS).round() as u16;
        self.state(actor, &sent, &new, Some(parts))
    }

    /// Cases of which a link says that they infected this one.
    fn infectors_of(&self, row: &CaseRow) -> Result<Vec<CaseId>, Refusal> {
        self.store
            .read(|c| {
                let members = lianfang_store::views::cases::members(c, row.case)?;
                view::of_case(c, row.case)?
                    .into_iter()
                    .filter(|link| members.contains(&link.infectee))
                    .map(|link| {
                        Ok(lianfang_store::views::cases::root(c, link.infector)?
                            .unwrap_or(link.infector))
                    })
                    .collect()
            })
            .map_err(Refusal::from)
    }

    fn weighed(&self, policy: &Policy, row: &CaseRow) -> Result<Weighed, Refusal> {
        let settings = policy.infectors()?;
        let found = self.candidates(settings, row)?;
        let groups = Groups::of(&found);
        let candidates: Vec<_> = found
            .iter()
            .enumerate()
            .map(|(place, found)| found.candidate(place, settings, groups))
            .collect();
        let interval = OnsetInterval::from(&policy.pack.serial_interval);
        let rule = Rule {
            interval: &interval,
            infectious: settings.infectious(),
            outside: settings.outside,
        };
        let suggestions = suggest(day_of(row), &candidates, &rule)
            .map_err(|error| Refusal::Pack(error.to_string()))?;
        Ok(Weighed {
            found,
            ranked: suggestions.ranked,
            outside: suggestions.outside,
            set_aside: suggestions.set_aside,
        })
    }
}
