//! Who infected whom: stated by somebody, withdrawn with a reason, never a loop.
//!
//! What cannot be is refused: a link to oneself or to a case that is not there, a loop, a meeting in the future or after the
//! first symptoms of the one infected, and first symptoms of the one infected longer before those of the infector than the
//! policy's shortest serial interval.

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::contacts::{Certainty, Meeting};
use lianfang_core::facts::{Body, LinkStated, LinkWithdrawn};
use lianfang_core::ids::{CaseId, FactId, LinkId};
use lianfang_core::text::{Text, bounded};
use lianfang_store::Batch;
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::views::links::{self as view, LinkRow};
use serde::{Deserialize, Serialize};

use crate::cases::CaseShown;
use crate::sent::Sent;
use crate::{Actor, House, Refusal};

/// A link to be stated.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// Made by whoever states it (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// Who infected.
    #[schema(value_type = String)]
    pub infector: CaseId,
    /// Who was infected.
    #[schema(value_type = String)]
    pub infectee: CaseId,
    /// How sure it is.
    pub certainty: Certainty,
    /// The day of the meeting.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub met: Option<Date>,
    /// How they met.
    #[serde(default)]
    pub meeting: Meeting,
}

/// A link to be withdrawn.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkBack {
    /// Made by whoever withdraws it (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// Why.
    pub reason: String,
}

/// A link, seen from one of its cases.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LinkShown {
    /// Its id.
    #[schema(value_type = String)]
    pub link: LinkId,
    /// Who infected.
    #[schema(value_type = String)]
    pub infector: CaseId,
    /// Who was infected.
    #[schema(value_type = String)]
    pub infectee: CaseId,
    /// The other case, where the asker may read it.
    pub other: Option<CaseShown>,
    /// Whether the other is the one who infected.
    pub from_other: bool,
    /// How sure it is.
    pub certainty: Certainty,
    /// The day of the meeting.
    #[schema(value_type = Option<String>, format = Date)]
    pub met: Option<Date>,
    /// How they met.
    pub meeting: Meeting,
    /// Days from the first symptoms of the infector to those of the one infected.
    pub serial_days: Option<i32>,
    /// Its probability when it was suggested, of a link that was adopted from a suggestion.
    pub suggested: Option<f64>,
    /// When it was stated.
    pub at: String,
    /// By whom.
    pub by: String,
}

fn unlikely(field: &'static str, en: &str, zh: &str) -> Refusal {
    Refusal::invalid(field, en, zh)
}

/// Refuses what cannot be.
pub(crate) fn possible(
    infector: &CaseRow,
    infectee: &CaseRow,
    met: Option<Date>,
    (earliest, today): (u32, Date),
) -> Result<(), Refusal> {
    if met.is_some_and(|met| met > today) {
        return Err(unlikely(
            "met",
            "A meeting lies in the past.",
            "接触日期不能在未来。",
        ));
    }
    if let (Some(first), Some(second)) = (infector.details.onset, infectee.details.onset) {
        let soonest = first
            .checked_sub(i64::from(earliest).days())
            .unwrap_or(first);
        if second < soonest {
            return Err(Refusal::invalid(
                "infectee",
                format!(
                    "First symptoms of the one infected lie before those of the infector by more than {earliest} days."
                ),
                format!("被感染者发病早于传染者发病{earliest}天以上，不可能被其感染。"),
            ));
        }
    }
    let ill = infectee.details.onset.or(infectee.details.sampled);
    if met.zip(ill).is_some_and(|(met, ill)| met > ill) {
        return Err(unlikely(
            "met",
            "The exposure comes before first symptoms, or the first positive sample, of the one infected.",
            "暴露须早于被感染者发病或首次阳性采样。",
        ));
    }
    Ok(())
}

impl House {
    /// States that one case infected another.
    pub fn state_link(
        &self,
        actor: &Actor,
        case: CaseId,
        new: &NewLink,
    ) -> Result<LinkId, Refusal> {
        if case != new.infector && case != new.infectee {
            return Err(Refusal::invalid(
                "infector",
                "The case of the path is one of the two.",
                "路径中的病例须为其中之一。",
            ));
        }
        let sent = self.sent(actor, new.id, None, new)?;
        if sent.repeated {
            return Ok(LinkId::from_bytes(sent.id.to_bytes()));
        }
        self.state(actor, &sent, new, None)
    }

    /// States a link; `suggested` is its probability in thousandths, where it was adopted from a suggestion.
    pub(crate) fn state(
        &self,
        actor: &Actor,
        sent: &Sent,
        new: &NewLink,
        suggested: Option<u16>,
    ) -> Result<LinkId, Refusal> {
        let link = LinkId::from_bytes(sent.id.to_bytes());
        if new.infector == new.infectee {
            return Err(Refusal::invalid(
                "infectee",
                "Nobody infects themselves.",
                "病例不能感染自己。",
            ));
        }
        let infector = self.readable_case(actor, new.infector)?;
        let infectee = self.readable_case(actor, new.infectee)?;
        actor.require(Right::ReportCase, infectee.area)?;
        let policy = self.policy()?;
        let earliest = policy.cases()?.earliest_serial_days;
        possible(&infector, &infectee, new.met, (earliest, self.today()))?;
        let (from, to) = (new.infectee, new.infector);
        if self.store.read(|c| Ok(view::leads(c, from, to)?))? {
            return Err(Refusal::Conflict(Text::new(
                "This would close a loop: the one infected stands among those from whom the infection came.",
                "该关联会形成环路：被感染者已在传染来源链上。",
            )));
        }
        let stated = Body::LinkStated(LinkStated {
            link,
            infector: new.infector,
            infectee: new.infectee,
            certainty: new.certainty,
            met: new.met,
            meeting: new.meeting,
            suggested,
            said: sent.said.clone(),
        });
        self.store.append(Batch::of(self.drafts(
            actor,
            sent,
            [(infectee.area, stated)],
        )))?;
        Ok(link)
    }

    /// Withdraws a link, with a reason.
    pub fn withdraw_link(
        &self,
        actor: &Actor,
        link: LinkId,
        back: &LinkBack,
    ) -> Result<(), Refusal> {
        let row = self
            .store
            .read(|c| Ok(view::get(c, link)?))?
            .ok_or(Refusal::NotFound("link"))?;
        let infectee = self.readable_case(actor, row.infectee)?;
        actor.require(Right::ReportCase, infectee.area)?;
        let sent = self.sent(actor, back.id, None, &(link, back))?;
        if sent.repeated {
            return Ok(());
        }
        let reason = bounded(&back.reason, 3, 500).map_err(|_| {
            Refusal::invalid("reason", "3 to 500 characters.", "须为3至500个字符。")
        })?;
        let withdrawn = Body::LinkWithdrawn(LinkWithdrawn {
            link,
            reason,
            said: sent.said.clone(),
        });
        self.store.append(Batch::of(self.drafts(
            actor,
            &sent,
            [(infectee.area, withdrawn)],
        )))?;
        Ok(())
    }

    /// The links from and to a case.
    pub fn case_links(&self, actor: &Actor, case: CaseId) -> Result<Vec<LinkShown>, Refusal> {
        let row = self.readable_case(actor, case)?;
        let (members, links) = self.store.read(|c| {
            Ok((
                cases::members(c, row.root())?,
                view::of_case(c, row.root())?,
            ))
        })?;
        links
            .iter()
            .map(|link| self.link_shown(actor, &members, link))
            .collect()
    }

    fn link_shown(
        &self,
        actor: &Actor,
        members: &[CaseId],
        link: &LinkRow,
    ) -> Result<LinkShown, Refusal> {
        let (one, two) = self
            .store
            .read(|c| Ok((cases::get(c, link.infector)?, cases::get(c, link.infectee)?)))?;
        let onset = |row: &Option<CaseRow>| row.as_ref().and_then(|row| row.details.onset);
        let serial_days = onset(&one)
            .zip(onset(&two))
            .and_then(|(one, two)| two.since(one).ok())
            .map(|span| span.get_days());
        let from_other = members.contains(&link.infectee);
        let other = if from_other { one } else { two };
        let other = match other.filter(|row| actor.may(Right::ReadCases, row.area)) {
            Some(row) => self.shown(std::slice::from_ref(&row))?.pop(),
            None => None,
        };
        Ok(LinkShown {
            link: link.link,
            infector: link.infector,
            infectee: link.infectee,
            other,
            from_other,
            certainty: link.certainty,
            met: link.met,
            meeting: link.meeting,
            serial_days,
            suggested: link.suggested.map(|parts| f64::from(parts) / 1_000.0),
            at: self.store.utc_offset().rfc3339(link.at),
            by: self.account_name(link.actor)?,
        })
    }
}
