//! Cases that come into question: from the contacts on record, the household, the cluster and the area.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::contacts::{ContactClass, Setting};
use lianfang_core::ids::CaseId;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_epi::chains::Met;
use lianfang_epi::infectors::{Candidate, Suggested};
use lianfang_policy::InfectorsSettings;
use lianfang_store::ReadConnection;
use lianfang_store::StoreError;
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::views::contacts::{self, ContactRow};
use lianfang_store::views::links;
use lianfang_store::views::{chains, households};

use super::day_of;
use crate::{House, Refusal};

/// Contacts of a case, people of a household, and cases of an area that are looked at.
const MOST: usize = 1_000;

/// A candidate with what is known of it and the case.
pub(super) struct Found {
    pub(super) row: CaseRow,
    /// The closest contact between the two that is on record.
    class: Option<ContactClass>,
    pub(super) met: Option<Date>,
    pub(super) setting: Option<Setting>,
    household: bool,
    cluster: bool,
    /// Whether it is of the same area.
    area: bool,
}

impl Found {
    fn new(row: CaseRow, of: &CaseRow) -> Self {
        let cluster = row.details.cluster.is_some() && row.details.cluster == of.details.cluster;
        Self {
            area: row.area == of.area,
            cluster,
            household: false,
            class: None,
            met: None,
            setting: None,
            row,
        }
    }

    pub(super) fn has_contact(&self) -> bool {
        self.class.is_some_and(|class| class != ContactClass::None)
    }

    /// Takes a meeting in: the latest day, the closest class.
    fn take(&mut self, contact: &ContactRow, setting: Option<Setting>) {
        self.met = self.met.max(contact.met);
        if self.class < Some(contact.class) {
            self.class = Some(contact.class);
            self.setting = setting.or(self.setting);
        } else {
            self.setting = self.setting.or(setting);
        }
    }

    /// As it is weighed.
    pub(super) fn candidate(
        &self,
        id: usize,
        by: &InfectorsSettings,
        groups: Groups,
    ) -> Candidate<usize> {
        let share = |weight: f64, of: usize| weight / of.max(1) as f64;
        let contact = [
            (self.has_contact(), by.contact),
            (self.household, by.household),
            (self.cluster, share(by.cluster, groups.cluster)),
            (self.area, share(by.area, groups.area)),
        ];
        let contact_weight = contact
            .into_iter()
            .filter(|(yes, _)| *yes)
            .map(|(_, weight)| weight)
            .fold(0.0, f64::max);
        let setting = self
            .setting
            .or(self.household.then_some(Setting::Household));
        Candidate {
            id,
            onset: Some(day_of(&self.row)),
            met: self.met.map(Met::Until),
            setting_weight: by.setting(setting),
            contact_weight,
        }
    }

    /// Why it is suggested.
    pub(super) fn reasons(&self, weighed: &Suggested<usize>) -> Vec<Text> {
        let mut reasons = Vec::new();
        if let Some(class) = self.class.filter(|class| *class != ContactClass::None) {
            let (en, zh) = (class.label().en, class.label().zh);
            let on = |day: Option<Date>| match day {
                Some(day) => (format!(", last met {day}"), format!("，末次接触{day}")),
                None => (String::new(), String::new()),
            };
            let at = self.setting.map_or_else(
                || (String::new(), String::new()),
                |setting| {
                    (
                        format!(" ({})", setting.label().en),
                        format!("（{}）", setting.label().zh),
                    )
                },
            );
            let (met_en, met_zh) = on(self.met);
            reasons.push(Text::new(
                format!("On record as {en}{met_en}{}.", at.0),
                format!("在案{zh}{met_zh}{}。", at.1),
            ));
        }
        let plain = [
            (self.household, "Lives in the same household.", "同住一户。"),
            (self.cluster, "Of the same cluster.", "属同一聚集性疫情。"),
            (
                self.area && reasons.is_empty(),
                "Of the same area.",
                "在同一区域。",
            ),
        ];
        for (yes, en, zh) in plain {
            if yes {
                reasons.push(Text::new(en, zh));
            }
        }
        let (days, percent) = (
            weighed.interval_days,
            (weighed.interval_probability * 1_000.0).round() / 10.0,
        );
        reasons.push(Text::new(
            format!(
                "First symptoms {days} days before: probability {percent} % by the serial interval."
            ),
            format!("早{days}天发病：按代际间隔概率{percent}%。"),
        ));
        reasons
    }
}

/// How many candidates are known by cluster or area alone: they share the weight of it.
#[derive(Clone, Copy)]
pub(super) struct Groups {
    cluster: usize,
    area: usize,
}

impl Groups {
    pub(super) fn of(found: &[Found]) -> Self {
        let count = |of: fn(&Found) -> bool| found.iter().filter(|one| of(one)).count();
        Self {
            cluster: count(|one| one.cluster),
            area: count(|one| one.area),
        }
    }
}

/// Candidates by case.
struct Gathered<'a> {
    of: &'a CaseRow,
    members: Vec<CaseId>,
    found: BTreeMap<CaseId, Found>,
}

impl Gathered<'_> {
    /// The candidate for a report: the case that counts for it, unless that is the case itself or no case.
    fn entry(
        &mut self,
        connection: &ReadConnection,
        report: CaseId,
    ) -> Result<Option<&mut Found>, StoreError> {
        let root = cases::root(connection, report)?.unwrap_or(report);
        if self.members.contains(&root) {
            return Ok(None);
        }
        if !self.found.contains_key(&root) {
            let Some(row) = cases::get(connection, root)?.filter(CaseRow::is_case) else {
                return Ok(None);
            };
            self.found.insert(root, Found::new(row, self.of));
        }
        Ok(self.found.get_mut(&root))
    }

    /// Contacts between the two, whichever of them was named.
    fn contacts(&mut self, connection: &ReadConnection) -> Result<(), StoreError> {
        if let Some(person) = self.of.details.person {
            for contact in contacts::of_person(connection, person)? {
                let setting = contacts::setting(connection, contact.contact)?;
                if let Some(found) = self.entry(connection, contact.case)? {
                    found.take(&contact, setting);
                }
            }
        }
        for contact in contacts::of_case(connection, &self.members, MOST)? {
            if let Some(became) = contact.became {
                let setting = contacts::setting(connection, contact.contact)?;
                if let Some(found) = self.entry(connection, became)? {
                    found.take(&contact, setting);
                }
            }
        }
        Ok(())
    }

    fn household(&mut self, connection: &ReadConnection) -> Result<(), StoreError> {
        let Some(person) = self.of.details.person else {
            return Ok(());
        };
        let Some(home) = households::home_of(connection, person)? else {
            return Ok(());
        };
        for other in households::residents_of(connection, home.household, MOST)? {
            for row in cases::all_of_person(connection, other)? {
                if let Some(found) = self.entry(connection, row.case)? {
                    found.household = true;
                }
            }
        }
        Ok(())
    }
}

impl House {
    /// Cases that come into question, but those whom the case itself infected, be it through others.
    pub(super) fn candidates(
        &self,
        settings: &InfectorsSettings,
        of: &CaseRow,
    ) -> Result<Vec<Found>, Refusal> {
        let day = day_of(of);
        let first = day
            .checked_sub(i64::from(settings.look_back_days).days())
            .unwrap_or(day);
        self.store
            .read(|c| {
                let mut gathered = Gathered {
                    of,
                    members: cases::members(c, of.case)?,
                    found: BTreeMap::new(),
                };
                // A case may be reported later than the one it infected.
                let last = day
                    .checked_add(i64::from(settings.look_back_days).days())
                    .unwrap_or(day);
                for near in chains::around(c, of.area, (first, last), MOST as u32)? {
                    gathered.entry(c, near)?;
                }
                gathered.contacts(c)?;
                gathered.household(c)?;
                let mut found = Vec::new();
                let below = links::below(c, of.case)?;
                for one in gathered.found.into_values() {
                    let near = (first..=day).contains(&day_of(&one.row));
                    if !below.contains(&one.row.case)
                        && (near || one.has_contact() || one.household)
                    {
                        found.push(one);
                    }
                }
                Ok(found)
            })
            .map_err(Refusal::from)
    }
}
