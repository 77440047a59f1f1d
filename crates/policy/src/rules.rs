//! Rules: how a table of a pack is read, checked and asked.

mod check;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use serde::Deserialize;
use toml::Spanned;

use crate::conditions::{Condition, Numbers, compile};
use crate::error::Problems;
use crate::evidence::{Evidence, FilledSlots, SLOTS, Schema, Slots, Time};
use crate::numbers::{Amount, amount, fill_in};

/// Days that any duration has at most: ten years.
pub(crate) const LONGEST_DAYS: u32 = 3_650;

/// A rule as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    id: Spanned<String>,
    priority: Spanned<i32>,
    when: Spanned<String>,
    outcome: Spanned<String>,
    from: Option<Spanned<String>>,
    days: Option<Spanned<Amount>>,
    reports: Option<Spanned<Amount>>,
    tests: Option<Spanned<Amount>>,
    reason: Spanned<Text>,
    clears: Option<Spanned<Text>>,
    source: Option<Spanned<String>>,
    test_days: Option<Spanned<Vec<u32>>>,
    extension: Option<Spanned<ChangeFile>>,
    early_end: Option<Spanned<ChangeFile>>,
    capacity: Option<Spanned<u32>>,
}

/// A change of an order's end as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeFile {
    days: Spanned<Amount>,
    when: Spanned<String>,
    reason: Spanned<Text>,
}

/// Until when a rule's outcome lasts: until all of these are met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lasts {
    /// The day field from which days are counted, and its slot.
    pub from: Option<(&'static str, usize)>,
    /// Days from then.
    pub days: Option<u32>,
    /// Healthy daily reports in a row.
    pub reports: Option<u32>,
    /// Negative tests in a row.
    pub tests: Option<u32>,
}

/// Under which condition the end of an order may be moved, with a reason and a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// For an extension: at most so many days more. For an early end: not before so many days.
    pub days: u32,
    /// The condition, as written.
    pub when: String,
    /// Why, for people.
    pub reason: Text,
    pub(crate) condition: Condition,
    /// Where its condition begins in the file.
    pub(crate) at: usize,
}

impl Change {
    /// Whether the condition holds for `evidence` on `today`. The evidence must be of the table in
    /// which the change stands, and have passed [`Evidence::check`] for that day.
    pub fn holds<E: Evidence>(&self, evidence: &E, today: Date) -> bool {
        let mut slots = FilledSlots(Slots::new());
        evidence.fill(today, &mut slots);
        self.condition.holds(slots.0.values())
    }
}

/// A rule's parts as the file has them: with names in place of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) lasts: [Option<Amount>; 3],
    pub(crate) reason: Text,
    pub(crate) clears: Option<Text>,
    pub(crate) extension: Option<WrittenChange>,
    pub(crate) early_end: Option<WrittenChange>,
}

/// A change of an order's end as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenChange {
    days: Amount,
    when: String,
    reason: Text,
}

impl Written {
    fn of(file: &RuleFile) -> Self {
        let amount =
            |amount: &Option<Spanned<Amount>>| amount.as_ref().map(|a| a.get_ref().clone());
        let change = |change: &Option<Spanned<ChangeFile>>| {
            change.as_ref().map(|change| WrittenChange {
                days: change.get_ref().days.get_ref().clone(),
                when: change.get_ref().when.get_ref().clone(),
                reason: change.get_ref().reason.get_ref().clone(),
            })
        };
        Self {
            lasts: [
                amount(&file.days),
                amount(&file.reports),
                amount(&file.tests),
            ],
            reason: file.reason.get_ref().clone(),
            clears: file.clears.as_ref().map(|clears| clears.get_ref().clone()),
            extension: change(&file.extension),
            early_end: change(&file.early_end),
        }
    }
}

/// A rule of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its word.
    pub id: String,
    /// The highest that holds decides.
    pub priority: i32,
    /// Its condition, as written.
    pub when: String,
    /// The place of its outcome among the table's.
    pub outcome: usize,
    /// How long that lasts.
    pub lasts: Lasts,
    /// Why, for people.
    pub reason: Text,
    /// What clears it.
    pub clears: Text,
    /// Where the rule comes from.
    pub source: Option<String>,
    /// Days of an order on which a test is due, counted from its basis.
    pub test_days: Vec<u32>,
    /// Whether an order may be extended.
    pub extension: Option<Change>,
    /// Whether an order may end early.
    pub early_end: Option<Change>,
    /// Percent of the usual number of people that a limited opening takes.
    pub capacity: Option<u32>,
    /// Its parts as the file has them.
    pub(crate) written: Written,
    /// The condition as written.
    pub(crate) condition: Condition,
    /// The condition, and that what clears it has not come.
    pub(crate) holds: Condition,
    /// Where it begins in the file.
    pub(crate) at: usize,
    /// Where its condition begins in the file.
    pub(crate) when_at: usize,
}

/// The rules of a table, ready to be asked.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "a table of rules has rules")]
pub struct Rules {
    pub(crate) schema: &'static Schema,
    /// By priority, the highest first; of one priority, in the order of the file.
    pub(crate) rules: Vec<Rule>,
    /// For each slot that time moves: the values at which some condition changes.
    turns: Vec<(usize, Vec<i32>)>,
    /// Differences with a slot that time moves: slot, other, most.
    drifts: Vec<(usize, usize, i32)>,
}

/// What a pack decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<'p, O> {
    /// The outcome.
    pub outcome: O,
    /// The rule that gave it.
    pub rule: &'p Rule,
    /// Since which day it holds, by the evidence's own days. `None` where they show no beginning.
    pub since: Option<Date>,
    /// The first day on which it will hold no more, if nothing new happens and each day brings the
    /// healthy report asked for. `None` where time alone does not end it.
    pub until: Option<Date>,
}

impl Rules {
    /// Reads the rules of a table; none where one of them cannot be read. Problems go into
    /// `problems`.
    pub(crate) fn read(
        schema: &'static Schema,
        files: Vec<Spanned<RuleFile>>,
        numbers: &Numbers,
        problems: &mut Problems<'_>,
    ) -> Option<Self> {
        let mut rules: Vec<Rule> = Vec::with_capacity(files.len());
        let mut whole = true;
        for file in files {
            let at = file.span().start;
            let rule = read_rule(schema, at, file.into_inner(), numbers, problems);
            whole &= rule.is_some();
            if let Some(rule) = rule {
                if let Some(other) = rules.iter().find(|other| other.id == rule.id) {
                    let table = schema.table;
                    problems.add(
                        rule.at,
                        format!("rule `{}` is defined twice in `{table}`", other.id),
                        format!("“{table}”中规则“{}”重复定义", other.id),
                    );
                    whole = false;
                    continue;
                }
                rules.push(rule);
            }
        }
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.priority));
        let mut table = Self {
            schema,
            rules,
            turns: Vec::new(),
            drifts: Vec::new(),
        };
        table.find_turns();
        whole.then_some(table)
    }

    /// Where conditions may change as days go by.
    fn find_turns(&mut self) {
        let moving = |slot: usize| self.schema.slots[slot].time != Time::Still;
        let mut turns: Vec<(usize, Vec<i32>)> = (0..self.schema.slots.len())
            .filter(|slot| moving(*slot))
            .map(|slot| (slot, vec![0]))
            .collect();
        let mut drifts = Vec::new();
        for rule in &self.rules {
            rule.holds.atoms(&mut |atom| match atom {
                Condition::Within { slot, low, high } => {
                    if let Some((_, values)) = turns.iter_mut().find(|(other, _)| other == slot) {
                        values.extend([*low, high.saturating_add(1)]);
                    }
                }
                Condition::Apart { a, b, most } => drifts.push((*a, *b, *most)),
                _ => {}
            });
        }
        for (slot, values) in &mut turns {
            let bounds = self.schema.slots[*slot];
            values.retain(|value| (bounds.low..=bounds.high).contains(value));
            values.sort_unstable();
            values.dedup();
        }
        drifts.retain(|(a, b, _)| moving(*a) || moving(*b));
        let read: BTreeSet<usize> = self
            .rules
            .iter()
            .flat_map(|rule| {
                rule.holds
                    .slots()
                    .into_iter()
                    .chain(rule.lasts.from.map(|(_, slot)| slot))
            })
            .collect();
        turns.retain(|(slot, _)| read.contains(slot));
        self.turns = turns;
        self.drifts = drifts;
    }

    /// The rules, in the order in which they are asked.
    pub fn in_order(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule that decides.
    pub(crate) fn first(&self, values: &[i32; SLOTS]) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.holds.holds(values))
    }

    /// Decides for `evidence` on `today`.
    pub fn decide<E: Evidence>(&self, evidence: &E, today: Date) -> Decision<'_, E::Outcome> {
        let mut slots = FilledSlots(Slots::new());
        evidence.fill(today, &mut slots);
        let (rule, since, until) = self.decide_slots(&slots.0);
        let day = |days: i32| today.checked_add(i64::from(days).days()).ok();
        Decision {
            outcome: E::Outcome::ALL[rule.outcome],
            rule,
            since: since.and_then(day),
            until: until.and_then(day),
        }
    }

    /// The rule that decides, with the days until its outcome's beginning and end.
    pub(crate) fn decide_slots(&self, slots: &Slots) -> (&Rule, Option<i32>, Option<i32>) {
        let rule = self
            .first(slots.values())
            .expect("a table that leaves some evidence without a rule is refused on load");
        if !self.schema.lasting {
            // The act of a moment has neither beginning nor end.
            return (rule, None, None);
        }
        (
            rule,
            self.since(slots, rule.outcome),
            self.until(slots, rule.outcome),
        )
    }

    fn outcome_in(&self, slots: &Slots, days: i32) -> Option<usize> {
        let moved = self.moved(slots, days);
        let begun = |rule: &Rule| {
            // On a day before the one it counts from, a rule did not hold yet.
            rule.lasts.from.is_none_or(|(_, slot)| {
                let value = slots.values()[slot];
                value == self.schema.slots[slot].high || value + days >= 0
            })
        };
        self.rules
            .iter()
            .find(|rule| begun(rule) && rule.holds.holds(moved.values()))
            .map(|rule| rule.outcome)
    }

    /// The slots so many days later, or earlier.
    fn moved(&self, slots: &Slots, days: i32) -> Slots {
        let mut moved = *slots;
        for (slot, _) in &self.turns {
            let bounds = self.schema.slots[*slot];
            let value = &mut moved.values_mut()[*slot];
            match bounds.time {
                Time::Since if *value < bounds.high => {
                    let since = value.saturating_add(days);
                    *value = if (0..bounds.high).contains(&since) {
                        since
                    } else if since < 0 {
                        bounds.high
                    } else {
                        bounds.high - 1
                    };
                }
                Time::Daily => *value = value.saturating_add(days).clamp(bounds.low, bounds.high),
                _ => {}
            }
        }
        moved
    }

    /// Each number of days from now at which some condition may change, given the slots.
    fn each_turn(&self, slots: &Slots, mut see: impl FnMut(i32)) {
        let values = slots.values();
        for (slot, turns) in &self.turns {
            let bounds = self.schema.slots[*slot];
            let value = values[*slot];
            if bounds.time == Time::Since && value == bounds.high {
                continue;
            }
            for turn in turns {
                see(turn - value);
            }
        }
        for (a, b, most) in &self.drifts {
            for slot in [*a, *b] {
                self.rests(slot, values[slot])
                    .for_each(|(_, from)| see(from));
            }
            // One of the two moves on while the other rests: the difference passes the bound.
            for (rest, _) in self.rests(*b, values[*b]) {
                see(rest
                    .saturating_add(*most)
                    .saturating_sub(values[*a])
                    .saturating_add(1));
            }
            for (rest, _) in self.rests(*a, values[*a]) {
                see(rest.saturating_sub(*most).saturating_sub(values[*b]));
            }
        }
    }

    /// The values at which a slot rests before it begins to move or after it has moved, each with
    /// the number of days from now at which it begins or ceases to.
    fn rests(&self, slot: usize, value: i32) -> impl Iterator<Item = (i32, i32)> {
        let bounds = self.schema.slots[slot];
        let rests = match bounds.time {
            Time::Still => [(value, 0); 2],
            // Before its day it had not happened.
            Time::Since if value == bounds.high => [(value, 0); 2],
            Time::Since => [
                (bounds.high, -value),
                (bounds.high - 1, bounds.high - 1 - value),
            ],
            Time::Daily => [
                (bounds.low, bounds.low - value),
                (bounds.high, bounds.high - value),
            ],
        };
        rests.into_iter()
    }

    fn until(&self, slots: &Slots, outcome: usize) -> Option<i32> {
        let mut days = 0;
        loop {
            let mut next = i32::MAX;
            self.each_turn(slots, |turn| {
                if turn > days && turn < next {
                    next = turn;
                }
            });
            // Beyond a hundred years is never.
            if next > crate::evidence::NEVER {
                return None;
            }
            if self.outcome_in(slots, next) != Some(outcome) {
                return Some(next);
            }
            days = next;
        }
    }

    fn since(&self, slots: &Slots, outcome: usize) -> Option<i32> {
        let mut days = 1;
        loop {
            let mut next = i32::MIN;
            self.each_turn(slots, |turn| {
                if turn < days && turn > next {
                    next = turn;
                }
            });
            if next < -crate::evidence::NEVER {
                return None;
            }
            if self.outcome_in(slots, next - 1) != Some(outcome) {
                return Some(next);
            }
            days = next;
        }
    }
}

fn read_rule(
    schema: &'static Schema,
    at: usize,
    file: RuleFile,
    numbers: &Numbers,
    problems: &mut Problems<'_>,
) -> Option<Rule> {
    let id = file.id.get_ref().clone();
    let word_ok = !id.is_empty()
        && id.len() <= 60
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !word_ok {
        problems.add(
            file.id.span().start,
            "a rule's id has 1 to 60 of a-z, 0-9 and _",
            "规则编号由1至60个a-z、0-9、_组成",
        );
    }
    let condition = condition(schema, numbers, &file.when, problems);
    let outcome = schema.outcome(file.outcome.get_ref());
    if outcome.is_none() {
        let known: Vec<&str> = schema.outcomes.iter().map(|named| named.word).collect();
        problems.add(
            file.outcome.span().start,
            format!(
                "`{}` is no outcome of `{}`; known are {}",
                file.outcome.get_ref(),
                schema.table,
                known.join(", ")
            ),
            format!(
                "“{}”不是“{}”的结果；可用：{}",
                file.outcome.get_ref(),
                schema.table,
                known.join("、")
            ),
        );
    }
    let outcome = outcome?;
    let written = Written::of(&file);
    let problems_before = problems.len();
    let days = file
        .days
        .as_ref()
        .and_then(|days| amount(days, numbers, problems));
    let reports = file
        .reports
        .as_ref()
        .and_then(|n| amount(n, numbers, problems));
    let tests = file
        .tests
        .as_ref()
        .and_then(|n| amount(n, numbers, problems));
    let from = file
        .from
        .as_ref()
        .and_then(|from| day_field(schema, from, problems));
    check::shape(schema, at, &file, outcome, problems);
    let reports_slot = counter(
        schema,
        file.reports.as_ref(),
        reports,
        "healthy_reports",
        problems,
    );
    let tests_slot = counter(
        schema,
        file.tests.as_ref(),
        tests,
        "negative_tests",
        problems,
    );
    // What a rule without its duration would do to others is not worth telling.
    let lasts_as_written = problems.len() == problems_before;
    let capacity = file.capacity.as_ref().map(|capacity| *capacity.get_ref());
    // What is given but wrong is told of once, not again where texts name it.
    let given = |amount: Option<u32>, written: bool| amount.or(written.then_some(0));
    let own = [
        ("days", given(days, file.days.is_some())),
        ("reports", given(reports, file.reports.is_some())),
        ("tests", given(tests, file.tests.is_some())),
        ("capacity", capacity),
    ];
    let reason = fill_in(&file.reason, &own, numbers, problems);
    let clears = match &file.clears {
        Some(clears) => fill_in(clears, &own, numbers, problems),
        None => Text::new("Nothing to clear.", "无需解除。"),
    };
    let condition = condition?;
    let mut open = Vec::new();
    if let (Some((_, slot)), Some(days)) = (from, days) {
        open.push(Condition::within(slot, i32::MIN, days as i32 - 1));
    }
    if let (Some(slot), Some(reports)) = (reports_slot, reports) {
        open.push(Condition::within(slot, i32::MIN, reports as i32 - 1));
    }
    if let (Some(slot), Some(tests)) = (tests_slot, tests) {
        open.push(Condition::within(slot, i32::MIN, tests as i32 - 1));
    }
    let still_open = if open.is_empty() {
        Condition::Always(true)
    } else {
        Condition::any(open)
    };
    let mut change = |change: Option<Spanned<ChangeFile>>| {
        let change = change?.into_inner();
        let days = amount(&change.days, numbers, problems);
        let own = [("days", days.or(Some(0)))];
        let reason = fill_in(&change.reason, &own, numbers, problems);
        let condition = self::condition(schema, numbers, &change.when, problems);
        Some(Change {
            days: days?,
            at: change.when.span().start,
            when: change.when.into_inner(),
            reason,
            condition: condition?,
        })
    };
    let extension = change(file.extension);
    let early_end = change(file.early_end);
    if let (Some(early), Some(days)) = (&early_end, days)
        && early.days >= days
    {
        problems.add(
            early.at,
            format!("`early_end` comes before the end: its `days` must be below {days}"),
            format!("“early_end”须早于期满：其“days”应小于{days}"),
        );
    }
    if !lasts_as_written {
        return None;
    }
    Some(Rule {
        id,
        priority: *file.priority.get_ref(),
        outcome,
        lasts: Lasts {
            from,
            days,
            reports,
            tests,
        },
        reason,
        clears,
        source: file.source.map(Spanned::into_inner),
        test_days: file.test_days.map(Spanned::into_inner).unwrap_or_default(),
        extension,
        early_end,
        capacity,
        holds: Condition::all([condition.clone(), still_open]),
        written,
        condition,
        at,
        when_at: file.when.span().start,
        when: file.when.into_inner(),
    })
}

fn condition(
    schema: &Schema,
    numbers: &Numbers,
    text: &Spanned<String>,
    problems: &mut Problems<'_>,
) -> Option<Condition> {
    match compile(schema, numbers, text.get_ref()) {
        Ok(condition) => Some(condition),
        Err(wrong) => {
            let at = problems.within_string(text.span(), wrong.at);
            problems.add(at, wrong.message.en, wrong.message.zh);
            None
        }
    }
}

fn day_field(
    schema: &'static Schema,
    from: &Spanned<String>,
    problems: &mut Problems<'_>,
) -> Option<(&'static str, usize)> {
    let field = schema
        .field(from.get_ref())
        .filter(|field| schema.slots[field.slot].time == Time::Since);
    if let Some(field) = field {
        return Some((field.name, field.slot));
    }
    let days: Vec<&str> = schema
        .fields
        .iter()
        .filter(|field| schema.slots[field.slot].time == Time::Since)
        .map(|field| field.name)
        .collect();
    let name = from.get_ref();
    problems.add(
        from.span().start,
        format!(
            "`{name}` is no day of `{}`; known are {}",
            schema.table,
            days.join(", ")
        ),
        format!(
            "“{name}”不是“{}”的日期字段；可用：{}",
            schema.table,
            days.join("、")
        ),
    );
    None
}

/// The slot of a counter that a rule's way out needs.
fn counter(
    schema: &Schema,
    written: Option<&Spanned<Amount>>,
    wanted: Option<u32>,
    name: &str,
    problems: &mut Problems<'_>,
) -> Option<usize> {
    let at = written?.span().start;
    let Some(field) = schema.field(name) else {
        problems.add(
            at,
            format!("`{}` has no `{name}` to count", schema.table),
            format!("“{}”没有可计数的“{name}”", schema.table),
        );
        return None;
    };
    let most = schema.slots[field.slot].high;
    if wanted.is_some_and(|wanted| i64::from(wanted) > i64::from(most)) {
        problems.add(
            at,
            format!("`{name}` counts to {most}; ask for at most that"),
            format!("“{name}”最多计至{most}，不能要求更多"),
        );
    }
    Some(field.slot)
}
