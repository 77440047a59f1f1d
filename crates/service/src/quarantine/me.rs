//! What somebody under watch sees and says by their own code, without an account.
//!
//! A code is the entrant's id and eight characters of a keyed hash of it: 40 bits that nobody can
//! make up. Whoever has it sees how that person stands, no name, and can write down a check and a
//! need. Those who serve it limit how often it can be tried.

use jiff::civil::Date;
use lianfang_core::entry::{Stage, Symptom};
use lianfang_core::ids::{EntrantId, OrderId};
use lianfang_core::quarantine::{CheckedBy, Need, SampleResult, Watch};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::entry::{self, EntrantRow};
use lianfang_store::views::matters;
use lianfang_store::views::quarantine::{self as view, OrderRow};
use serde::Serialize;

use super::changes::rule_of;
use super::{day_of_order, slot_at, slots_of};
use crate::field::{EntryAnswer, FieldEntry, Happening};
use crate::{Actor, House, Refusal};

/// Crockford's base 32, the alphabet of ULIDs.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A check of today, as the person sees it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MeCheck {
    /// Which check of the day, from 1.
    pub slot: u8,
    /// Temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// Symptoms.
    pub symptoms: Vec<Symptom>,
    /// Whether somebody will look at it.
    pub abnormal: bool,
}

/// Today's checks.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MeChecks {
    /// The check of this time of day, from 1.
    pub now: u8,
    /// Checks of a day.
    pub of: usize,
    /// Those made: of each the newest.
    pub today: Vec<MeCheck>,
}

/// A day with a sample: taken, or due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MeSample {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Whether it was taken.
    pub taken: bool,
    /// Its result.
    pub result: Option<SampleResult>,
}

/// Something asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MeNeed {
    /// What.
    pub need: Need,
    /// Its name.
    pub need_name: Text,
    /// How far it has come.
    pub state_name: Text,
    /// Whether it is done.
    pub over: bool,
}

/// How a person under watch stands, as they see it themselves.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = MeStanding)]
pub struct Me {
    /// The person on this journey.
    #[schema(value_type = String)]
    pub entrant: EntrantId,
    /// Where in the process they stand.
    pub stage: Stage,
    /// Its name.
    pub stage_name: Text,
    /// The order, in force or the last.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
    /// How they are watched.
    pub watch: Option<Watch>,
    /// Its name.
    pub watch_name: Option<Text>,
    /// Why.
    pub reason: Option<Text>,
    /// From which day its days count.
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
    /// The day of release.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
    /// Today's place among its days, from 1.
    pub day: Option<i32>,
    /// Its days.
    pub days: Option<i32>,
    /// Daily checks, while the order is in force.
    pub checks: Option<MeChecks>,
    /// Samples, taken and due.
    pub samples: Vec<MeSample>,
    /// What was asked for.
    pub needs: Vec<MeNeed>,
    /// The certificate of release, once there is one.
    pub certificate: Option<String>,
    /// The pack and its version.
    pub pack: Option<String>,
}

/// What a code opens.
enum Opens {
    /// All that is known of somebody: given by staff who have seen who it is.
    Whole(Box<EntrantRow>),
    /// No more than that a declaration was taken: whoever knows somebody's document number could
    /// have declared in their name.
    Declaration(EntrantId),
}

impl House {
    fn code_marks(&self, domain: &str, entrant: EntrantId) -> String {
        self.marks(domain, &entrant.to_string())
    }

    /// Eight characters that nobody without the house's keys can make up for an id.
    pub(crate) fn marks(&self, domain: &str, id: &str) -> String {
        let digest = self.store.blind(domain, id);
        let bits = u128::from_be_bytes(digest);
        (0..8)
            .map(|place| char::from(ALPHABET[(bits >> (5 * place) & 31) as usize]))
            .collect()
    }

    /// The code by which somebody sees how they stand.
    pub fn personal_code(&self, entrant: EntrantId) -> String {
        format!("{entrant}.{}", self.code_marks("personal code", entrant))
    }

    /// The code by which somebody finds their own declaration again, and a gate finds it at once.
    pub(crate) fn declaration_code(&self, entrant: EntrantId) -> String {
        format!("{entrant}.{}", self.code_marks("declaration code", entrant))
    }

    /// What a code opens.
    fn coded(&self, code: &str) -> Result<Opens, Refusal> {
        let not_there = || Refusal::NotFound("code");
        let code = code.trim().to_ascii_uppercase();
        let (entrant, marks) = code.split_once('.').ok_or_else(not_there)?;
        let entrant: EntrantId = entrant.parse().map_err(|_| not_there())?;
        // Hashes are compared, and in constant time: how far a guess agrees does not show.
        let is = |domain| {
            blake3::hash(marks.as_bytes())
                == blake3::hash(self.code_marks(domain, entrant).as_bytes())
        };
        if is("declaration code") {
            return Ok(Opens::Declaration(entrant));
        }
        if !is("personal code") {
            return Err(not_there());
        }
        self.store
            .read(|c| Ok(entry::speaker(c, entrant)?))?
            .map(|row| Opens::Whole(Box::new(row)))
            .ok_or_else(not_there)
    }

    /// How the person of a code stands.
    pub fn me(&self, code: &str) -> Result<Me, Refusal> {
        let (entrant, stage, orders) = match self.coded(code)? {
            Opens::Whole(row) => {
                let orders = self.store.read(|c| Ok(view::of_entrant(c, row.entrant)?))?;
                (row.entrant, row.stage, orders)
            }
            Opens::Declaration(entrant) => {
                let own = self.store.read(|c| Ok(entry::get(c, entrant)?))?;
                let stage = match own.map(|row| row.stage) {
                    None | Some(Stage::Expected) => Stage::Expected,
                    Some(Stage::NotCome) => Stage::NotCome,
                    Some(_) => Stage::Arrived,
                };
                (entrant, stage, Vec::new())
            }
        };
        let mut me = Me {
            entrant,
            stage,
            stage_name: stage.label(),
            order: None,
            watch: None,
            watch_name: None,
            reason: None,
            since: None,
            until: None,
            day: None,
            days: None,
            checks: None,
            samples: Vec::new(),
            needs: Vec::new(),
            certificate: None,
            pack: None,
        };
        if let Some(order) = orders.first() {
            self.of_order(&mut me, order)?;
        }
        Ok(me)
    }

    fn of_order(&self, me: &mut Me, order: &OrderRow) -> Result<(), Refusal> {
        let policy = self.policy_of(order)?;
        let today = self.today();
        let (day, days) = day_of_order(order, order.ended_on.unwrap_or(today));
        me.order = Some(order.order);
        me.watch = Some(order.watch);
        me.watch_name = Some(order.watch.label());
        me.reason = policy
            .as_deref()
            .and_then(|policy| rule_of(policy, order))
            .map(|rule| rule.reason.clone());
        me.since = Some(order.since);
        me.until = Some(order.until);
        me.day = Some(day);
        me.days = Some(days);
        me.pack = Some(order.pack.clone());
        me.certificate = self.certificate_code(order)?;
        if order.is_live() {
            me.checks = Some(self.checks_today(order)?);
        }
        me.samples = self.samples_seen(order)?;
        me.needs = self.needs_seen(order)?;
        Ok(())
    }

    fn checks_today(&self, order: &OrderRow) -> Result<MeChecks, Refusal> {
        let policy = self.policy()?;
        let settings = policy.field()?;
        let offset = self.store.utc_offset();
        let today = self.today();
        let mut checks = self
            .store
            .read(|c| Ok(view::checks_on(c, order.order, today)?))?;
        // The newest of each stands first.
        checks.dedup_by_key(|check| check.slot);
        Ok(MeChecks {
            now: slot_at(settings, offset, self.now()),
            of: slots_of(settings, offset, today).len(),
            today: checks
                .iter()
                .map(|check| MeCheck {
                    slot: check.slot,
                    temperature: check.temperature.map(|tenths| f64::from(tenths) / 10.0),
                    symptoms: check.symptoms.iter().collect(),
                    abnormal: check.abnormal,
                })
                .collect(),
        })
    }

    fn samples_seen(&self, order: &OrderRow) -> Result<Vec<MeSample>, Refusal> {
        let (taken, tests) = self.store.read(|c| {
            Ok((
                view::samples_of(c, order.order)?,
                view::tests_of(c, order.order)?,
            ))
        })?;
        let due = tests.into_iter().filter(|test| {
            order.is_live()
                && *test <= order.until
                && order.next_test.is_some_and(|next| *test >= next)
        });
        Ok(taken
            .iter()
            .map(|sample| MeSample {
                day: sample.day,
                taken: true,
                result: sample.result,
            })
            .chain(due.map(|day| MeSample {
                day,
                taken: false,
                result: None,
            }))
            .collect())
    }

    fn needs_seen(&self, order: &OrderRow) -> Result<Vec<MeNeed>, Refusal> {
        let found = self.store.read(|c| {
            let mut found = Vec::new();
            for need in view::needs(c, order.order)? {
                if let Some(matter) = matters::get(c, need.matter)? {
                    found.push((need.need, matter));
                }
            }
            Ok(found)
        })?;
        found
            .into_iter()
            .map(|(need, matter)| {
                Ok(MeNeed {
                    need,
                    need_name: need.label(),
                    state_name: self.state_name(&matter)?,
                    over: matter.phase.is_over(),
                })
            })
            .collect()
    }

    /// Takes what the person of a code writes down: a check by themselves, or a need.
    pub fn me_entry(&self, code: &str, entry: &FieldEntry) -> Result<EntryAnswer, Refusal> {
        let Opens::Whole(row) = self.coded(code)? else {
            return Err(Refusal::Forbidden);
        };
        let order = match &entry.what {
            Happening::Check {
                order,
                by: CheckedBy::Person,
                ..
            }
            | Happening::Needs { order, .. } => *order,
            _ => return Err(Refusal::Forbidden),
        };
        let own = self.store.read(|c| {
            let entrant = match view::order(c, order)? {
                Some(order) => order.entrant,
                None => None,
            };
            Ok(match entrant {
                Some(entrant) => entry::speaker(c, entrant)?,
                None => None,
            })
        })?;
        if own.map(|own| own.entrant) != Some(row.entrant) {
            return Err(Refusal::NotFound("order"));
        }
        let mut answers =
            self.take_entries(&Actor::house("person"), std::slice::from_ref(entry))?;
        answers.pop().ok_or(Refusal::NotFound("entry"))
    }
}
