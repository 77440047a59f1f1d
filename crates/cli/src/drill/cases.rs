//! Cases: people who see a doctor are reported, sampled, and confirmed or excluded; townships report every evening.

use lianfang_core::ids::FactId;
use serde_json::{Map, Value, json};

use super::api::Stop;
use super::play::{Play, Role, id};

const CASES: &str = "/api/cases";

impl Play<'_> {
    /// Whoever sees a doctor today is reported as suspected, and a sample is taken. A silent township holds its reports back
    /// until it speaks again.
    pub(super) fn report_ill(&mut self, day: u32, see_doctor: &[u32]) -> Result<(), Stop> {
        let mut today = std::mem::take(&mut self.held_back);
        today.extend_from_slice(see_doctor);
        let (held, told): (Vec<u32>, Vec<u32>) = today
            .into_iter()
            .partition(|person| self.is_silent(self.world.township_of(*person), day));
        self.held_back = held;
        if !self.plays(Role::CaseOfficer) {
            for person in told {
                let onset = self.date(self.first_symptoms(person, day));
                let says = format!("ill since {onset}; a sample is to be taken");
                self.call(Role::CaseOfficer, day, ("sees a doctor", person), &says);
            }
            return Ok(());
        }
        let now = self.pace.now();
        self.each(&told, |person| {
            let id = self.ids.next(now);
            let report = json!({
                "id": id,
                "area": self.world.village_of(*person),
                "given": self.given(*person),
                "details": {
                    "classification": "suspected",
                    "onset": self.date(self.first_symptoms(*person, day)),
                    "sampled": self.date(day as i32),
                    "isolated": self.date(day as i32),
                    "symptoms": ["fever", "cough"],
                },
            });
            self.report(*person, id, &report, day)
        })?;
        Ok(())
    }

    /// First symptoms as somebody tells them: those of the infection, or of something else.
    fn first_symptoms(&self, person: u32, day: u32) -> i32 {
        let infection = self.world.infection(person);
        infection
            .and_then(|one| one.onset)
            .unwrap_or(day as i32 - 1)
            .min(day as i32)
    }

    /// Reports a case and writes down its sample.
    fn report(&self, person: u32, id: FactId, report: &Value, day: u32) -> Result<(), Stop> {
        let officer = &self.cast.townships[self.world.township_of(person)].officer;
        let Some(answer) = self.told(officer, CASES, CASES, id, report)? else {
            return Ok(());
        };
        if !answer["merged_into"].is_null() {
            return Ok(());
        }
        self.sample(person, id, day)
    }

    /// Writes down a sample of a case.
    fn sample(&self, person: u32, case: FactId, day: u32) -> Result<(), Stop> {
        const SAMPLES: &str = "/api/cases/{case}/samples";
        let officer = &self.cast.townships[self.world.township_of(person)].officer;
        let sample = self.ids.next(self.pace.now());
        let taken = json!({
            "id": sample,
            "day": self.date(day as i32),
            "kind": "throat",
            "test": "pcr",
        });
        let path = format!("{CASES}/{case}/samples");
        self.told(officer, SAMPLES, &path, sample, &taken)?;
        Ok(())
    }

    /// Whoever tested positive under an order, and is no case yet, is reported.
    pub(super) fn report_positive(&self, day: u32) -> Result<(), Stop> {
        if !self.plays(Role::CaseOfficer) {
            return Ok(());
        }
        let mut orders = self.orders("")?;
        orders.retain(|row| row["result"] == "positive");
        let found = self.with_truth(orders)?;
        let now = self.pace.now();
        self.each(&found, |(person, row)| {
            if self.is_silent(self.world.township_of(*person), day) {
                return Ok(());
            }
            let onset = self.world.infection(*person).and_then(|one| one.onset);
            let onset = onset.filter(|onset| *onset <= day as i32);
            let mut details = json!({
                "classification": if onset.is_some() { "confirmed" } else { "asymptomatic" },
                "sampled": self.date(day as i32 - 1),
                "diagnosed": self.date(day as i32),
                "isolated": self.date(day as i32),
            });
            if let Some(onset) = onset {
                details["onset"] = json!(self.date(onset));
            }
            let id = self.ids.next(now);
            let report = json!({
                "id": id,
                "area": self.world.village_of(*person),
                "person": row["person"],
                "details": details,
            });
            let officer = &self.cast.townships[self.world.township_of(*person)].officer;
            self.told(officer, CASES, CASES, id, &report).map(|_| ())
        })?;
        Ok(())
    }

    /// The laboratory answers the samples of suspected cases, the day after they were taken.
    pub(super) fn answer_cases(&self, day: u32) -> Result<(), Stop> {
        const RESULTS: &str = "/api/cases/{case}/results";
        if !self.plays(Role::Laboratory) {
            return Ok(());
        }
        let suspected = self.with_truth(self.cases("&classification=suspected")?)?;
        let now = self.pace.now();
        self.each(&suspected, |(person, row)| {
            let (case, whole) = self.whole(row)?;
            for sample in whole["samples"].as_array().into_iter().flatten() {
                let Some(taken) = sample["day"].as_str().and_then(|day| day.parse().ok()) else {
                    continue;
                };
                let taken = super::play::nth(&self.setting, taken);
                if !sample["result"].is_null() || taken >= day as i32 {
                    continue;
                }
                let positive = self.world.test(*person, taken.max(0) as u32);
                let id = self.ids.next(now);
                let result = json!({
                    "id": id,
                    "sample": sample["sample"],
                    "day": self.date(day as i32),
                    "result": if positive { "positive" } else { "negative" },
                });
                let path = format!("{CASES}/{case}/results");
                self.told(&self.cast.laboratory, RESULTS, &path, id, &result)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// A case with all that is recorded of it.
    fn whole(&self, row: &Value) -> Result<(FactId, Value), Stop> {
        let case: FactId = id(row, "case", CASES)?;
        let path = format!("{CASES}/{case}");
        let answer = self
            .api
            .get(&self.cast.county, "/api/cases/{case}", &path)?;
        Ok((case, answer.needed()?))
    }

    /// Suspected cases whose sample is answered are confirmed or excluded.
    pub(super) fn classify(&self, day: u32) -> Result<(), Stop> {
        const REVISE: &str = "/api/cases/{case}/revise";
        if !self.plays(Role::CaseOfficer) {
            return Ok(());
        }
        let suspected = self.with_truth(self.cases("&classification=suspected")?)?;
        let now = self.pace.now();
        self.each(&suspected, |(person, row)| {
            let township = self.world.township_of(*person);
            if self.is_silent(township, day) {
                return Ok(());
            }
            let (case, whole) = self.whole(row)?;
            let samples = whole["samples"].as_array().cloned().unwrap_or_default();
            let has = |result: &str| samples.iter().any(|sample| sample["result"] == result);
            let mut set = Map::new();
            if has("positive") {
                set.insert("classification".into(), json!("confirmed"));
                set.insert("diagnosed".into(), json!(self.date(day as i32)));
            } else if has("negative") {
                set.insert("classification".into(), json!("excluded"));
            } else if samples.is_empty() {
                // Whom the fever clinic took for a case.
                return self.sample(*person, case, day);
            } else {
                return Ok(());
            }
            let id = self.ids.next(now);
            let revision = json!({
                "id": id,
                "seen": whole["seq"],
                "set": set,
                "reason": "检测结果 · laboratory result",
            });
            let officer = &self.cast.townships[township].officer;
            let path = format!("{CASES}/{case}/revise");
            self.told(officer, REVISE, &path, id, &revision)?;
            Ok(())
        })?;
        Ok(())
    }

    /// Each township that is not silent reports its new cases, be it none.
    pub(super) fn report_day(&self, day: u32) -> Result<(), Stop> {
        const ROUTE: &str = "/api/reports";
        if !self.plays(Role::CaseOfficer) {
            return Ok(());
        }
        let date = self.date(day as i32);
        let mut new = vec![0_u32; self.cast.townships.len()];
        for row in self.cases(&format!("&from={date}&to={date}"))? {
            let counts = row["classification"] != "excluded";
            if let Some(township) = self.township_of(&row).filter(|_| counts) {
                new[township] += 1;
            }
        }
        let areas = self.world.town().townships();
        for (township, hands) in self.cast.townships.iter().enumerate() {
            if self.is_silent(township, day) {
                continue;
            }
            let report = json!({
                "area": areas[township],
                "date": date,
                "new_cases": new[township],
            });
            self.api
                .post(&hands.officer, ROUTE, ROUTE, &report)?
                .needed()?;
        }
        Ok(())
    }

    /// What was done is confirmed by somebody else, and so closed.
    pub(super) fn close(&self) -> Result<(), Stop> {
        const MATTERS: &str = "/api/matters";
        const ACT: &str = "/api/matters/{matter}/act";
        if !self.plays(Role::CaseOfficer) {
            return Ok(());
        }
        let done = self.api.pages(
            &self.cast.closing,
            MATTERS,
            "view=area&phase=done&limit=200",
            ("rows", "next", "cursor"),
        )?;
        let now = self.pace.now();
        self.each(&done, |row| {
            let actions = row["actions"].as_array().cloned().unwrap_or_default();
            if !actions.iter().any(|action| action == "confirm") {
                return Ok(());
            }
            let matter: FactId = id(row, "matter", MATTERS)?;
            let id = self.ids.next(now);
            let act = json!({ "id": id, "action": "confirm" });
            let path = format!("{MATTERS}/{matter}/act");
            self.told(&self.cast.closing, ACT, &path, id, &act)?;
            Ok(())
        })?;
        Ok(())
    }
}
