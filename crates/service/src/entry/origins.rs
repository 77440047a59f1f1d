//! What coming from somewhere means today: by the pack's list, and by the levels of our own areas.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::entry::{Journey, OriginRisk};
use lianfang_core::ids::PolicyId;
use lianfang_core::surveillance::RiskLevel;
use lianfang_policy::Pack;

use crate::policy::Policy;
use crate::{House, Refusal, locked};

/// How old the levels may be by which a gate decides.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// Levels of our own areas, of a moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    levels: BTreeMap<AreaCode, OriginRisk>,
}

/// The newest levels, kept for a minute.
#[derive(Default)]
pub(crate) struct KeptOrigins(Mutex<Option<(Timestamp, PolicyId, Arc<Origins>)>>);

fn of_level(level: RiskLevel) -> OriginRisk {
    match level {
        RiskLevel::Low => OriginRisk::Low,
        RiskLevel::Medium => OriginRisk::Medium,
        RiskLevel::High => OriginRisk::High,
    }
}

/// Where a journey began or passed through, read.
pub(crate) enum Place {
    /// An area of the country.
    Area(AreaCode),
    /// Another country, by its two letters.
    Abroad,
}

/// Reads a place of a journey: an area code, or two letters of ISO 3166.
pub(crate) fn place(field: &'static str, text: &str) -> Result<Place, Refusal> {
    let text = text.trim();
    let letters = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters {
        return Ok(if text.eq_ignore_ascii_case("CN") {
            Place::Area(AreaCode::COUNTRY)
        } else {
            Place::Abroad
        });
    }
    text.parse().map(Place::Area).map_err(|_| {
        Refusal::invalid(
            field,
            "An area code of 2 to 15 digits, or a country by its two letters.",
            "请填写2至15位区划代码，或两位国家代码。",
        )
    })
}

impl Origins {
    /// What coming from an area means. Whatever stands in the pack goes before a level; the
    /// narrowest area of which a level is known counts.
    pub(crate) fn risk(&self, pack: &Pack, area: AreaCode) -> OriginRisk {
        if let Some(origin) = pack.origin(area) {
            return origin.risk;
        }
        area.with_ancestors()
            .find_map(|up| self.levels.get(&up).copied())
            .unwrap_or(OriginRisk::Unknown)
    }

    /// Areas with a level of their own.
    pub(crate) fn levels(&self) -> impl Iterator<Item = (AreaCode, OriginRisk)> {
        self.levels.iter().map(|(area, risk)| (*area, *risk))
    }
}

/// What a journey means: the worst of the places it began at and passed through, and whether any
/// was abroad.
pub(crate) fn of_journey(
    pack: &Pack,
    origins: &Origins,
    journey: &Journey,
) -> Result<(OriginRisk, bool), Refusal> {
    let mut worst = OriginRisk::Unknown;
    let mut abroad = false;
    let began = journey.from.iter().map(|text| ("from", text));
    let stops = journey.stops.iter().map(|text| ("stops", text));
    for (field, text) in began.chain(stops) {
        match place(field, text)? {
            Place::Abroad => abroad = true,
            Place::Area(area) if area.level() == Level::Country => {}
            Place::Area(area) => worst = worst.max(origins.risk(pack, area)),
        }
    }
    Ok((worst, abroad))
}

impl House {
    /// Today's levels of our own areas, at most a minute old.
    pub(crate) fn origins(&self, policy: &Arc<Policy>) -> Result<Arc<Origins>, Refusal> {
        let now = self.now();
        if let Some((at, id, origins)) = &*locked(&self.origins.0)
            && *id == policy.id
            && now.duration_since(*at).abs() < FRESH
        {
            return Ok(Arc::clone(origins));
        }
        let levels = self
            .risk_under(policy, policy)?
            .into_iter()
            .map(|(area, level, _)| (area.code, of_level(level.outcome)))
            .collect();
        let origins = Arc::new(Origins { levels });
        *locked(&self.origins.0) = Some((now, policy.id, Arc::clone(&origins)));
        Ok(origins)
    }
}
