//! Passes of the demo: asked for from phones, confirmed at the community's desk, with daily reports, shown at a market, one
//! appealed against; and who was at that market besides.

use anyhow::{Context, ensure};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_city::outbreak::{CaseTruth, Outbreak};
use lianfang_city::people::{People, Wanted};
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::entry::Symptom;
use lianfang_core::ids::FactId;
use lianfang_core::passes::PassSource;
use lianfang_core::places::PlaceKind;
use lianfang_service::field::PersonGiven;
use lianfang_service::passes::{AppealReason, NewAppeal, NewHealthReport, NewPass, Scan};
use lianfang_service::places::PlaceGiven;
use lianfang_service::visits::CheckIn;
use lianfang_service::{Actor, House};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::field::{Traveller, given, villages};
use super::{Hand, at, together};

const SEED: u64 = 2022;
/// Residents who ask for a pass.
const RESIDENTS: u32 = 24;
/// Of these, the last ones are not confirmed yet.
const WAITING: u32 = 4;
/// Days before today on which residents ask.
const ASKED: i64 = 5;
/// Travellers and cases with a pass.
const OTHERS: usize = 5;
/// Days before today from which on visits to the market are known.
const MARKET_DAYS: i64 = 12;
/// Visitors of the market besides the case, on each of these days.
const VISITORS: usize = 6;

/// The code on the sign of the market.
const MARKET: &str = "LF-MARKET-01";

/// Who takes part.
pub(super) struct Hands<'a> {
    pub(super) officer: &'a Actor,
    pub(super) gate: &'a Actor,
    pub(super) grid: &'a Actor,
    pub(super) county: AreaCode,
    pub(super) village: AreaCode,
}

struct Play<'a> {
    house: &'a House,
    hand: &'a Hand,
    hands: &'a Hands<'a>,
    chance: ChaCha8Rng,
    people: People,
    villages: Vec<AreaCode>,
    today: Date,
    /// No moment after this one: it has not come yet.
    latest: Timestamp,
}

/// Plays the days of passes up to `today`.
pub(super) fn play(
    house: &House,
    hand: &Hand,
    hands: &Hands<'_>,
    (wave, travellers): (&Outbreak, &[Traveller]),
    today: Date,
) -> anyhow::Result<()> {
    let mut play = Play {
        house,
        hand,
        hands,
        chance: ChaCha8Rng::seed_from_u64(SEED),
        people: People::new(SEED, today)?,
        villages: villages(house, hands.county)?,
        today,
        latest: Timestamp::now() - SignedDuration::from_mins(20),
    };
    ensure!(!play.villages.is_empty(), "a county with communities");
    play.market(wave)?;
    let residents = play.residents()?;
    play.without_phone()?;
    let held = play.others(wave, travellers)?;
    play.reports(&residents)?;
    play.shown(&residents)?;
    if let Some(code) = held.last() {
        play.appeal(code)?;
    }
    Ok(())
}

impl Play<'_> {
    fn id(&mut self, at: Timestamp) -> FactId {
        FactId::from_parts(at.as_millisecond().unsigned_abs(), self.chance.random())
    }

    fn before(&self, days: i64, hour: i64) -> anyhow::Result<Timestamp> {
        let day = self.today.checked_sub(days.days())?;
        Ok(at(day, hour).min(self.latest))
    }

    /// People ask for a pass on their phones: the codes.
    fn ask(
        &mut self,
        asked_at: Timestamp,
        people: Vec<(PersonGiven, AreaCode)>,
    ) -> anyhow::Result<Vec<String>> {
        self.hand.set(asked_at);
        let asked: Vec<NewPass> = people
            .into_iter()
            .map(|(given, area)| NewPass {
                id: self.id(asked_at),
                given,
                area,
                guardian: None,
            })
            .collect();
        together(&asked, |new| Ok(self.house.ask_for_pass(new)?.code))
    }

    /// The grid worker has seen the documents.
    fn confirm(&self, seen_at: Timestamp, codes: &[String]) -> anyhow::Result<()> {
        self.hand.set(seen_at.min(self.latest));
        together(codes, |code| {
            Ok(self.house.confirm_pass(self.hands.grid, code)?)
        })?;
        Ok(())
    }

    /// A market, and who checked in there: on each day a case before it was found, and some others.
    fn market(&mut self, wave: &Outbreak) -> anyhow::Result<()> {
        let first = self.today.checked_sub(MARKET_DAYS.days())?;
        self.hand.set(at(first, 5));
        let place = PlaceGiven {
            code: MARKET.into(),
            name: "城东农贸市场".into(),
            name_en: Some("East market".into()),
            area: self.hands.county,
            kind: PlaceKind::Market,
        };
        self.house.define_place(self.hands.officer, &place)?;
        let ill: Vec<&CaseTruth> = cases_of(wave, self.hands.county)
            .filter(|case| case.onset.is_some_and(|onset| onset > first))
            .take(OTHERS)
            .collect();
        let mut visits = Vec::new();
        for case in ill {
            let Some(onset) = case.onset else { continue };
            let from = at(onset, 8) + SignedDuration::from_mins(self.chance.random_range(0..90));
            let mut seen = |person: &str, from: Timestamp, minutes: i64| {
                visits.push(CheckIn {
                    place: MARKET.into(),
                    person: person.to_owned(),
                    from,
                    until: Some(from + SignedDuration::from_mins(minutes)),
                });
            };
            seen(case.person.resident_id.as_str(), from, 50);
            for _ in 0..VISITORS {
                let late = SignedDuration::from_mins(self.chance.random_range(0..45));
                let person = self.people.draw(Wanted::default(), String::new());
                seen(
                    person.resident_id.as_str(),
                    from + late,
                    self.chance.random_range(10..60),
                );
            }
        }
        visits.retain(|visit| visit.until.is_none_or(|until| until < self.latest));
        self.hand.set(self.before(1, 21)?);
        let answer = self.house.check_in(self.hands.officer, &visits)?;
        ensure!(answer.taken == visits.len(), "check-ins that fit");
        Ok(())
    }

    /// Residents ask, most of them some days ago; the last ones wait to be confirmed.
    fn residents(&mut self) -> anyhow::Result<Vec<String>> {
        let mut people = Vec::new();
        for n in 0..RESIDENTS {
            let person = self.people.draw(Wanted::default(), String::new());
            let area = if n % 3 == 0 {
                self.hands.village
            } else {
                self.villages[n as usize % self.villages.len()]
            };
            people.push((given(&person), area));
        }
        let late = people.split_off((RESIDENTS - WAITING) as usize);
        let asked_at = self.before(ASKED, 9)?;
        let codes = self.ask(asked_at, people)?;
        self.confirm(asked_at + SignedDuration::from_hours(3), &codes)?;
        self.ask(self.before(1, 17)?, late)?;
        Ok(codes)
    }

    /// Old people without a phone are registered at their door.
    fn without_phone(&mut self) -> anyhow::Result<()> {
        for n in 0..3 {
            let age = Some(72 + n * 5);
            let wanted = Wanted {
                age,
                ..Wanted::default()
            };
            let person = self.people.draw(wanted, String::new());
            let seen_at = self.before(ASKED - 1, 10 + i64::from(n))?;
            self.hand.set(seen_at);
            let new = NewPass {
                id: self.id(seen_at),
                given: given(&person),
                area: self.hands.village,
                guardian: None,
            };
            self.house.register_pass(self.hands.grid, &new)?;
        }
        Ok(())
    }

    /// Cases and people from severe areas, who ask once they are on record.
    fn others(&mut self, wave: &Outbreak, travellers: &[Traveller]) -> anyhow::Result<Vec<String>> {
        let settled = self.today.checked_sub(3.days())?;
        let ill = cases_of(wave, self.hands.county)
            .filter(|case| case.reported < settled)
            .take(OTHERS)
            .map(|case| (given(&case.person), case.area));
        let came = travellers
            .iter()
            .rev()
            .take(OTHERS)
            .map(|one| (one.given.clone(), one.area));
        let asked_at = self.before(1, 14)?;
        let codes = self.ask(asked_at, ill.chain(came).collect())?;
        self.confirm(asked_at + SignedDuration::from_hours(1), &codes)?;
        Ok(codes)
    }

    /// Each morning most residents report; two of them feel ill.
    fn reports(&mut self, codes: &[String]) -> anyhow::Result<()> {
        for days in (0..ASKED).rev() {
            let reported_at = self.before(days, 7)?;
            self.hand.set(reported_at);
            let mut reports = Vec::new();
            for (n, code) in codes.iter().enumerate() {
                if self.chance.random_range(0..12) == 0 {
                    continue;
                }
                let ill = days <= 1 && n % 10 == 4;
                let report = NewHealthReport {
                    id: self.id(reported_at),
                    temperature: Some(if ill { 37.9 } else { 36.5 }),
                    symptoms: if ill {
                        vec![Symptom::Cough]
                    } else {
                        Vec::new()
                    },
                };
                reports.push((code, report));
            }
            together(&reports, |(code, report)| {
                Ok(self.house.report_health(code, report)?)
            })?;
        }
        Ok(())
    }

    /// Yesterday some showed their pass at the market.
    fn shown(&self, codes: &[String]) -> anyhow::Result<()> {
        let shown_at = self.before(1, 16)?;
        self.hand.set(shown_at);
        let some: Vec<&String> = codes.iter().step_by(2).collect();
        let scans = together(&some, |code| {
            let pass = self.house.my_pass(code, true)?.pass.context("a pass")?;
            Ok(Scan {
                code: pass.text,
                place: MARKET.into(),
                at: Some(shown_at),
            })
        })?;
        self.hand.set(self.before(1, 20)?);
        let answer = self.house.scan_batch(self.hands.gate, &scans)?;
        ensure!(answer.taken > 0, "passes that are taken at the market");
        Ok(())
    }

    /// Somebody from a severe area says that they were not there.
    fn appeal(&mut self, code: &str) -> anyhow::Result<()> {
        let made_at = self.before(0, 8)?;
        self.hand.set(made_at);
        let appeal = NewAppeal {
            id: self.id(made_at),
            about: PassSource::Journey,
            reason: AppealReason::NotThere,
        };
        self.house.appeal(code, &appeal)?;
        Ok(())
    }
}

/// The cases of a county, the last reported first.
fn cases_of(wave: &Outbreak, county: AreaCode) -> impl Iterator<Item = &CaseTruth> {
    wave.cases
        .iter()
        .rev()
        .filter(move |case| case.area.at_level(Level::County) == county)
}
