//! Matters: opened, worked on, confirmed by another, climbing when late.

use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::{Right, Role};
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::facts::{Body, Fact, MatterActed, MatterEscalated, MatterOpened};
use lianfang_core::ids::{AccountId, FactId, MatterId};
use lianfang_core::matters::{Matter, MatterKind, Needs, Owner, Phase, StepBy};
use lianfang_core::text::{Text, bounded};
use lianfang_store::Batch;
use lianfang_store::views::matters::{self, MatterFilter};
use lianfang_store::views::subjects;
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// Longest a deadline, or the start of a policy, may lie ahead.
pub(crate) const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);
/// The kind of matter that is moved by receiving people, and by nothing else.
pub(crate) const HAND_OVER: &str = "handover";
/// Late matters looked at in one go.
const LATE_PAGE: usize = 1_000;
/// Facts of a matter's history shown at most.
const HISTORY: usize = 1_000;

/// Which matters are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatterView {
    /// Those I owe.
    #[default]
    Mine,
    /// Those of my area that are not over.
    Area,
    /// Those of my area that are late.
    Late,
    /// All of my area, also those that are over.
    All,
}

/// A page of matters that is asked for.
#[derive(Debug, Clone, Default)]
pub struct MatterQuery {
    /// Mine, my area's, late, or all.
    pub view: MatterView,
    /// Within this area; the highest that the asker reads where none is named.
    pub area: Option<AreaCode>,
    /// In this phase.
    pub phase: Option<Phase>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Rows to pass over.
    pub skip: usize,
    /// Rows at most.
    pub limit: usize,
}

/// Who owes the work, as shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OwnerShown {
    /// A role over the matter's area.
    pub role: Option<Role>,
    /// Or one account.
    #[schema(value_type = Option<String>)]
    pub account: Option<AccountId>,
    /// Its name.
    pub name: Option<String>,
}

/// A matter in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MatterRow {
    /// Its id.
    #[schema(value_type = String)]
    pub matter: MatterId,
    /// Its kind.
    pub kind: String,
    /// The kind's name.
    pub kind_name: Text,
    /// What it is about.
    pub title: String,
    /// Where.
    pub area: Area,
    /// Who owes the work.
    pub owner: OwnerShown,
    /// Who opened it.
    pub opened_by: String,
    /// When.
    pub opened_at: String,
    /// By when it must be done.
    pub deadline: String,
    /// Its state.
    pub state: String,
    /// The state's name.
    pub state_name: Text,
    /// Where in the loop that is.
    pub phase: Phase,
    /// Whether it is late.
    pub late: bool,
    /// By how many hours.
    pub late_hours: i64,
    /// The area it has climbed to.
    pub escalated_to: Option<Area>,
    /// The steps that the asker may take now.
    pub actions: Vec<String>,
}

/// A step that the asker may take now.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct StepShown {
    /// Its word.
    pub action: String,
    /// Its name.
    pub name: Text,
    /// Whether it must bring evidence.
    pub needs_evidence: bool,
    /// Whether it must bring a note.
    pub needs_note: bool,
}

/// Something that happened to a matter.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MatterEvent {
    /// The fact's place in the ledger.
    pub seq: u64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What: `opened`, `escalated`, or a step's word.
    pub action: String,
    /// Its name.
    pub action_name: Text,
    /// The state it led from.
    pub from: Option<String>,
    /// The state or area it led to.
    pub to: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Evidence.
    pub evidence: Option<String>,
}

/// A matter with its history.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MatterShown {
    /// As in a list.
    #[serde(flatten)]
    pub row: MatterRow,
    /// What is to be done.
    pub detail: String,
    /// What happened to it, oldest first.
    pub history: Vec<MatterEvent>,
    /// The steps that the asker may take now.
    pub steps: Vec<StepShown>,
}

/// A matter to be opened.
#[derive(Debug, Clone)]
pub struct NewMatter {
    /// Its id, made by whoever opens it, so that sending twice is harmless.
    pub id: Option<MatterId>,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub title: String,
    /// What is to be done.
    pub detail: String,
    /// Where.
    pub area: AreaCode,
    /// Who owes the work; the kind's own role where none is named.
    pub owner: Option<Owner>,
    /// By when; the kind's own hours where none is named.
    pub deadline: Option<Timestamp>,
}

/// A step to be taken.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// The fact's id, made by whoever acts, so that sending twice is harmless.
    pub id: Option<FactId>,
    /// The step.
    pub action: String,
    /// A note.
    pub note: Option<String>,
    /// Evidence.
    pub evidence: Option<String>,
}

fn unknown_kind(kind: &str) -> MatterKind {
    let name = Text::new(kind, kind);
    MatterKind {
        kind: kind.to_owned(),
        name,
        owner: Role::AreaOfficer,
        deadline_hours: 1,
        escalate_hours: 1,
        states: Vec::new(),
        steps: Vec::new(),
    }
}

fn optional_text(
    field: &'static str,
    text: Option<&str>,
    max: usize,
) -> Result<Option<String>, Refusal> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => bounded(text, 1, max).map(Some).map_err(|_| {
            Refusal::invalid(
                field,
                format!("At most {max} characters."),
                format!("最多{max}个字符。"),
            )
        }),
    }
}

impl House {
    /// The kind of a matter under the pack by which it was opened; one that the ledger no longer
    /// knows shows as its bare word.
    pub(crate) fn kind_of(&self, matter: &Matter) -> Result<MatterKind, Refusal> {
        let policy = match self.policy_named(&matter.pack)? {
            Some(policy) => policy,
            None => self.policy()?,
        };
        Ok(policy
            .pack
            .matter(&matter.kind)
            .cloned()
            .unwrap_or_else(|| unknown_kind(&matter.kind)))
    }

    fn matter_row(&self, actor: &Actor, matter: &Matter) -> Result<MatterRow, Refusal> {
        let tree = self.tree()?;
        let kind = self.kind_of(matter)?;
        let now = self.now();
        let late = matter.is_late(now);
        let offset = self.store.utc_offset();
        let owner = match matter.owner {
            Owner::Role(role) => OwnerShown {
                role: Some(role),
                account: None,
                name: None,
            },
            Owner::Account(account) => OwnerShown {
                role: None,
                account: Some(account),
                name: Some(self.account_name(account)?),
            },
        };
        let actions = if actor.may(Right::ActOnMatter, matter.area) && matter.kind != HAND_OVER {
            matter
                .steps_for(&kind, &actor.asker())
                .iter()
                .map(|step| step.action.clone())
                .collect()
        } else {
            Vec::new()
        };
        Ok(MatterRow {
            matter: matter.matter,
            kind: matter.kind.clone(),
            kind_name: kind.name.clone(),
            title: matter.title.clone(),
            area: tree.get_or_unnamed(matter.area),
            owner,
            opened_by: self.account_name(matter.opened_by)?,
            opened_at: offset.rfc3339(matter.opened_at),
            deadline: offset.rfc3339(matter.deadline),
            state: matter.state.clone(),
            state_name: kind.state(&matter.state).map_or_else(
                || Text::new(&*matter.state, &*matter.state),
                |s| s.name.clone(),
            ),
            phase: matter.phase,
            late,
            late_hours: if late {
                now.duration_since(matter.deadline).as_hours()
            } else {
                0
            },
            escalated_to: matter.escalated_to.map(|area| tree.get_or_unnamed(area)),
            actions,
        })
    }

    fn filter(
        &self,
        actor: &Actor,
        view: MatterView,
        area: Option<AreaCode>,
    ) -> Result<MatterFilter, Refusal> {
        let top = actor
            .area_of(Right::ReadMatters)
            .ok_or(Refusal::Forbidden)?;
        let area = area.unwrap_or(top);
        actor.require(Right::ReadMatters, area)?;
        let mut filter = MatterFilter {
            area: Some(area),
            ..MatterFilter::default()
        };
        match view {
            MatterView::Mine => {
                filter.owner = Some((actor.account, actor.grants.clone()));
                filter.live = Some(true);
            }
            MatterView::Area => filter.live = Some(true),
            MatterView::Late => filter.late_at = Some(self.now()),
            MatterView::All => {}
        }
        Ok(filter)
    }

    /// A page of matters, and how many there are.
    pub fn matters(
        &self,
        actor: &Actor,
        query: &MatterQuery,
    ) -> Result<(Vec<MatterRow>, u64), Refusal> {
        let filter = MatterFilter {
            phase: query.phase,
            kind: query.kind.clone(),
            ..self.filter(actor, query.view, query.area)?
        };
        let (found, total) = self.store.read(|connection| {
            let mut found = matters::list(connection, &filter, query.skip, query.limit)?;
            for matter in &mut found {
                if let Some(whole) = matters::get(connection, matter.matter)? {
                    matter.doers = whole.doers;
                }
            }
            Ok((found, matters::count(connection, &filter)?))
        })?;
        let rows = found
            .iter()
            .map(|matter| self.matter_row(actor, matter))
            .collect::<Result<_, _>>()?;
        Ok((rows, total))
    }

    fn readable_matter(&self, actor: &Actor, id: MatterId) -> Result<Matter, Refusal> {
        let matter = self
            .store
            .read(|connection| Ok(matters::get(connection, id)?))?
            .ok_or(Refusal::NotFound("matter"))?;
        let owned = matter.is_owned_by(&actor.asker()) && actor.in_scope(Right::ReadMatters);
        if owned || actor.may(Right::ReadMatters, matter.area) {
            Ok(matter)
        } else {
            Err(Refusal::NotFound("matter"))
        }
    }

    /// A matter with its history and the asker's next steps.
    pub fn matter(&self, actor: &Actor, id: MatterId) -> Result<MatterShown, Refusal> {
        let matter = self.readable_matter(actor, id)?;
        let facts = self
            .store
            .read(|connection| subjects::facts_about(connection, id.to_bytes(), HISTORY))?;
        let kind = self.kind_of(&matter)?;
        let history = facts
            .iter()
            .map(|fact| self.event(&kind, fact))
            .collect::<Result<_, _>>()?;
        let row = self.matter_row(actor, &matter)?;
        let steps = matter
            .steps_for(&kind, &actor.asker())
            .into_iter()
            .filter(|step| row.actions.contains(&step.action))
            .map(|step| StepShown {
                action: step.action.clone(),
                name: step.name.clone(),
                needs_evidence: step.needs == Needs::Evidence,
                needs_note: step.needs == Needs::Note,
            })
            .collect();
        Ok(MatterShown {
            row,
            detail: matter.detail.clone(),
            history,
            steps,
        })
    }

    fn event(&self, kind: &MatterKind, fact: &Fact) -> Result<MatterEvent, Refusal> {
        let mut event = MatterEvent {
            seq: fact.seq,
            at: self.store.utc_offset().rfc3339(fact.happened_at),
            actor: self.account_name(fact.actor)?,
            action: "opened".into(),
            action_name: Text::new("Opened", "发起"),
            from: None,
            to: None,
            note: None,
            evidence: None,
        };
        match fact.read_body().map_err(lianfang_store::StoreError::from)? {
            Body::MatterActed(acted) => {
                event.action_name = kind
                    .steps
                    .iter()
                    .find(|step| step.action == acted.action)
                    .map_or_else(
                        || Text::new(&*acted.action, &*acted.action),
                        |step| step.name.clone(),
                    );
                event.action = acted.action;
                event.from = Some(acted.from);
                event.to = Some(acted.to);
                event.note = acted.note;
                event.evidence = acted.evidence;
            }
            Body::MatterEscalated(escalated) => {
                event.action = "escalated".into();
                event.action_name = Text::new("Late: climbed", "逾期上报");
                event.to = Some(self.tree()?.get_or_unnamed(escalated.to).name);
            }
            _ => {}
        }
        Ok(event)
    }

    /// Opens a matter.
    pub fn open_matter(&self, actor: &Actor, new: &NewMatter) -> Result<MatterId, Refusal> {
        actor.require(Right::OpenMatter, new.area)?;
        self.known_area(new.area)?;
        let policy = self.policy()?;
        let kind = policy.pack.matter(&new.kind).ok_or_else(|| {
            let known: Vec<&str> = policy
                .pack
                .matters
                .iter()
                .map(|k| k.kind.as_str())
                .collect();
            let known = known.join(", ");
            Refusal::invalid(
                "kind",
                format!("Takes one of: {known}."),
                format!("可选：{known}。"),
            )
        })?;
        let title = bounded(&new.title, 3, 200).map_err(|_| {
            Refusal::invalid(
                "title",
                "A title has 3 to 200 characters.",
                "标题为3至200个字符。",
            )
        })?;
        let detail = optional_text("detail", Some(&new.detail), 4_000)?.unwrap_or_default();
        let now = self.now();
        let deadline = new
            .deadline
            .unwrap_or_else(|| now + SignedDuration::from_hours(i64::from(kind.deadline_hours)));
        if deadline <= now || deadline.duration_since(now) > FARTHEST {
            return Err(Refusal::invalid(
                "deadline",
                "A deadline lies ahead, at most a year.",
                "期限须晚于现在，且不超过一年。",
            ));
        }
        if let Some(Owner::Account(account)) = new.owner
            && self.store.credentials(account)?.is_none()
        {
            return Err(Refusal::invalid(
                "owner",
                "There is no such account.",
                "没有此账户。",
            ));
        }
        let matter = new
            .id
            .unwrap_or_else(|| MatterId::from_bytes(self.new_id().to_bytes()));
        let body = Body::MatterOpened(MatterOpened {
            matter,
            kind: kind.kind.clone(),
            pack: policy.pack.word(),
            title,
            detail,
            owner: new.owner.unwrap_or(Owner::Role(kind.owner)),
            deadline,
            state: kind.start().state.clone(),
            about: None,
        });
        let same = |there: &Matter| {
            let Body::MatterOpened(asked) = &body else {
                return false;
            };
            there.opened_by == actor.account
                && there.area == new.area
                && there.kind == asked.kind
                && there.title == asked.title
                && there.detail == asked.detail
                && there.owner == asked.owner
                && new.deadline.is_none_or(|deadline| {
                    deadline.as_millisecond() == there.deadline.as_millisecond()
                })
        };
        // The fact has the matter's own id: the same matter sent twice is the same fact.
        let id = FactId::from_bytes(matter.to_bytes());
        let draft = self.draft_as(id, actor, new.area, body.clone());
        match self.store.append(Batch::of([draft])) {
            Ok(_) => Ok(matter),
            // Sent again after its deadline was counted anew, it is the same matter still.
            Err(error @ lianfang_store::StoreError::IdReused(_)) => self
                .store
                .read(|connection| Ok(matters::get(connection, matter)?))?
                .filter(same)
                .map(|_| matter)
                .ok_or_else(|| error.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a step in a matter.
    pub fn act_on_matter(
        &self,
        actor: &Actor,
        id: MatterId,
        step: &NewStep,
    ) -> Result<(), Refusal> {
        let matter = self.readable_matter(actor, id)?;
        actor.require(Right::ActOnMatter, matter.area)?;
        if matter.kind == HAND_OVER {
            return Err(Refusal::Conflict(Text::new(
                "A hand-over is closed by whoever receives the people: do it at the hand-over.",
                "移交由接收方确认人员后办结，请在移交页面办理。",
            )));
        }
        if let Some(fact) = step.id
            && self.is_recorded(id, fact)?
        {
            return Ok(());
        }
        let note = optional_text("note", step.note.as_deref(), 2_000)?;
        let evidence = optional_text("evidence", step.evidence.as_deref(), 2_000)?;
        let kind = self.kind_of(&matter)?;
        let taken = matter.step(
            &kind,
            &step.action,
            &actor.asker(),
            note.as_deref(),
            evidence.as_deref(),
        )?;
        self.may_decide_appeal(actor, &matter, taken)?;
        // A token may be limited to the owner's own steps.
        if taken.by != StepBy::Owner && !actor.in_scope(Right::OpenMatter) {
            return Err(Refusal::Forbidden);
        }
        let to = kind.state(&taken.to).ok_or(Refusal::NotFound("state"))?;
        let body = Body::MatterActed(MatterActed {
            matter: id,
            action: taken.action.clone(),
            from: matter.state.clone(),
            to: to.state.clone(),
            phase: to.phase,
            work: taken.by == StepBy::Owner,
            note,
            evidence,
        });
        let draft = self.draft_as(
            step.id.unwrap_or_else(|| self.new_id()),
            actor,
            matter.area,
            body,
        );
        self.store.append(Batch::of([draft]))?;
        Ok(())
    }

    fn is_recorded(&self, matter: MatterId, fact: FactId) -> Result<bool, Refusal> {
        let facts = self
            .store
            .read(|connection| subjects::facts_about(connection, matter.to_bytes(), HISTORY))?;
        Ok(facts.iter().any(|known| known.id == fact))
    }

    /// Lets every matter that is late enough climb one area up. Returns how many climbed.
    pub fn escalate_late(&self) -> Result<u64, Refusal> {
        let now = self.now();
        let filter = MatterFilter {
            late_at: Some(now),
            ..MatterFilter::default()
        };
        let (mut looked_at, mut climbed) = (0, 0);
        loop {
            // A climb leaves the order by deadline as it is.
            let page = self
                .store
                .read(|connection| matters::list(connection, &filter, looked_at, LATE_PAGE))?;
            looked_at += page.len();
            climbed += self.escalate(&page, now)?;
            if page.len() < LATE_PAGE {
                return Ok(climbed);
            }
        }
    }

    fn escalate(&self, late: &[Matter], now: Timestamp) -> Result<u64, Refusal> {
        let actor = Actor::house("clock");
        let tree = self.tree()?;
        let root = self.store.root();
        let mut climbed = 0;
        for matter in late {
            let kind = self.kind_of(matter)?;
            let parent = |area| tree.parent(area).filter(|up| root.contains(*up));
            let Some(to) = matter.climbs_to(&kind, now, parent) else {
                continue;
            };
            let body = Body::MatterEscalated(MatterEscalated {
                matter: matter.matter,
                to,
            });
            match self.append(&actor, [(matter.area, body)]) {
                Ok(()) => climbed += 1,
                // It was closed in the meantime.
                Err(Refusal::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(climbed)
    }

    /// Numbers of matters within an area: open, late, due within a day, closed since.
    pub(crate) fn matter_numbers(
        &self,
        area: AreaCode,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<[u64; 4], Refusal> {
        let within = MatterFilter {
            area: Some(area),
            ..MatterFilter::default()
        };
        let open = MatterFilter {
            live: Some(true),
            ..within.clone()
        };
        let late = MatterFilter {
            late_at: Some(self.now()),
            ..within.clone()
        };
        let due = MatterFilter {
            live: Some(true),
            due: Some((from, to)),
            ..within.clone()
        };
        let closed = MatterFilter {
            ended: Some((from, to)),
            ..within
        };
        Ok(self.store.read(|connection| {
            Ok([
                matters::count(connection, &open)?,
                matters::count(connection, &late)?,
                matters::count(connection, &due)?,
                matters::count(connection, &closed)?,
            ])
        })?)
    }
}
