//! Can a condition hold at all? For which evidence?
//!
//! A search over the slots' values: a comparison that the values known so far leave open is made
//! true, then false, until the whole is decided. Bounds and lists of words are kept exactly; the
//! differences of two numbers form a system of difference constraints, whose least solution in whole
//! numbers is found by relaxation (Bellman 1958; Ford 1956). So the answer is exact, and comes with
//! an example.

use std::cell::Cell;
use std::rc::Rc;

use super::Condition;
use crate::evidence::{FieldKind, NEVER, SLOTS, Schema, Time};

/// Comparisons that all questions about one table may take together: some tenths of a second. A table
/// of a few dozen rules takes a hundredth of that.
const LONGEST_SEARCH: u32 = 4_000_000;

/// Conditions that take too long to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooIntricate;

/// How long the questions about one table may still take.
#[derive(Debug)]
pub(crate) struct Patience(Cell<u32>);

impl Patience {
    pub(crate) fn new() -> Self {
        Self(Cell::new(LONGEST_SEARCH))
    }

    fn spend(&self, comparisons: usize) {
        let spent = u32::try_from(comparisons).unwrap_or(u32::MAX);
        self.0.set(self.0.get().saturating_sub(spent));
    }

    fn check(&self) -> Result<(), TooIntricate> {
        if self.0.get() == 0 {
            Err(TooIntricate)
        } else {
            Ok(())
        }
    }
}

/// A condition, and whether it is to hold.
pub(crate) type Wanted<'c> = (&'c Condition, bool);

/// Values of all slots for which a condition holds.
pub(crate) type Witness = [i32; SLOTS];

/// What a slot may still be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Domain {
    Between(i32, i32),
    OneOf(u64),
}

#[derive(Clone)]
struct State {
    domains: Vec<Domain>,
    /// The first slot exceeds the second by at most so much.
    apart: Vec<(usize, usize, i64)>,
}

/// Evidence for which each condition holds, or does not, as wanted; if there is any.
pub(crate) fn find(
    schema: &Schema,
    wanted: &[Wanted<'_>],
    patience: &Patience,
) -> Result<Option<Witness>, TooIntricate> {
    search(State::of(schema), wanted, patience)
}

/// Evidence for which `condition` never ends: whatever those it concerns do, however long they
/// wait, whatever tests or recovery may show.
///
/// Slots that move are free; days that have happened are long past; what stays is looked for. A
/// candidate is found against the ways out known so far, then a way out for it is looked for, until
/// either fails.
pub(crate) fn trap(
    schema: &Schema,
    condition: &Condition,
    patience: &Patience,
) -> Result<Option<Witness>, TooIntricate> {
    let possible = Condition::all(
        schema
            .invariants
            .iter()
            .map(|(invariant, _)| invariant.clone()),
    );
    let mut aged = State::of(schema);
    for (slot, bounds) in schema.slots.iter().enumerate() {
        if bounds.time == Time::Since && !bounds.moves {
            aged.domains[slot] = Domain::Between(NEVER - 1, NEVER);
        }
    }
    let moves: Vec<bool> = schema.slots.iter().map(|slot| slot.moves).collect();
    // For each way out known so far: what it does not help.
    let mut helpless: Vec<Condition> = Vec::new();
    loop {
        let mut wanted = vec![(condition, true), (&possible, true)];
        wanted.extend(helpless.iter().map(|condition| (condition, true)));
        let Some(stays) = search(aged.clone(), &wanted, patience)? else {
            return Ok(None);
        };
        // A way out: the same in all that stays, and the condition does not hold.
        let mut same = aged.clone();
        for slot in 0..moves.len() {
            if !moves[slot] {
                same.fix(slot, stays[slot]);
            }
        }
        let Some(way) = search(same, &[(condition, false), (&possible, true)], patience)? else {
            return Ok(Some(stays));
        };
        let put = |condition: &Condition| substitute(condition, &moves, &way);
        let helps_not = Condition::any([put(condition), put(&possible).negate()]);
        helps_not.atoms(&mut |_| patience.spend(1));
        helpless.push(helps_not);
    }
}

/// The condition with the values of `way` in place of all slots that move.
fn substitute(condition: &Condition, moves: &[bool], way: &Witness) -> Condition {
    match condition {
        Condition::Within { slot, .. } | Condition::OneOf { slot, .. } if moves[*slot] => {
            Condition::Always(condition.holds(way))
        }
        Condition::Apart { a, b, most } => match (moves[*a], moves[*b]) {
            (true, true) => Condition::Always(condition.holds(way)),
            (true, false) => Condition::within(*b, way[*a].saturating_sub(*most), i32::MAX),
            (false, true) => Condition::within(*a, i32::MIN, way[*b].saturating_add(*most)),
            (false, false) => condition.clone(),
        },
        Condition::Not(inner) => substitute(inner, moves, way).negate(),
        Condition::All(parts) => {
            Condition::all(parts.iter().map(|part| substitute(part, moves, way)))
        }
        Condition::Any(parts) => {
            Condition::any(parts.iter().map(|part| substitute(part, moves, way)))
        }
        other => other.clone(),
    }
}

fn search(
    state: State,
    wanted: &[Wanted<'_>],
    patience: &Patience,
) -> Result<Option<Witness>, TooIntricate> {
    let mut left = vec![(state, Rc::new(wanted.to_vec()))];
    while let Some((state, wanted)) = left.pop() {
        let still_open = state.open(&wanted, patience);
        patience.check()?;
        let Some((wanted, open)) = still_open else {
            continue;
        };
        let Some(atom) = open else {
            return Ok(Some(state.witness()));
        };
        let wanted = Rc::new(wanted);
        let branches = state.branches(atom, patience).into_iter().rev();
        left.extend(branches.map(|next| (next, Rc::clone(&wanted))));
    }
    Ok(None)
}

impl State {
    fn of(schema: &Schema) -> Self {
        let domains = schema
            .slots
            .iter()
            .map(|slot| match schema.fields[slot.field].kind {
                FieldKind::Word { .. } => Domain::OneOf(u64::MAX >> (63 - slot.high)),
                _ => Domain::Between(slot.low, slot.high),
            })
            .collect();
        Self {
            domains,
            apart: Vec::new(),
        }
    }

    fn fix(&mut self, slot: usize, value: i32) {
        self.domains[slot] = match self.domains[slot] {
            Domain::Between(..) => Domain::Between(value, value),
            Domain::OneOf(_) => Domain::OneOf(1 << value),
        };
    }

    fn bounds(&self, slot: usize) -> (i64, i64) {
        match self.domains[slot] {
            Domain::Between(low, high) => (i64::from(low), i64::from(high)),
            Domain::OneOf(mask) => (i64::from(mask.trailing_zeros()), i64::from(mask.ilog2())),
        }
    }

    /// What of `wanted` is still open, with the first comparison to decide; none where something
    /// is decided otherwise than wanted.
    fn open<'c>(
        &self,
        wanted: &[Wanted<'c>],
        patience: &Patience,
    ) -> Option<(Vec<Wanted<'c>>, Option<&'c Condition>)> {
        let mut first = None;
        let mut open = Vec::new();
        let mut left: Vec<Wanted<'c>> = wanted.iter().rev().copied().collect();
        while let Some((condition, truth)) = left.pop() {
            match condition {
                Condition::Not(inner) => left.push((inner, !truth)),
                Condition::All(parts) if truth => {
                    left.extend(parts.iter().rev().map(|part| (part, true)));
                }
                Condition::Any(parts) if !truth => {
                    left.extend(parts.iter().rev().map(|part| (part, false)));
                }
                _ => match self.decide(condition, &mut first, patience) {
                    Some(holds) if holds == truth => {}
                    Some(_) => return None,
                    None => open.push((condition, truth)),
                },
            }
        }
        Some((open, first))
    }

    /// Whether the condition holds, where that is decided; else notes an open comparison.
    fn decide<'c>(
        &self,
        condition: &'c Condition,
        open: &mut Option<&'c Condition>,
        patience: &Patience,
    ) -> Option<bool> {
        match condition {
            Condition::Always(holds) => Some(*holds),
            Condition::Not(inner) => self.decide(inner, open, patience).map(|holds| !holds),
            Condition::All(parts) => self.decide_all(parts, true, open, patience),
            Condition::Any(parts) => self.decide_all(parts, false, open, patience),
            atom => {
                patience.spend(1 + self.apart.len());
                let decided = self.decide_atom(atom);
                if decided.is_none() && open.is_none() {
                    *open = Some(atom);
                }
                decided
            }
        }
    }

    /// `ready` if all parts are; its contrary as soon as one is.
    fn decide_all<'c>(
        &self,
        parts: &'c [Condition],
        ready: bool,
        open: &mut Option<&'c Condition>,
        patience: &Patience,
    ) -> Option<bool> {
        let mut all = Some(ready);
        let mut first = *open;
        for part in parts {
            match self.decide(part, &mut first, patience) {
                Some(holds) if holds != ready => return Some(!ready),
                Some(_) => {}
                None => all = None,
            }
        }
        *open = first;
        all
    }

    fn decide_atom(&self, atom: &Condition) -> Option<bool> {
        match atom {
            Condition::Within { slot, low, high } => {
                let (least, most) = self.bounds(*slot);
                let (low, high) = (i64::from(*low), i64::from(*high));
                if least >= low && most <= high {
                    Some(true)
                } else if most < low || least > high || low > high {
                    Some(false)
                } else {
                    None
                }
            }
            Condition::OneOf { slot, mask } => match self.domains[*slot] {
                Domain::OneOf(may) if may & !mask == 0 => Some(true),
                Domain::OneOf(may) if may & mask == 0 => Some(false),
                _ => None,
            },
            Condition::Apart { a, b, most } => {
                let most = i64::from(*most);
                let ((a_low, a_high), (b_low, b_high)) = (self.bounds(*a), self.bounds(*b));
                let told = |x: usize, y: usize, limit: i64| {
                    self.apart
                        .iter()
                        .any(|(p, q, k)| (*p, *q) == (x, y) && *k <= limit)
                };
                if a_high - b_low <= most || told(*a, *b, most) {
                    Some(true)
                } else if a_low - b_high > most || told(*b, *a, -most - 1) {
                    Some(false)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// What may be, with the part true and with it false.
    fn branches(&self, atom: &Condition, patience: &Patience) -> Vec<Self> {
        let with = |slot: usize, domain: Domain| {
            let mut next = self.clone();
            next.domains[slot] = domain;
            next
        };
        let next = match atom {
            Condition::Within { slot, low, high } => match self.domains[*slot] {
                Domain::Between(least, most) => [
                    (least.max(*low), most.min(*high)),
                    (least, most.min(low.saturating_sub(1))),
                    (least.max(high.saturating_add(1)), most),
                ]
                .into_iter()
                .filter(|(low, high)| low <= high)
                .map(|(low, high)| with(*slot, Domain::Between(low, high)))
                .collect(),
                Domain::OneOf(_) => Vec::new(),
            },
            Condition::OneOf { slot, mask } => match self.domains[*slot] {
                Domain::OneOf(may) => [may & mask, may & !mask]
                    .into_iter()
                    .filter(|may| *may != 0)
                    .map(|may| with(*slot, Domain::OneOf(may)))
                    .collect(),
                Domain::Between(..) => Vec::new(),
            },
            Condition::Apart { a, b, most } => {
                let most = i64::from(*most);
                let mut near = self.clone();
                near.apart.push((*a, *b, most));
                let mut far = self.clone();
                far.apart.push((*b, *a, -most - 1));
                vec![near, far]
            }
            _ => Vec::new(),
        };
        next.into_iter()
            .filter(|state: &Self| {
                let slots = state.domains.len();
                patience.spend(slots * (1 + state.apart.len()));
                state.apart.is_empty() || state.differences().is_some()
            })
            .collect()
    }

    /// The least values that fit the differences and the bounds of the slots.
    fn differences(&self) -> Option<Vec<i64>> {
        let bounds: Vec<(i64, i64)> = (0..self.domains.len())
            .map(|slot| self.bounds(slot))
            .collect();
        let mut values: Vec<i64> = bounds.iter().map(|(low, _)| *low).collect();
        for _ in 0..=values.len() {
            let mut moved = false;
            for (a, b, most) in &self.apart {
                let least = values[*a] - most;
                if values[*b] < least {
                    values[*b] = least;
                    moved = true;
                }
            }
            if values
                .iter()
                .zip(&bounds)
                .any(|(value, (_, high))| value > high)
            {
                return None;
            }
            if !moved {
                return Some(values);
            }
        }
        None
    }

    fn witness(&self) -> Witness {
        let mut values = [0; SLOTS];
        let differences = self
            .differences()
            .expect("a state whose differences cannot be met is dropped");
        for (slot, value) in values.iter_mut().enumerate().take(self.domains.len()) {
            let in_difference = self.apart.iter().any(|(a, b, _)| *a == slot || *b == slot);
            let (low, high) = self.bounds(slot);
            *value = if in_difference {
                differences[slot] as i32
            } else if high == i64::from(NEVER) {
                // The plainest example: nothing happened, nobody said anything.
                NEVER
            } else {
                low as i32
            };
        }
        values
    }
}
