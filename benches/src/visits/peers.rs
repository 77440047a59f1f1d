//! The same questions over the same visits, asked of others.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, ensure};

use super::MANY_CASES;
use super::city::City;
use crate::table::{Table, quantile};

/// Of the cases asked for one by one, so many are asked of peers.
const PEER_CASES: u64 = 50;
/// And of those whose second order is asked for.
const PEER_SECOND_ORDER: u64 = 5;

/// A question answered: how long it took, and how many people were found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) seconds: f64,
    pub(crate) people: u64,
}

/// All answers of one store.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) single: Vec<Answer>,
    pub(crate) many: Vec<Answer>,
    pub(crate) second_order: Vec<Answer>,
}

impl Answers {
    fn all(&self) -> [&[Answer]; 3] {
        [&self.single, &self.many, &self.second_order]
    }

    /// Those to the questions that peers are asked.
    fn of_peers(&self) -> Self {
        let first =
            |answers: &[Answer], count: u64| answers.iter().take(count as usize).copied().collect();
        Self {
            single: first(&self.single, PEER_CASES),
            many: self.many.clone(),
            second_order: first(&self.second_order, PEER_SECOND_ORDER),
        }
    }
}

/// The slowest but one in a hundred, in milliseconds.
pub(crate) fn milliseconds(answers: &[Answer], p: f64) -> f64 {
    let mut sorted: Vec<f64> = answers.iter().map(|answer| answer.seconds * 1e3).collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, p)
}

/// What a peer measured.
pub(crate) struct Peer {
    pub(crate) answers: Answers,
    pub(crate) load_seconds: f64,
    pub(crate) bytes: u64,
    /// How it was set up.
    pub(crate) remark: String,
}

/// A line for each figure of a peer; `None` is one that is not on this machine.
pub(crate) fn lines(
    table: &mut Table,
    name: &str,
    city: &City,
    ours: &Answers,
    peer: Option<&Peer>,
) {
    let Some(peer) = peer else {
        table.line(
            &format!("visits in {name}"),
            "-",
            "not measured",
            "absent on this machine",
        );
        return;
    };
    let ours = &ours.of_peers();
    let people = |answers: &Answers| {
        answers
            .all()
            .map(|answers| answers.iter().map(|answer| answer.people).sum::<u64>())
    };
    let same = if people(ours) == people(&peer.answers) {
        "the same people found".to_owned()
    } else {
        format!(
            "OTHER people found: {:?}, not {:?}",
            people(&peer.answers),
            people(ours)
        )
    };
    let visits = city.visits_in_all() as f64;
    table.line(
        &format!("visits in {name}: load, bytes a visit"),
        "-",
        &format!("{:.1} bytes", peer.bytes as f64 / visits),
        &format!(
            "{:.2} million/s; {}",
            visits / 1e6 / peer.load_seconds,
            peer.remark
        ),
    );
    for (claim, p, ours, theirs) in [
        (
            "one case, warm, slowest of 50",
            1.0,
            &ours.single,
            &peer.answers.single,
        ),
        ("1,000 cases", 1.0, &ours.many, &peer.answers.many),
        (
            "one case, second order, slowest of 5",
            1.0,
            &ours.second_order,
            &peer.answers.second_order,
        ),
    ] {
        let (ours, theirs, median) = (
            milliseconds(ours, p),
            milliseconds(theirs, p),
            milliseconds(theirs, 0.5),
        );
        table.line(
            &format!("visits in {name}: {claim}"),
            "-",
            &format!("{theirs:.1} ms"),
            &format!(
                "{:.1} times ours; median {median:.1} ms; {same}",
                theirs / ours
            ),
        );
    }
}

/// Writes all visits as `person,place,since,until`, with the usual stay where the end is not known.
pub(crate) fn write_csv(city: &City, path: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for day in 0..City::DAYS {
        for at in 0..city.visits_per_day() {
            let [person, place, since, until] = city.with_ends(day, at);
            writeln!(out, "{person},{place},{since},{until}")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Everybody who met one of `cases` (a condition on `c.person`): the person and the first minute.
/// `fence` keeps a planner from turning the question around.
fn met(cases: &str, fence: &str) -> String {
    format!(
        "SELECT o.person AS person, min(greatest(c.since, o.since)) AS met, \
         sum(least(c.until, o.until) - greatest(c.since, o.since)) AS minutes \
         FROM visits c CROSS JOIN LATERAL ({}) o WHERE {cases} GROUP BY o.person",
        others(fence)
    )
}

/// Who was where `c` was. No stay is longer than 120 minutes, which the index needs to be told.
fn others(fence: &str) -> String {
    format!(
        "SELECT v.person, v.since, v.until FROM visits v WHERE v.place = c.place \
         AND v.since < c.until AND v.since > c.since - 120 AND v.until > c.since \
         AND v.person <> c.person {fence}"
    )
}

/// The people met, ranked, of one case; of many.
pub(crate) fn first_order(cases: &str, fence: &str) -> String {
    format!(
        "SELECT count(*), sum(minutes) FROM (SELECT * FROM ({}) m ORDER BY minutes DESC) ranked",
        met(cases, fence)
    )
}

/// The people whom those met from then on.
pub(crate) fn second_order(case: &str, fence: &str) -> String {
    format!(
        "WITH first AS MATERIALIZED ({}), second AS (SELECT o.person, \
         sum(least(c.until, o.until) - greatest(c.since, o.since)) AS minutes FROM first f \
         CROSS JOIN LATERAL (SELECT w.person, w.place, greatest(w.since, f.met) AS since, w.until \
         FROM visits w WHERE w.person = f.person AND w.until > f.met {fence}) c \
         CROSS JOIN LATERAL ({}) o GROUP BY o.person) \
         SELECT count(*), sum(minutes) FROM second \
         WHERE person <> {case} AND person NOT IN (SELECT person FROM first)",
        met(&format!("c.person = {case}"), fence),
        others(fence)
    )
}

/// The numbers of the cases that are asked for together.
pub(crate) fn many_cases(city: &City) -> String {
    let cases: Vec<String> = (0..MANY_CASES)
        .map(|n| city.some_person(n).to_string())
        .collect();
    cases.join(",")
}

/// Sorts answers, in the order in which they were asked, into questions.
pub(crate) fn sorted(answers: Vec<Answer>) -> anyhow::Result<Answers> {
    let mut answers = answers.into_iter();
    let mut next = |count: u64| answers.by_ref().take(count as usize).collect::<Vec<_>>();
    let _first_time = next(PEER_CASES);
    let sorted = Answers {
        single: next(PEER_CASES),
        many: next(1),
        second_order: next(PEER_SECOND_ORDER),
    };
    ensure!(
        sorted.second_order.len() as u64 == PEER_SECOND_ORDER,
        "answers are missing"
    );
    Ok(sorted)
}

/// All questions, in the order that [`sorted`] expects: single cases twice, so that the second
/// time all is warm.
pub(crate) fn questions(city: &City, single: impl Fn(u64) -> String, fence: &str) -> Vec<String> {
    let mut questions = Vec::new();
    for _ in 0..2 {
        questions.extend((0..PEER_CASES).map(|n| single(city.some_person(n))));
    }
    questions.push(first_order(
        &format!("c.person IN ({})", many_cases(city)),
        fence,
    ));
    questions.extend(
        (0..PEER_SECOND_ORDER).map(|n| second_order(&city.some_person(n).to_string(), fence)),
    );
    questions
}

/// Reads `people|minutes`, a line.
pub(crate) fn people(line: &str) -> anyhow::Result<u64> {
    line.split('|')
        .next()
        .and_then(|text| text.parse().ok())
        .context("a count was expected")
}
