//! Every evening: whose colour is wrong, by the truth.

use serde::Serialize;
use serde_json::{Value, json};

use super::api::{Stop, Who};
use super::play::Play;

/// Colours of an evening against the truth, of those who hold a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Evening {
    /// The day, from 0.
    pub(super) day: u32,
    /// The moment at which colours were read.
    pub(super) at: jiff::Timestamp,
    /// Holders with a colour.
    pub(super) holders: u64,
    /// Holders who were infectious.
    pub(super) infectious: u64,
    /// Holders who were infectious and green.
    pub(super) infectious_green: u64,
    /// Holders with red or yellow.
    pub(super) limited: u64,
    /// Of them, those who were neither infected nor near somebody infectious.
    pub(super) limited_not_at_risk: u64,
}

impl Play<'_> {
    /// Compares colours with the truth.
    pub(super) fn evening(&mut self, day: u32) -> Result<(), Stop> {
        const PASS: &str = "/api/pass";
        const LIST: &str = "/api/passes";
        let today = day as i32;
        let infectious: Vec<&String> = self
            .codes
            .iter()
            .filter(|(holder, _)| self.world.is_infectious(**holder, today))
            .map(|(_, code)| code)
            .collect();
        let colours = self.each(&infectious, |code| {
            let answer = self
                .api
                .post(&Who::NOBODY, PASS, PASS, &json!({ "code": code }))?;
            Ok(answer.json["standing"]["colour"]
                .as_str()
                .map(str::to_owned))
        })?;
        let infectious_green = colours
            .iter()
            .filter(|colour| colour.as_deref() == Some("green"))
            .count();
        let mut limited: Vec<Value> = Vec::new();
        for colour in ["red", "yellow"] {
            let query = format!("area={}&colour={colour}", self.cast.root);
            let rows = self.api.pages(
                &self.cast.county,
                LIST,
                &query,
                ("holders", "next", "after"),
            )?;
            limited.extend(rows);
        }
        let in_all = limited.len();
        let known = self.with_truth(limited)?;
        let not_at_risk = known
            .iter()
            .filter(|(person, _)| !self.world.is_at_risk(*person, today))
            .count();
        let path = format!("{LIST}?area={}", self.cast.root);
        let counts = self.api.get(&self.cast.county, LIST, &path)?.needed()?;
        let holders = ["green", "yellow", "red"]
            .iter()
            .filter_map(|colour| counts["counts"][colour].as_u64())
            .sum();
        self.evenings.push(Evening {
            day,
            at: self.pace.now(),
            holders,
            infectious: colours.iter().flatten().count() as u64,
            infectious_green: infectious_green as u64,
            limited: in_all as u64,
            limited_not_at_risk: not_at_risk as u64,
        });
        Ok(())
    }
}
