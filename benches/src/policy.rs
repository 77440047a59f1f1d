//! Decisions by the shipped pack, beside the interpreter that reads the same conditions.

use std::hint::black_box;
use std::time::Instant;

use cel::{Context, Program, Value};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::{OriginRisk, Symptom};
use lianfang_core::passes::{CaseStanding, Colour};
use lianfang_core::quarantine::Watch;
use lianfang_core::words::{Word, Words};
use lianfang_policy::{NEVER, Pack, PassEvidence, Table as Rules};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::table::Table;

const PACK: &str = "covid19-cn-2020";
const PEOPLE: usize = 1_000_000;
/// Each of the million is decided so often, for ten million.
const ROUNDS: usize = 10;
/// People whom the interpreter decides.
const PEER: usize = 20_000;
const TODAY: Date = date(2020, 3, 10);

/// People as a city has them: most have nothing on record but their daily reports, some came from
/// elsewhere, some are contacts, a few are cases.
fn people(count: usize) -> anyhow::Result<Vec<PassEvidence>> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let ago = |most: i64, rng: &mut ChaCha8Rng| {
        Ok::<_, jiff::Error>(Some(TODAY.checked_sub(rng.random_range(0..most).days())?))
    };
    (0..count)
        .map(|_| {
            let mut person = PassEvidence {
                healthy_reports: rng.random_range(0..30),
                reported: ago(2, &mut rng)?,
                age: Some(rng.random_range(0..100)),
                ..PassEvidence::default()
            };
            match rng.random_range(0..100) {
                0..80 => {}
                80..90 => {
                    person.origin = OriginRisk::ALL[rng.random_range(1..5)];
                    person.entered = ago(30, &mut rng)?;
                }
                90..95 => {
                    person.contact = ContactClass::ALL[rng.random_range(1..3)];
                    person.last_exposure = ago(30, &mut rng)?;
                    person.watch = Watch::Home;
                    person.watch_since = person.last_exposure;
                }
                95..98 => {
                    person.symptoms = Words::NONE.with(Symptom::Cough);
                    person.last_symptoms = person.reported;
                }
                98 => {
                    person.case = CaseStanding::Recovered;
                    person.recovered = ago(40, &mut rng)?;
                }
                _ => person.case = CaseStanding::Confirmed,
            }
            Ok(person)
        })
        .collect()
}

/// Decides in full: outcome, rule, since, until.
fn decide(pack: &Pack, people: &[PassEvidence]) -> [u64; 3] {
    let mut colours = [0; 3];
    for person in people {
        let decision = black_box(pack.decide(person, TODAY));
        colours[decision.outcome.index()] += 1;
    }
    colours
}

/// A rule as whoever uses the interpreter as it is would keep it.
struct Interpreted {
    condition: Program,
    outcome: Colour,
    from: Option<&'static str>,
    days: Option<i64>,
    reports: Option<i64>,
}

fn interpreted(pack: &Pack) -> anyhow::Result<Vec<Interpreted>> {
    pack.rules(Rules::Pass)
        .in_order()
        .iter()
        .map(|rule| {
            Ok(Interpreted {
                condition: Program::compile(&rule.when).map_err(|e| anyhow::anyhow!("{e}"))?,
                outcome: Colour::ALL[rule.outcome],
                from: rule.lasts.from.map(|(name, _)| name),
                days: rule.lasts.days.map(i64::from),
                reports: rule.lasts.reports.map(i64::from),
            })
        })
        .collect()
}

fn since(day: Option<Date>) -> i64 {
    day.and_then(|day| TODAY.since(day).ok())
        .map_or(i64::from(NEVER), |span| i64::from(span.get_days()))
}

fn interpret(pack: &Pack, rules: &[Interpreted], person: &PassEvidence) -> Option<Colour> {
    let mut context = Context::default();
    for (name, number) in &pack.numbers {
        if number.value.fract() == 0.0 {
            context.add_variable_from_value(name.as_str(), number.value as i64);
        } else {
            context.add_variable_from_value(name.as_str(), number.value);
        }
    }
    let days = [
        ("recovered", since(person.recovered)),
        ("last_exposure", since(person.last_exposure)),
        ("entered", since(person.entered)),
        ("last_symptoms", since(person.last_symptoms)),
    ];
    for (name, days) in days {
        context.add_variable_from_value(format!("days_since_{name}"), days);
    }
    let temperature = person.temperature.map_or(0.0, f64::from);
    let symptoms: Vec<String> = person
        .symptoms
        .iter()
        .map(|s| s.word().to_owned())
        .collect();
    context.add_variable_from_value("never", i64::from(NEVER));
    context.add_variable_from_value("case", person.case.word());
    context.add_variable_from_value("contact", person.contact.word());
    context.add_variable_from_value("origin", person.origin.word());
    context.add_variable_from_value("abroad", person.abroad);
    context.add_variable_from_value("watch", person.watch.word());
    context.add_variable_from_value("temperature_known", person.temperature.is_some());
    context.add_variable_from_value("temperature", temperature);
    context.add_variable_from_value("symptoms", symptoms);
    rules
        .iter()
        .find(|rule| {
            let from = rule.from.map(|from| {
                days.iter()
                    .find(|(name, _)| *name == from)
                    .map_or(i64::from(NEVER), |(_, days)| *days)
            });
            let open = match (from.zip(rule.days), rule.reports) {
                (None, None) => true,
                (days, reports) => {
                    days.is_some_and(|(since, days)| since < days)
                        || reports.is_some_and(|n| i64::from(person.healthy_reports) < n)
                }
            };
            open && matches!(rule.condition.execute(&context), Ok(Value::Bool(true)))
        })
        .map(|rule| rule.outcome)
}

pub(crate) fn decisions(table: &mut Table) -> anyhow::Result<()> {
    let pack = Pack::shipped(PACK)?;
    let people = people(PEOPLE)?;
    decide(&pack, &people);
    let begun = Instant::now();
    let colours = decide(&pack, &people);
    let one_core = PEOPLE as f64 / begun.elapsed().as_secs_f64();

    let rules = interpreted(&pack)?;
    let begun = Instant::now();
    let mut differs = 0_u32;
    for person in &people[..PEER] {
        let outcome = interpret(&pack, &rules, person);
        differs += u32::from(outcome != Some(pack.decide(person, TODAY).outcome));
    }
    let peer = PEER as f64 / begun.elapsed().as_secs_f64();
    anyhow::ensure!(
        differs == 0,
        "{differs} decisions differ from the interpreter's"
    );

    let begun = Instant::now();
    std::thread::scope(|scope| {
        for half in people.chunks(PEOPLE / 2) {
            let pack = &pack;
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    black_box(decide(pack, half));
                }
            });
        }
    });
    let ten_million = begun.elapsed().as_secs_f64();

    table.line(
        "pass decisions by the shipped pack, one core",
        "500,000/s",
        &format!("{:.1} million/s", one_core / 1e6),
        &format!(
            "with rule, since and until; {:.0} x the interpreter of `cel` on the same rules ({peer:.0}/s); {} green, {} yellow, {} red",
            one_core / peer,
            colours[0],
            colours[1],
            colours[2]
        ),
    );
    table.line(
        "ten million people decided anew, two cores",
        "20 s",
        &format!("{ten_million:.1} s"),
        "a million records, ten times over",
    );
    Ok(())
}
