//! What a table's rules must be: total, without contradiction, each of use, and with a way out.

use std::collections::BTreeSet;

use lianfang_core::text::Text;
use lianfang_core::words::Word;
use toml::Spanned;

use super::{LONGEST_DAYS, Rule, RuleFile, Rules};
use crate::conditions::{Condition, Patience, TooIntricate, Wanted, Witness, find, trap};
use crate::error::Problems;
use crate::evidence::{FieldKind, Schema, Table};

/// Checks that a rule's duration and extras fit its table.
pub(super) fn shape(
    schema: &Schema,
    at: usize,
    file: &RuleFile,
    outcome: usize,
    problems: &mut Problems<'_>,
) {
    let table = schema.table;
    let lasting = [
        ("from", file.from.as_ref().map(start)),
        ("days", file.days.as_ref().map(start)),
        ("reports", file.reports.as_ref().map(start)),
        ("tests", file.tests.as_ref().map(start)),
        ("clears", file.clears.as_ref().map(start)),
    ];
    for (name, at) in lasting {
        let Some(at) = at else { continue };
        if !schema.lasting {
            problems.add(
                at,
                format!("decisions of `{table}` are of the moment; they have no `{name}`"),
                format!("“{table}”为即时处置，没有“{name}”"),
            );
        } else if outcome == 0 {
            let free = schema.outcomes[0].word;
            problems.add(
                at,
                format!("`{free}` restricts nobody; it has no `{name}`"),
                format!("“{free}”不构成限制，没有“{name}”"),
            );
        }
    }
    match (&file.from, &file.days) {
        (Some(from), None) => problems.add(
            start(from),
            "`from` says where `days` are counted from; `days` is missing",
            "“from”是“days”的起算日；缺少“days”",
        ),
        (None, Some(days)) => problems.add(
            start(days),
            "`days` are counted from a day of the evidence; `from` is missing",
            "“days”须从证据中的某日起算；缺少“from”",
        ),
        _ => {}
    }
    let extras = [
        (
            "test_days",
            Table::Quarantine,
            file.test_days.as_ref().map(start),
        ),
        (
            "extension",
            Table::Quarantine,
            file.extension.as_ref().map(start),
        ),
        (
            "early_end",
            Table::Quarantine,
            file.early_end.as_ref().map(start),
        ),
        (
            "capacity",
            Table::Reopening,
            file.capacity.as_ref().map(start),
        ),
    ];
    for (name, home, at) in extras {
        let Some(at) = at else { continue };
        if table != home {
            problems.add(
                at,
                format!("`{name}` belongs to rules of `{home}`, not of `{table}`"),
                format!("“{name}”用于“{home}”的规则，不用于“{table}”"),
            );
        } else if home == Table::Quarantine && file.days.is_none() {
            problems.add(
                at,
                format!("`{name}` counts from the rule's `from`; give `from` and `days`"),
                format!("“{name}”从“from”起算，须给出“from”和“days”"),
            );
        } else if home == Table::Reopening && schema.outcomes[outcome].word != "limited" {
            problems.add(
                at,
                "`capacity` belongs to the outcome `limited`",
                "“capacity”只用于结果“limited”",
            );
        }
    }
    if let Some(days) = &file.test_days {
        let list = days.get_ref();
        if list.len() > 30
            || list.iter().any(|day| *day > LONGEST_DAYS)
            || !list.is_sorted_by(|a, b| a < b)
        {
            problems.add(
                start(days),
                format!(
                    "`test_days` has at most 30 days in rising order, each at most {LONGEST_DAYS}"
                ),
                format!("“test_days”最多30项，按升序排列，每项不超过{LONGEST_DAYS}"),
            );
        }
    }
    if let Some(capacity) = &file.capacity
        && !(1..=100).contains(capacity.get_ref())
    {
        problems.add(
            start(capacity),
            "`capacity` is a percentage from 1 to 100",
            "“capacity”为1至100的百分比",
        );
    }
    if schema.lasting && outcome > 0 && file.clears.is_none() {
        problems.add(
            at,
            "a restriction says what clears it; `clears` is missing",
            "限制性规则须写明解除条件；缺少“clears”",
        );
    }
}

fn start<T>(value: &Spanned<T>) -> usize {
    value.span().start
}

impl Rules {
    /// Checks the whole table. `end` is where a rule that is missing would stand.
    pub(crate) fn check(&self, end: usize, problems: &mut Problems<'_>) {
        let table = self.schema.table;
        let name = table.word();
        if self.rules.is_empty() {
            problems.add(
                end,
                format!("there is no [[{name}]] rule; a pack has at least one, whose condition is `true`"),
                format!("没有[[{name}]]规则；至少须有一条条件为true的规则"),
            );
            return;
        }
        let patience = Patience::new();
        let find = |rules: &[Wanted<'_>]| {
            let mut wanted = rules.to_vec();
            let invariants = &self.schema.invariants;
            wanted.extend(invariants.iter().map(|(invariant, _)| (invariant, true)));
            find(self.schema, &wanted, &patience)
        };
        for (place, rule) in self.rules.iter().enumerate() {
            let before = &self.rules[..place];
            let checked = Self::fires(rule, before, &find, problems).and_then(|fires| {
                if fires {
                    self.agrees(rule, before, &find, problems)?;
                }
                Ok(())
            });
            if checked == Err(TooIntricate) {
                too_intricate(rule, problems);
                return;
            }
        }
        if let Some(last) = self.rules.last() {
            let checked = self
                .has_a_way_out(&patience, problems)
                .and_then(|()| self.is_total(end, &find, problems));
            if checked == Err(TooIntricate) {
                too_intricate(last, problems);
            }
        }
    }

    /// Whatever the evidence, some rule must hold.
    fn is_total(
        &self,
        end: usize,
        find: &impl Fn(&[Wanted<'_>]) -> Result<Option<Witness>, TooIntricate>,
        problems: &mut Problems<'_>,
    ) -> Result<(), TooIntricate> {
        let name = self.schema.table.word();
        let none: Vec<Wanted<'_>> = self.rules.iter().map(|rule| (&rule.holds, false)).collect();
        if let Some(example) = find(&none)? {
            let slots = self.rules.iter().flat_map(|rule| rule.holds.slots());
            let shown = self.values(slots, &example);
            problems.add(
                end,
                format!(
                    "no rule of `{name}` holds where {}; end with one whose condition is `true`",
                    shown.en
                ),
                format!(
                    "当{}时，“{name}”没有规则适用；请以条件为true的规则收尾",
                    shown.zh
                ),
            );
        }
        Ok(())
    }

    /// A rule must be able to decide something.
    fn fires(
        rule: &Rule,
        before: &[Rule],
        find: &impl Fn(&[Wanted<'_>]) -> Result<Option<Witness>, TooIntricate>,
        problems: &mut Problems<'_>,
    ) -> Result<bool, TooIntricate> {
        if find(&[(&rule.holds, true)])?.is_none() {
            problems.add(
                rule.when_at,
                format!(
                    "rule `{}` can never fire: no evidence meets its condition",
                    rule.id
                ),
                format!("规则“{}”永远不会适用：没有证据能满足其条件", rule.id),
            );
            return Ok(false);
        }
        let mut parts = vec![(&rule.holds, true)];
        parts.extend(before.iter().map(|other| (&other.holds, false)));
        if find(&parts)?.is_some() {
            let changes = [
                ("extension", &rule.extension),
                ("early_end", &rule.early_end),
            ];
            for (name, change) in changes {
                // It may well hold where the rule no longer does: immunity proved on the way ends
                // an order that only those who lack it get.
                if let Some(change) = change
                    && find(&[(&change.condition, true)])?.is_none()
                {
                    let id = &rule.id;
                    problems.add(
                        change.at,
                        format!("`{name}` of rule `{id}` can never be used: no evidence meets its condition"),
                        format!("规则“{id}”的“{name}”永远用不上：没有证据能满足其条件"),
                    );
                }
            }
            return Ok(true);
        }
        let mut over = Vec::new();
        for other in before {
            if find(&[(&rule.holds, true), (&other.holds, true)])?.is_some() {
                over.push(other.id.as_str());
            }
        }
        problems.add(
            rule.at,
            format!(
                "rule `{}` can never fire: others always decide before it ({})",
                rule.id,
                over.join(", ")
            ),
            format!(
                "规则“{}”永远不会适用：总有其他规则先行决定（{}）",
                rule.id,
                over.join("、")
            ),
        );
        Ok(false)
    }

    /// Rules of one priority must not contradict each other.
    fn agrees(
        &self,
        rule: &Rule,
        before: &[Rule],
        find: &impl Fn(&[Wanted<'_>]) -> Result<Option<Witness>, TooIntricate>,
        problems: &mut Problems<'_>,
    ) -> Result<(), TooIntricate> {
        for other in before {
            if other.priority != rule.priority || other.outcome == rule.outcome {
                continue;
            }
            let Some(example) = find(&[(&rule.holds, true), (&other.holds, true)])? else {
                continue;
            };
            let slots = rule.holds.slots().into_iter().chain(other.holds.slots());
            let shown = self.values(slots, &example);
            let word = |rule: &Rule| self.schema.outcomes[rule.outcome].word;
            let (one, two) = (word(other), word(rule));
            problems.add(
                rule.at,
                format!("rules `{}` ({one}) and `{}` ({two}) of priority {} both fire where {}; give them different priorities", other.id, rule.id, rule.priority, shown.en),
                format!("规则“{}”（{one}）与“{}”（{two}）优先级同为{}，当{}时同时适用；请设不同优先级", other.id, rule.id, rule.priority, shown.zh),
            );
        }
        Ok(())
    }

    /// A restriction must end by time, by what those it concerns do, by a test or by recovery:
    /// evidence that stays restricted whatever moves is refused.
    fn has_a_way_out(
        &self,
        patience: &Patience,
        problems: &mut Problems<'_>,
    ) -> Result<(), TooIntricate> {
        if !self.schema.lasting {
            return Ok(());
        }
        let restricted = self
            .rules
            .iter()
            .rev()
            .fold(Condition::Always(false), |later, rule| {
                let holds = rule.holds.clone();
                if rule.outcome > 0 {
                    Condition::any([holds, later])
                } else {
                    Condition::all([holds.negate(), later])
                }
            });
        let Some(stays) = trap(self.schema, &restricted, patience)? else {
            return Ok(());
        };
        let Some((rule, example)) = self.last_to_hold(&stays, patience)? else {
            return Ok(());
        };
        let slots = rule.holds.slots();
        let lasting = slots.iter().filter(|slot| !self.schema.slots[**slot].moves);
        let shown = self.values(lasting.copied(), &example);
        problems.add(
            rule.at,
            format!("rule `{}` has no way out: neither time nor reports, tests or recovery end it where {}; give it `from` and `days`, or a condition that can change", rule.id, shown.en),
            format!("规则“{}”没有解除途径：当{}时，时间、打卡、检测或康复都不能解除；请给出“from”和“days”，或使用可变化的条件", rule.id, shown.zh),
        );
        Ok(())
    }

    /// The last restriction that decides where what stays is as in `stays`: the others can be left.
    fn last_to_hold(
        &self,
        stays: &Witness,
        patience: &Patience,
    ) -> Result<Option<(&Rule, Witness)>, TooIntricate> {
        let slots = self.schema.slots.iter().enumerate();
        let same: Vec<Condition> = slots
            .filter(|(_, bounds)| !bounds.moves)
            .map(
                |(slot, bounds)| match self.schema.fields[bounds.field].kind {
                    FieldKind::Word { .. } => Condition::OneOf {
                        slot,
                        mask: 1 << stays[slot],
                    },
                    _ => Condition::within(slot, stays[slot], stays[slot]),
                },
            )
            .collect();
        for (place, rule) in self.rules.iter().enumerate().rev() {
            if rule.outcome == 0 {
                continue;
            }
            let mut wanted = vec![(&rule.holds, true)];
            wanted.extend(
                self.rules[..place]
                    .iter()
                    .map(|other| (&other.holds, false)),
            );
            wanted.extend(same.iter().map(|same| (same, true)));
            wanted.extend(self.schema.invariants.iter().map(|(i, _)| (i, true)));
            if let Some(example) = find(self.schema, &wanted, patience)? {
                return Ok(Some((rule, example)));
            }
        }
        Ok(None)
    }

    /// Slots with their values, as conditions would write them.
    fn values(&self, slots: impl Iterator<Item = usize>, values: &Witness) -> Text {
        let slots: BTreeSet<usize> = slots.collect();
        let mut said: Vec<usize> = slots.iter().copied().collect();
        said.retain(|slot| self.schema.says_something(*slot, values[*slot]));
        if said.is_empty() {
            said = slots.into_iter().collect();
        }
        let shown: Vec<String> = said
            .into_iter()
            .take(8)
            .map(|slot| self.schema.shown(slot, values[slot]))
            .collect();
        if shown.is_empty() {
            Text::new("nothing is known", "一无所知")
        } else {
            let shown = shown.join(" && ");
            Text::new(shown.clone(), shown)
        }
    }
}

fn too_intricate(rule: &Rule, problems: &mut Problems<'_>) {
    problems.add(
        rule.when_at,
        format!("rule `{}` is too intricate to be checked against the others; split it into simpler rules", rule.id),
        format!("规则“{}”过于复杂，无法与其他规则核对；请拆成更简单的规则", rule.id),
    );
}
