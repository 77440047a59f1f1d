//! Evidence: what decisions are made by, as typed records with a fixed list of fields.
//!
//! A record's fields become *slots*, whole numbers that compiled conditions read: a flag is 0 or
//! 1, a word its place in its list, a temperature its tenths of a degree, a day the days since
//! then. Every field always has a value: what has not happened is [`NEVER`] days ago, what is not
//! known is told by a second name, such as `age_known`.

use std::fmt;

use jiff::civil::Date;
use lianfang_core::entry::Temperature;
use lianfang_core::text::Text;
use lianfang_core::time::day_number;
use lianfang_core::words::{Word, Words};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::conditions::{Condition, invariant};

/// Days since something that never happened: a hundred years. `never` in conditions.
pub const NEVER: i32 = 36_500;

/// The highest body temperature, in tenths of a degree.
pub(crate) const HOTTEST: i32 = 450;

/// Most slots that one table has.
pub(crate) const SLOTS: usize = 64;

lianfang_core::words! {
    /// A question that a pack answers.
    Table {
        /// What is done with somebody at a checkpoint.
        Entry = "entry", "Entry", "入口分诊";
        /// What a meeting with a case makes of a person.
        Contact = "contact", "Contacts", "接触者判定";
        /// Who is watched, how, and for how long.
        Quarantine = "quarantine", "Quarantine", "隔离观察";
        /// The colour of a pass.
        Pass = "pass", "Pass", "健康码";
        /// The risk level of an area.
        Risk = "risk", "Area risk", "区域风险";
        /// What may open.
        Reopening = "reopening", "Reopening", "复工复产与关停";
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word with its name, of a list that a field or an outcome takes its value from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NamedWord {
    /// The word.
    pub word: &'static str,
    /// Its name.
    pub name: Text,
}

fn named<W: Word>() -> Vec<NamedWord> {
    W::ALL
        .iter()
        .map(|word| NamedWord {
            word: word.word(),
            name: word.label(),
        })
        .collect()
}

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldKind {
    /// Yes or no.
    Flag {},
    /// Yes, no, or not known.
    MaybeFlag {},
    /// One word of a list.
    Word {
        /// The list.
        words: Vec<NamedWord>,
    },
    /// Any words of a list.
    Words {
        /// The list.
        words: Vec<NamedWord>,
    },
    /// A whole number from 0.
    Number {
        /// The largest.
        most: u32,
    },
    /// A whole number from 0, or not known.
    MaybeNumber {
        /// The largest.
        most: u32,
    },
    /// A whole number that grows by one with each day on which somebody does their part.
    Daily {
        /// The largest.
        most: u32,
    },
    /// A body temperature in degrees Celsius, or not measured.
    Temperature {},
    /// A day, or never; conditions see the days since then.
    Day {},
}

/// A field of an evidence record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub label: Text,
    /// What it may hold.
    #[serde(flatten)]
    pub kind: FieldKind,
    /// Whether it can change by what the person or place concerned does, by a test or by recovery;
    /// time alone moves days on. A restriction must not hang on fields that stay for ever.
    pub moves: bool,
    /// Whether evidence must give it: a word for which no plain answer may be assumed.
    pub required: bool,
    /// Its first slot.
    #[serde(skip)]
    pub(crate) slot: usize,
}

impl Field {
    /// Slots it takes.
    fn width(&self) -> usize {
        match &self.kind {
            FieldKind::Words { words } => words.len(),
            FieldKind::MaybeFlag {} | FieldKind::MaybeNumber { .. } | FieldKind::Temperature {} => {
                2
            }
            _ => 1,
        }
    }
}

/// What a slot may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// The place of its field.
    pub(crate) field: usize,
    /// The smallest value.
    pub(crate) low: i32,
    /// The largest value.
    pub(crate) high: i32,
    /// How time moves it.
    pub(crate) time: Time,
    /// Whether it moves otherwise.
    pub(crate) moves: bool,
}

/// How time moves a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// Not at all.
    Still,
    /// Days since something.
    Since,
    /// One more a day, if somebody does their part.
    Daily,
}

/// The fields, outcomes and invariants of a table.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Schema {
    /// The table.
    pub table: Table,
    /// What its decisions are about.
    pub about: Text,
    /// The fields of its evidence.
    pub fields: Vec<Field>,
    /// Its outcomes, from the one that leaves free to the most restrictive.
    pub outcomes: Vec<NamedWord>,
    /// Whether its outcomes last, and so need a way out; else they are the act of a moment.
    pub lasting: bool,
    #[serde(skip)]
    pub(crate) slots: Vec<Slot>,
    #[serde(skip)]
    pub(crate) invariants: Vec<(Condition, Text)>,
}

impl Schema {
    pub(crate) fn new<O: Word>(
        table: Table,
        about: Text,
        lasting: bool,
        mut fields: Vec<Field>,
        invariants: Vec<(&'static str, Text)>,
    ) -> Self {
        let mut slots = Vec::new();
        for (place, field) in fields.iter_mut().enumerate() {
            field.slot = slots.len();
            let slot = |low, high, time| Slot {
                field: place,
                low,
                high,
                time,
                moves: field.moves,
            };
            let flag = slot(0, 1, Time::Still);
            let tenths = HOTTEST;
            match &field.kind {
                FieldKind::Flag {} => slots.push(flag),
                FieldKind::MaybeFlag {} => slots.extend([flag, flag]),
                FieldKind::Word { words } => {
                    slots.push(slot(0, words.len() as i32 - 1, Time::Still));
                }
                FieldKind::Words { words } => slots.extend(words.iter().map(|_| flag)),
                FieldKind::Number { most } => slots.push(slot(0, *most as i32, Time::Still)),
                FieldKind::MaybeNumber { most } => {
                    slots.extend([flag, slot(0, *most as i32, Time::Still)]);
                }
                FieldKind::Daily { most } => slots.push(slot(0, *most as i32, Time::Daily)),
                FieldKind::Temperature {} => slots.extend([flag, slot(0, tenths, Time::Still)]),
                FieldKind::Day {} => slots.push(slot(0, NEVER, Time::Since)),
            }
        }
        assert!(slots.len() <= SLOTS, "a table has at most {SLOTS} slots");
        let mut schema = Self {
            table,
            about,
            fields,
            outcomes: named::<O>(),
            lasting,
            slots,
            invariants: Vec::new(),
        };
        // What is not known has the value 0.
        for field in &schema.fields {
            if field.width() == 2 && !matches!(field.kind, FieldKind::Words { .. }) {
                schema.invariants.push((
                    Condition::any([
                        Condition::within(field.slot, 1, 1),
                        Condition::within(field.slot + 1, 0, 0),
                    ]),
                    Text::new("what is not known is 0", "未知的值为0"),
                ));
            }
        }
        for (text, meaning) in invariants {
            let condition = invariant(&schema, text);
            schema.invariants.push((condition, meaning));
        }
        schema
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The place of an outcome's word.
    pub(crate) fn outcome(&self, word: &str) -> Option<usize> {
        self.outcomes.iter().position(|named| named.word == word)
    }

    /// The field that a slot belongs to.
    pub(crate) fn field_of(&self, slot: usize) -> &Field {
        &self.fields[self.slots[slot].field]
    }

    /// Every name that conditions may use for its fields.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for field in &self.fields {
            match field.kind {
                FieldKind::Day {} => names.push(format!("days_since_{}", field.name)),
                FieldKind::MaybeFlag {}
                | FieldKind::MaybeNumber { .. }
                | FieldKind::Temperature {} => {
                    names.extend([field.name.to_owned(), format!("{}_known", field.name)]);
                }
                _ => names.push(field.name.to_owned()),
            }
        }
        names
    }

    /// Whether a value is worth showing: that a thing is not known or never happened is not.
    pub(crate) fn says_something(&self, slot: usize, value: i32) -> bool {
        match self.field_of(slot).kind {
            FieldKind::Day {} => value != NEVER,
            FieldKind::Words { .. } => value != 0,
            _ => true,
        }
    }

    /// A slot's value, as a condition would write it.
    pub(crate) fn shown(&self, slot: usize, value: i32) -> String {
        let field = self.field_of(slot);
        let name = self.slot_name(slot);
        match &field.kind {
            FieldKind::Word { words } => {
                let word = usize::try_from(value).ok().and_then(|v| words.get(v));
                format!("{name} == '{}'", word.map_or("?", |named| named.word))
            }
            FieldKind::Words { words } => {
                let word = words.get(slot - field.slot).map_or("?", |named| named.word);
                if value == 0 {
                    format!("!('{word}' in {name})")
                } else {
                    format!("'{word}' in {name}")
                }
            }
            FieldKind::Day {} if value == NEVER => format!("{name} == never"),
            FieldKind::Temperature {} if slot > field.slot => {
                format!("{name} == {:.1}", f64::from(value) / 10.0)
            }
            FieldKind::Number { .. } | FieldKind::Daily { .. } | FieldKind::Day {} => {
                format!("{name} == {value}")
            }
            FieldKind::MaybeNumber { .. } if slot > field.slot => format!("{name} == {value}"),
            _ if value == 0 => format!("!{name}"),
            _ => name,
        }
    }

    /// How conditions name a slot.
    pub(crate) fn slot_name(&self, slot: usize) -> String {
        let field = self.field_of(slot);
        match &field.kind {
            FieldKind::Day {} => format!("days_since_{}", field.name),
            FieldKind::MaybeFlag {} | FieldKind::MaybeNumber { .. } | FieldKind::Temperature {}
                if slot == field.slot =>
            {
                format!("{}_known", field.name)
            }
            _ => field.name.to_owned(),
        }
    }
}

/// A record's slots on one day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slots {
    values: [i32; SLOTS],
    len: usize,
}

impl Slots {
    pub(crate) fn new() -> Self {
        Self {
            values: [0; SLOTS],
            len: 0,
        }
    }

    pub(crate) fn values(&self) -> &[i32; SLOTS] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [i32; SLOTS] {
        &mut self.values
    }

    fn push(&mut self, value: i32) {
        self.values[self.len] = value;
        self.len += 1;
    }
}

/// How a field's value goes into slots.
trait Fill {
    fn fill(&self, today: i32, slots: &mut Slots);
}

impl Fill for bool {
    fn fill(&self, _: i32, slots: &mut Slots) {
        slots.push(i32::from(*self));
    }
}

impl Fill for u32 {
    fn fill(&self, _: i32, slots: &mut Slots) {
        slots.push(i32::try_from(*self).unwrap_or(i32::MAX));
    }
}

impl Fill for Option<bool> {
    fn fill(&self, today: i32, slots: &mut Slots) {
        self.is_some().fill(today, slots);
        self.unwrap_or(false).fill(today, slots);
    }
}

impl Fill for Option<u32> {
    fn fill(&self, today: i32, slots: &mut Slots) {
        self.is_some().fill(today, slots);
        self.unwrap_or(0).fill(today, slots);
    }
}

impl Fill for Option<Temperature> {
    fn fill(&self, today: i32, slots: &mut Slots) {
        self.is_some().fill(today, slots);
        slots.push(self.map_or(0, |measured| i32::from(measured.tenths())));
    }
}

impl Fill for Option<Date> {
    fn fill(&self, today: i32, slots: &mut Slots) {
        let since = self.map_or(NEVER, |day| today - day_number(day));
        // What lies ahead has not happened yet; what lies a hundred years back never did.
        slots.push(if (0..NEVER).contains(&since) {
            since
        } else {
            NEVER
        });
    }
}

impl<W: Word> Fill for Words<W> {
    fn fill(&self, _: i32, slots: &mut Slots) {
        for place in 0..W::ALL.len() {
            slots.push((self.bits() >> place & 1) as i32);
        }
    }
}

struct Single<W>(W);

impl<W: Word> Fill for Single<W> {
    fn fill(&self, _: i32, slots: &mut Slots) {
        slots.push(self.0.index() as i32);
    }
}

/// Evidence that breaks its record's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct EvidenceError(pub Text);

/// A record that decisions of one table are made by.
pub trait Evidence: Clone + Default + PartialEq + Serialize + DeserializeOwned + 'static {
    /// What is decided.
    type Outcome: Word;

    /// The table.
    const TABLE: Table;

    /// Its fields, outcomes and invariants.
    fn schema() -> &'static Schema;

    /// Its slots on `today`.
    #[doc(hidden)]
    fn fill(&self, today: Date, slots: &mut FilledSlots);

    /// Checks ranges, days that lie ahead, and what must hold between fields.
    fn check(&self, today: Date) -> Result<(), EvidenceError> {
        let mut slots = FilledSlots(Slots::new());
        self.fill(today, &mut slots);
        let schema = Self::schema();
        for (slot, bounds) in schema.slots.iter().enumerate() {
            let value = slots.0.values()[slot];
            if value < bounds.low || value > bounds.high {
                let name = schema.slot_name(slot);
                return Err(EvidenceError(Text::new(
                    format!("`{name}` lies between {} and {}", bounds.low, bounds.high),
                    format!("“{name}”应在{}至{}之间", bounds.low, bounds.high),
                )));
            }
        }
        self.days_ahead(today)?;
        for (invariant, meaning) in &schema.invariants {
            if !invariant.holds(slots.0.values()) {
                return Err(EvidenceError(meaning.clone()));
            }
        }
        Ok(())
    }

    /// Refuses days after `today`.
    #[doc(hidden)]
    fn days_ahead(&self, today: Date) -> Result<(), EvidenceError>;
}

/// Slots, as a record fills them.
#[doc(hidden)]
pub struct FilledSlots(pub(crate) Slots);

fn ahead(name: &str, day: Option<Date>, today: Date) -> Result<(), EvidenceError> {
    match day {
        Some(day) if day > today => Err(EvidenceError(Text::new(
            format!("`{name}` lies after the day asked for ({today})"),
            format!("“{name}”晚于所问日期（{today}）"),
        ))),
        _ => Ok(()),
    }
}

macro_rules! field_type {
    (flag) => { bool };
    (maybe_flag) => { Option<bool> };
    (word $word:ty) => { $word };
    (choice $word:ty) => { $word };
    (words $word:ty) => { Words<$word> };
    (number $most:literal) => { u32 };
    (maybe_number $most:literal) => { Option<u32> };
    (daily $most:literal) => { u32 };
    (temperature) => { Option<Temperature> };
    (day) => { Option<Date> };
}

macro_rules! field_kind {
    (flag) => {
        FieldKind::Flag {}
    };
    (maybe_flag) => {
        FieldKind::MaybeFlag {}
    };
    (word $word:ty) => {
        FieldKind::Word {
            words: named::<$word>(),
        }
    };
    (choice $word:ty) => {
        FieldKind::Word {
            words: named::<$word>(),
        }
    };
    (words $word:ty) => {
        FieldKind::Words {
            words: named::<$word>(),
        }
    };
    (number $most:literal) => {
        FieldKind::Number { most: $most }
    };
    (maybe_number $most:literal) => {
        FieldKind::MaybeNumber { most: $most }
    };
    (daily $most:literal) => {
        FieldKind::Daily { most: $most }
    };
    (temperature) => {
        FieldKind::Temperature {}
    };
    (day) => {
        FieldKind::Day {}
    };
}

macro_rules! field_fill {
    ($value:expr, $today:ident, $slots:ident, word $word:ty) => {
        Single($value).fill($today, $slots)
    };
    ($value:expr, $today:ident, $slots:ident, choice $word:ty) => {
        Single($value).fill($today, $slots)
    };
    ($value:expr, $today:ident, $slots:ident, $($kind:tt)+) => {
        $value.fill($today, $slots)
    };
}

macro_rules! field_default {
    (word $word:ty) => {
        <$word as Word>::ALL[0]
    };
    (choice $word:ty) => {
        <$word as Word>::ALL[0]
    };
    ($($kind:tt)+) => {
        Default::default()
    };
}

macro_rules! field_ahead {
    ($name:literal, $value:expr, $today:ident, day) => {
        ahead($name, $value, $today)?
    };
    ($name:literal, $value:expr, $today:ident, $($kind:tt)+) => {};
}

macro_rules! field_required {
    (choice $word:ty) => {
        true
    };
    ($($kind:tt)+) => {
        false
    };
}

macro_rules! field_moves {
    (moves) => {
        true
    };
    (stays) => {
        false
    };
}

macro_rules! evidence {
    (
        $(#[$doc:meta])*
        $name:ident, $table:ident, $outcome:ty, $lasting:literal, $en:literal, $zh:literal;
        fields { $($field:ident = $fname:literal: ($($kind:tt)+), $moves:ident, $fen:literal, $fzh:literal;)+ }
        invariants { $($rule:literal, $ren:literal, $rzh:literal;)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $(#[doc = $fen] pub $field: field_type!($($kind)+)),+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: field_default!($($kind)+)),+ }
            }
        }

        impl Evidence for $name {
            type Outcome = $outcome;

            const TABLE: Table = Table::$table;

            fn schema() -> &'static Schema {
                static SCHEMA: std::sync::LazyLock<Schema> = std::sync::LazyLock::new(|| {
                    Schema::new::<$outcome>(
                        Table::$table,
                        Text::new($en, $zh),
                        $lasting,
                        vec![$(Field {
                            name: $fname,
                            label: Text::new($fen, $fzh),
                            kind: field_kind!($($kind)+),
                            moves: field_moves!($moves),
                            required: field_required!($($kind)+),
                            slot: 0,
                        }),+],
                        vec![$(($rule, Text::new($ren, $rzh))),*],
                    )
                });
                &SCHEMA
            }

            fn fill(&self, today: Date, slots: &mut FilledSlots) {
                let today = day_number(today);
                let slots = &mut slots.0;
                $(field_fill!(self.$field, today, slots, $($kind)+);)+
            }

            fn days_ahead(&self, today: Date) -> Result<(), EvidenceError> {
                $(field_ahead!($fname, self.$field, today, $($kind)+);)+
                let _ = today;
                Ok(())
            }
        }
    };
}

mod form;
mod records;
pub use records::{
    ContactEvidence, EntryEvidence, PassEvidence, QuarantineEvidence, ReopeningEvidence,
    RiskEvidence,
};

/// The schema of a table.
pub fn schema(table: Table) -> &'static Schema {
    match table {
        Table::Entry => EntryEvidence::schema(),
        Table::Contact => ContactEvidence::schema(),
        Table::Quarantine => QuarantineEvidence::schema(),
        Table::Pass => PassEvidence::schema(),
        Table::Risk => RiskEvidence::schema(),
        Table::Reopening => ReopeningEvidence::schema(),
    }
}
