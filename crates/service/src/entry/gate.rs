//! The check at a checkpoint: seen, decided by the policy, written down.

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::{Source, Stage, Symptom, Temperature, Triage};
use lianfang_core::facts::{AbsenceFound, Body, EntrantChecked, EntrantFound, ResidentPassed};
use lianfang_core::ids::{CheckpointId, EntrantId, OrderId, PersonId};
use lianfang_core::matters::About;
use lianfang_core::passes::PassShown;
use lianfang_core::quarantine::{AbsenceHow, Watch};
use lianfang_core::words::Word;
use lianfang_policy::EntryEvidence;
use lianfang_store::views::entry::{self, CheckpointRow, EntrantRow};
use lianfang_store::views::{households, matters, quarantine};

use super::found::{Known, Recorded};
use crate::Refusal;
use crate::field::taking::{Opening, Taking, Written, ruling};
use crate::field::{Circumstances, Happening};
use crate::policy::standing_of;

/// Longest that one check takes, in seconds, before the measurement is of something else.
const LONGEST_CHECK: u16 = 3_600;
/// Symptoms that one entry names at most.
const MOST_SYMPTOMS: usize = 20;

/// A temperature as typed.
pub(crate) fn temperature(celsius: Option<f64>) -> Result<Option<Temperature>, Refusal> {
    celsius
        .map(|celsius| {
            Temperature::try_from(celsius).map_err(|_| {
                Refusal::invalid(
                    "temperature",
                    "A body temperature lies between 30.0 and 45.0 °C: measure again.",
                    "体温应在30.0至45.0℃之间，请重新测量。",
                )
            })
        })
        .transpose()
}

/// Symptoms as ticked, each once.
pub(crate) fn symptoms(given: &[Symptom]) -> Result<Vec<Symptom>, Refusal> {
    if given.len() > MOST_SYMPTOMS {
        return Err(Refusal::invalid(
            "symptoms",
            "Each symptom once.",
            "每个症状只填一次。",
        ));
    }
    let mut symptoms = given.to_vec();
    symptoms.sort_unstable();
    symptoms.dedup();
    Ok(symptoms)
}

/// What a person brings to a gate, whether recorded before or just now.
struct Seen<'s> {
    entrant: EntrantId,
    person: PersonId,
    found: &'s EntrantFound,
    before: Option<&'s EntrantRow>,
}

impl Taking<'_> {
    /// An open checkpoint at which the actor may check people.
    fn gate(&self, id: CheckpointId) -> Result<CheckpointRow, Refusal> {
        let row = self
            .read(|c| Ok(entry::checkpoint(c, id)?))?
            .ok_or(Refusal::NotFound("checkpoint"))?;
        if !self.actor.sees(row.area) {
            return Err(Refusal::NotFound("checkpoint"));
        }
        self.require(Right::KeepGate, row.area)?;
        if !row.open {
            return Err(Refusal::invalid(
                "checkpoint",
                "This checkpoint is closed. Open it, or choose another.",
                "该卡口已关闭，请启用或另选卡口。",
            ));
        }
        Ok(row)
    }

    /// Somebody who is known already, as the gate writes it down once more.
    fn seen_again(
        &self,
        id: EntrantId,
        gate: &CheckpointRow,
        learnt: Circumstances,
    ) -> Result<Recorded, Refusal> {
        let row = self.speaker(id)?;
        let found = EntrantFound {
            entrant: row.entrant,
            person: row.person,
            source: Source::Checkpoint,
            checkpoint: Some(gate.checkpoint),
            household: None,
            list: None,
            journey: row.journey.clone(),
            arrival: if row.arrived { row.arrival } else { self.at },
            arrived: true,
            destination: row.destination,
            origin: row.origin,
            abroad: row.abroad,
            age: row.age,
            pregnant: row.pregnant || learnt.pregnant,
            needs_care: row.needs_care || learnt.needs_care,
            home_suitable: row.home_suitable || learnt.home_suitable,
            party: row.party,
            said: self.said.clone(),
        };
        Ok(Recorded {
            entrant: row.entrant,
            person: row.person,
            area: row.area,
            facts: vec![(row.area, Body::EntrantFound(found.clone()))],
            found,
            people: Vec::new(),
            before: Some(row),
        })
    }

    /// What is known of somebody at a gate, as the rules ask for it. A check that a phone kept knows
    /// nothing of an order made since.
    fn entry_evidence(
        &self,
        gate: &CheckpointRow,
        seen: &Seen<'_>,
        temperature: Option<Temperature>,
        symptoms: &[Symptom],
        (pass, neighbour_pass): (PassShown, bool),
    ) -> Result<(EntryEvidence, Option<(OrderId, Watch)>), Refusal> {
        let order = seen.before.and_then(|row| row.order);
        let (case, watched, resident) = self.read(|c| {
            let case = standing_of(&lianfang_store::views::cases::of_person(c, seen.person)?);
            let watched = match order {
                Some(order) => quarantine::order(c, order)?
                    .filter(|row| row.made_at <= self.at)
                    .map(|row| (order, row.watch)),
                None => None,
            };
            let resident = households::lives_in(c, seen.person, gate.area)?;
            Ok((case, watched, resident))
        })?;
        let contact = self.contact_on_record(seen.person)?;
        let found = seen.found;
        let before = seen.before;
        let or = |here: bool, then: fn(&EntrantRow) -> bool| here || before.is_some_and(then);
        let evidence = EntryEvidence {
            checkpoint: gate.kind,
            resident,
            destination: found.destination,
            origin: found
                .origin
                .max(before.map_or(found.origin, |row| row.origin)),
            abroad: or(found.abroad, |row| row.abroad),
            temperature,
            symptoms: symptoms.iter().copied().collect(),
            case,
            contact: contact.map_or(ContactClass::None, |contact| contact.class),
            last_exposure: contact.map(|contact| contact.last_exposure),
            watch: watched.map_or(Watch::None, |(_, watch)| watch),
            pass,
            neighbour_pass,
            age: found.age.or(before.and_then(|row| row.age)).map(u32::from),
            pregnant: or(found.pregnant, |row| row.pregnant),
            needs_care: or(found.needs_care, |row| row.needs_care),
            home_suitable: or(found.home_suitable, |row| row.home_suitable),
            ..EntryEvidence::default()
        };
        Ok((evidence, watched))
    }

    /// Somebody is checked at a checkpoint.
    pub(crate) fn check_in(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::CheckIn {
            checkpoint,
            lane,
            entrant,
            person,
            coming,
            circumstances,
            temperature: celsius,
            symptoms: ticked,
            pass,
            neighbour_pass,
            shown,
            seconds,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        let gate = self.gate(*checkpoint)?;
        if lane.is_some_and(|lane| lane == 0 || lane > gate.lanes) {
            return Err(Refusal::invalid(
                "lane",
                format!("This checkpoint has lanes 1 to {}.", gate.lanes),
                format!("该卡口通道为1至{}。", gate.lanes),
            ));
        }
        let temperature = temperature(*celsius)?;
        let symptoms = symptoms(ticked)?;
        let recorded = match (entrant, person, coming, circumstances) {
            (Some(known), None, None, learnt) => {
                self.seen_again(*known, &gate, learnt.unwrap_or_default())?
            }
            (None, Some(person), Some(coming), None) => self.record(
                person,
                coming,
                &Known {
                    source: Source::Checkpoint,
                    arrived: true,
                    checkpoint: Some((gate.checkpoint, gate.area)),
                    household: None,
                    list: None,
                },
            )?,
            _ => {
                return Err(Refusal::invalid(
                    "person",
                    "Name either somebody who is known already, or the person and the journey.",
                    "请选择已登记人员，或填写人员及行程。",
                ));
            }
        };
        let seen = Seen {
            entrant: recorded.entrant,
            person: recorded.person,
            found: &recorded.found,
            before: recorded.before.as_ref(),
        };
        let (evidence, watched) = self.entry_evidence(
            &gate,
            &seen,
            temperature,
            &symptoms,
            (*pass, *neighbour_pass),
        )?;
        let today = self.house.store.utc_offset().day_of(self.at);
        let decision = self.policy.pack.decide(&evidence, today);
        let differs = shown.is_some_and(|shown| shown != decision.outcome);
        let mut ruling = ruling(&self.policy, &decision, |ruling, triage| {
            ruling.triage = Some(triage);
        });
        ruling.differs = differs;
        let checked = EntrantChecked {
            entrant: seen.entrant,
            checkpoint: gate.checkpoint,
            lane: *lane,
            temperature: temperature.map(Temperature::tenths),
            symptoms,
            pass: *pass,
            neighbour_pass: *neighbour_pass,
            outcome: decision.outcome,
            rule: decision.rule.id.clone(),
            pack: self.policy.pack.word(),
            shown: shown.filter(|_| differs),
            seconds: seconds.filter(|seconds| (1..=LONGEST_CHECK).contains(seconds)),
            said: String::new(),
        };
        let mut facts = recorded.facts;
        facts.push((gate.area, Body::EntrantChecked(checked)));
        if differs {
            facts.push(self.to_be_rechecked(&seen, *shown, decision.outcome, gate.area)?);
        }
        facts.extend(self.seen_elsewhere(&seen, &gate, watched)?);
        Ok(Written {
            facts,
            people: recorded.people,
            entrant: Some(recorded.entrant),
            decision: Some(ruling),
        })
    }

    /// The phone let somebody go on, or held them, and the policy says otherwise with all that is
    /// known: somebody must look.
    fn to_be_rechecked(
        &self,
        seen: &Seen<'_>,
        shown: Option<Triage>,
        outcome: Triage,
        area: AreaCode,
    ) -> Result<(AreaCode, Body), Refusal> {
        let name = |triage: Triage| triage.label();
        let was = shown.map_or_else(|| name(outcome), name);
        let is = name(outcome);
        self.opens(
            1,
            Opening {
                kind: "recheck",
                area,
                title: format!("卡口处置复核 · Gate decision to be looked at: {} → {}", was.zh, is.zh),
                detail: format!(
                    "卡口离线判定为“{}”，按全部已知情况应为“{}”。\nThe gate decided \"{}\" without network; with all that is known it is \"{}\".",
                    was.zh, is.zh, was.en, is.en
                ),
                about: About::Entrant(seen.entrant),
                deadline: None,
            },
        )
    }

    /// Somebody who should be in quarantine stands at a gate.
    fn seen_elsewhere(
        &self,
        seen: &Seen<'_>,
        gate: &CheckpointRow,
        watched: Option<(OrderId, Watch)>,
    ) -> Result<Vec<(AreaCode, Body)>, Refusal> {
        let Some((order, Watch::Home | Watch::Site)) = watched else {
            return Ok(Vec::new());
        };
        if seen.before.is_none_or(|row| row.stage != Stage::Watched) {
            return Ok(Vec::new());
        }
        let area = seen.before.map_or(gate.area, |row| row.area);
        let mut facts = vec![(
            area,
            Body::AbsenceFound(AbsenceFound {
                order,
                how: AbsenceHow::SeenElsewhere,
                said: String::new(),
            }),
        )];
        let about = About::Order(order);
        let open = self.read(|c| Ok(matters::is_open_about(c, "breach", about.to_bytes())?))?;
        if !open {
            facts.push(self.opens(
                2,
                Opening {
                    kind: "breach",
                    area,
                    title: format!(
                        "隔离人员在卡口被发现 · Under quarantine, seen at {}",
                        gate.name
                    ),
                    detail: String::new(),
                    about,
                    deadline: None,
                },
            )?);
        }
        Ok(facts)
    }

    /// Somebody goes through the gate of the place where they live.
    pub(crate) fn resident_pass(
        &self,
        checkpoint: CheckpointId,
        person: PersonId,
    ) -> Result<Written, Refusal> {
        let gate = self.gate(checkpoint)?;
        let (lives, held) = self.read(|c| {
            let lives = households::lives_in(c, person, gate.area)?;
            let held = match entry::known_as(c, person)? {
                Some(row) => entry::speaker(c, row.entrant)?,
                None => None,
            };
            Ok((lives, held))
        })?;
        if !lives {
            return Err(Refusal::invalid(
                "person",
                "Nobody of that id lives behind this gate: check them in as a stranger.",
                "此人不在本处居民名册内，请按外来人员登记。",
            ));
        }
        let passed = Body::ResidentPassed(ResidentPassed {
            checkpoint,
            person,
            said: self.said.clone(),
        });
        let written = Written::fact(gate.area, passed);
        let Some(row) = held.filter(|row| row.stage == Stage::Watched) else {
            return Ok(written);
        };
        let watched = match row.order {
            Some(order) => self
                .read(|c| Ok(quarantine::order(c, order)?))?
                .filter(|row| row.made_at <= self.at)
                .map(|row| (order, row.watch)),
            None => None,
        };
        let found = self
            .seen_again(row.entrant, &gate, Circumstances::default())?
            .found;
        let seen = Seen {
            entrant: row.entrant,
            person,
            found: &found,
            before: Some(&row),
        };
        Ok(written.and(self.seen_elsewhere(&seen, &gate, watched)?))
    }
}
