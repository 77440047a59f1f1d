//! From CEL's expression tree to a condition, with every type checked.

use std::collections::BTreeMap;

use cel::Program;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};
use lianfang_core::text::Text;

use super::Condition;
use crate::evidence::{FieldKind, HOTTEST, NEVER, Schema};

/// Longest condition, in characters. This also bounds how deep the parser and the compiler recurse.
const LONGEST: usize = 2_000;

/// Most comparisons of a compiled condition: `==` between two conditions and `? :` write theirs twice.
const MOST_COMPARISONS: usize = 4_000;

/// Largest whole number that a condition may speak of.
const LARGEST: i64 = 2_000_000_000;

/// What is wrong with a condition, and where.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// Characters before the place.
    pub(crate) at: usize,
    /// What is wrong, and what would be right.
    pub(crate) message: Text,
}

/// Named numbers of a pack, as conditions see them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers(pub(crate) BTreeMap<String, Named>);

/// A named number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Named {
    /// A whole one.
    Whole(i64),
    /// One with decimals.
    Decimal(f64),
}

/// A part of an expression, with its type.
enum Typed<'s> {
    Condition(Condition),
    /// A word field's slot and list.
    Word(usize, Vec<&'s str>),
    /// A set field's first slot and list.
    Set(usize, Vec<&'s str>),
    /// Text in the condition.
    Literal(String),
    /// A list in the condition.
    List(Vec<Typed<'s>>),
    /// Slots with their factors, and a constant.
    Whole(Vec<(usize, i64)>, i64),
    /// A temperature's slot.
    Tenths(usize),
    /// A decimal in the condition.
    Decimal(f64),
}

impl Typed<'_> {
    fn kind(&self) -> Text {
        match self {
            Self::Condition(_) => Text::new("a yes or no", "是/否"),
            Self::Word(..) => Text::new("a word", "词"),
            Self::Set(..) => Text::new("a list of words", "词表"),
            Self::Literal(_) => Text::new("a text", "文本"),
            Self::List(_) => Text::new("a list", "列表"),
            Self::Whole(..) => Text::new("a whole number", "整数"),
            Self::Tenths(_) => Text::new("a temperature", "体温"),
            Self::Decimal(_) => Text::new("a decimal", "小数"),
        }
    }
}

impl Typed<'_> {
    /// What a field of this kind is compared with.
    fn hint(&self) -> Option<Text> {
        match self {
            Self::Word(_, words) => Some(Text::new(
                format!("use == != or in with its words: '{}'", words.join("', '")),
                format!("请用== !=或in与其词比较：'{}'", words.join("'、'")),
            )),
            Self::Set(_, words) => Some(Text::new(
                format!(
                    "ask for one of its words, as in '{}' in …, or compare with []",
                    words[0]
                ),
                format!("请询问其中的词，例如'{}' in …，或与[]比较", words[0]),
            )),
            Self::Tenths(_) => Some(Text::new(
                "compare a temperature with a decimal, such as 37.3",
                "体温请与小数比较，例如37.3",
            )),
            Self::Whole(terms, _) if !terms.is_empty() => Some(Text::new(
                "compare a whole number with another",
                "整数请与整数比较",
            )),
            Self::Condition(_) => Some(Text::new(
                "a yes or no stands by itself, or after !",
                "是/否可直接使用，或在前面加!",
            )),
            _ => None,
        }
    }
}

/// Compiles `text` for the evidence of `schema`.
pub(crate) fn compile(schema: &Schema, numbers: &Numbers, text: &str) -> Result<Condition, Wrong> {
    let wrong = |at, en: String, zh: String| Wrong {
        at,
        message: Text::new(en, zh),
    };
    let length = text.chars().count();
    if text.trim().is_empty() || length > LONGEST {
        return Err(wrong(
            0,
            format!(
                "a condition has 1 to {LONGEST} characters; write `true` for one that always holds"
            ),
            format!("条件应为1至{LONGEST}个字符；恒成立请写true"),
        ));
    }
    if let Some(at) = text.chars().position(|c| c == '\0' || c == '`') {
        return Err(wrong(
            at,
            "this character has no place in a condition".into(),
            "条件中不能有此字符".into(),
        ));
    }
    let program = Program::compile(text).map_err(|errors| {
        let first = errors.errors.first();
        let (line, column) = first.map_or((1, 1), |error| error.pos);
        let at = offset(text, line, column);
        let said = said(first.map_or("", |error| error.msg.as_str()));
        wrong(
            at.min(length),
            format!("this is no CEL expression: {}", said.en),
            format!("不是有效的CEL表达式：{}", said.zh),
        )
    })?;
    let compiler = Compiler {
        schema,
        numbers,
        program: &program,
    };
    let root = program.expression();
    match compiler.expression(root)? {
        Typed::Condition(condition) => Ok(condition),
        other => {
            let kind = other.kind();
            Err(compiler.wrong(
                root,
                format!("a condition must say yes or no; this is {}", kind.en),
                format!("条件须得出是或否；此处为{}", kind.zh),
            ))
        }
    }
}

/// Characters before a line and column of a text.
fn offset(text: &str, line: isize, column: isize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(usize::try_from(line - 1).unwrap_or(0))
        .map(|line| line.chars().count())
        .sum();
    before + usize::try_from(column - 1).unwrap_or(0)
}

/// What the parser said, in plain words where it is one of its common sentences.
fn said(message: &str) -> Text {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let shown = |text: &str| -> String { text.chars().take(60).collect() };
    let unexpected = message
        .strip_prefix("extraneous input ")
        .or(message.strip_prefix("mismatched input "))
        .and_then(|rest| rest.rsplit_once(" expecting "))
        .map(|(found, _)| found);
    let unknown = message.strip_prefix("token recognition error at: ");
    let missing = message
        .strip_prefix("missing ")
        .and_then(|rest| rest.split_once(" at "))
        .map(|(missing, _)| missing);
    if unexpected == Some("'<EOF>'") {
        return Text::new("it ends too early", "表达式不完整");
    }
    if let Some(missing) = missing {
        return Text::new(
            format!("{} is missing", shown(missing)),
            format!("缺少{}", shown(missing)),
        );
    }
    if let Some(found) = unexpected.or(unknown) {
        let (en, zh) = match found.trim_matches(['\'', ' ']) {
            "=" => ("; compare with ==", "；比较请用=="),
            "and" | "&" => ("; write &&", "；请写&&"),
            "or" | "|" => ("; write ||", "；请写||"),
            _ => ("", ""),
        };
        return Text::new(
            format!("{} does not belong here{en}", shown(found)),
            format!("此处不应有{}{zh}", shown(found)),
        );
    }
    match message.split(": ").next().unwrap_or(message) {
        "reserved identifier" => Text::new("this name is reserved", "此名称为保留字"),
        "invalid int literal" => Text::new("no such whole number", "整数超出范围"),
        // What follows a colon are the parser's own details.
        said => Text::new(shown(said), shown(said)),
    }
}

struct Compiler<'s> {
    schema: &'s Schema,
    numbers: &'s Numbers,
    program: &'s Program,
}

impl<'s> Compiler<'s> {
    fn wrong(&self, at: &IdedExpr, en: impl Into<String>, zh: impl Into<String>) -> Wrong {
        Wrong {
            at: self.start(at),
            message: Text::new(en, zh),
        }
    }

    /// Where an expression begins: at the first of its parts.
    fn start(&self, expression: &IdedExpr) -> usize {
        let mut own = self
            .program
            .source_info()
            .offset_for(expression.id)
            .map_or(usize::MAX, |(start, _)| start as usize);
        if let Expr::Call(call) = &expression.expr
            && call.target.is_none()
            && call.func_name.starts_with(char::is_alphabetic)
        {
            // The parser gives the place of the parenthesis after the name.
            own = own.saturating_sub(call.func_name.chars().count());
        }
        let parts: Vec<&IdedExpr> = match &expression.expr {
            Expr::Call(call) => call.target.iter().map(|t| &**t).chain(&call.args).collect(),
            Expr::Select(select) => vec![&select.operand],
            Expr::Comprehension(comprehension) => vec![&comprehension.iter_range],
            _ => Vec::new(),
        };
        let start = parts.into_iter().map(|part| self.start(part)).min();
        let start = own.min(start.unwrap_or(usize::MAX));
        if start == usize::MAX { 0 } else { start }
    }

    fn expression(&self, expression: &IdedExpr) -> Result<Typed<'s>, Wrong> {
        match &expression.expr {
            Expr::Literal(literal) => self.literal(expression, literal),
            Expr::Ident(name) => self.name(expression, name),
            Expr::List(list) => Ok(Typed::List(
                list.elements
                    .iter()
                    .map(|element| self.expression(element))
                    .collect::<Result<_, _>>()?,
            )),
            Expr::Call(call) => self.call(expression, call),
            Expr::Select(_) => Err(self.wrong(
                expression,
                "fields are named without a dot, as in `contact == 'close'`",
                "字段名不带点，例如contact == 'close'",
            )),
            _ => Err(self.beyond(expression)),
        }
    }

    fn beyond(&self, expression: &IdedExpr) -> Wrong {
        self.wrong(
            expression,
            "conditions use && || ! == != < <= > >= in + - * ? : and names of the evidence; nothing else of CEL",
            "条件只用&& || ! == != < <= > >= in + - * ?:及证据字段名",
        )
    }

    fn literal(&self, at: &IdedExpr, literal: &LiteralValue) -> Result<Typed<'s>, Wrong> {
        match literal {
            LiteralValue::Boolean(value) => Ok(Typed::Condition(Condition::Always(*value.inner()))),
            LiteralValue::Int(value) => self.whole(at, Vec::new(), *value.inner()),
            LiteralValue::Double(value) => Ok(Typed::Decimal(*value.inner())),
            LiteralValue::String(value) => Ok(Typed::Literal(value.inner().to_owned())),
            _ => Err(self.beyond(at)),
        }
    }

    fn whole(
        &self,
        at: &IdedExpr,
        terms: Vec<(usize, i64)>,
        constant: i64,
    ) -> Result<Typed<'s>, Wrong> {
        let small = |n: i64| (-LARGEST..=LARGEST).contains(&n);
        if small(constant) && terms.iter().all(|(_, factor)| small(*factor)) {
            Ok(Typed::Whole(terms, constant))
        } else {
            Err(self.wrong(
                at,
                format!("whole numbers lie between -{LARGEST} and {LARGEST}"),
                format!("整数应在-{LARGEST}至{LARGEST}之间"),
            ))
        }
    }

    fn name(&self, at: &IdedExpr, name: &str) -> Result<Typed<'s>, Wrong> {
        if name == "never" {
            return Ok(Typed::Whole(Vec::new(), i64::from(NEVER)));
        }
        if let Some(number) = self.numbers.0.get(name) {
            return match number {
                Named::Whole(value) => self.whole(at, Vec::new(), *value),
                Named::Decimal(value) => Ok(Typed::Decimal(*value)),
            };
        }
        let flag = |slot| Ok(Typed::Condition(Condition::within(slot, 1, 1)));
        let number = |slot| Ok(Typed::Whole(vec![(slot, 1)], 0));
        for field in &self.schema.fields {
            let slot = field.slot;
            let known = name
                .strip_suffix("_known")
                .is_some_and(|stem| stem == field.name);
            match &field.kind {
                FieldKind::Day {} => {
                    if name.strip_prefix("days_since_") == Some(field.name) {
                        return number(slot);
                    }
                    if name == field.name {
                        return Err(self.wrong(
                            at,
                            format!("`{name}` is a day; conditions ask `days_since_{name}`"),
                            format!("“{name}”是日期，条件中请用days_since_{name}"),
                        ));
                    }
                }
                FieldKind::MaybeFlag {}
                | FieldKind::MaybeNumber { .. }
                | FieldKind::Temperature {}
                    if known =>
                {
                    return flag(slot);
                }
                kind if name == field.name => {
                    return match kind {
                        FieldKind::Flag {} => flag(slot),
                        FieldKind::MaybeFlag {} => flag(slot + 1),
                        FieldKind::Word { words } => Ok(Typed::Word(
                            slot,
                            words.iter().map(|named| named.word).collect(),
                        )),
                        FieldKind::Words { words } => Ok(Typed::Set(
                            slot,
                            words.iter().map(|named| named.word).collect(),
                        )),
                        FieldKind::Number { .. } | FieldKind::Daily { .. } => number(slot),
                        FieldKind::MaybeNumber { .. } => number(slot + 1),
                        FieldKind::Temperature {} => Ok(Typed::Tenths(slot + 1)),
                        FieldKind::Day {} => unreachable!("days are handled above"),
                    };
                }
                _ => {}
            }
        }
        Err(self.unknown(at, name))
    }

    /// Every name that a condition may use here.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.numbers.0.keys().cloned().collect();
        names.extend(self.schema.names());
        names.push("never".into());
        names
    }

    fn unknown(&self, at: &IdedExpr, name: &str) -> Wrong {
        let names = self.names();
        let shown: String = name.chars().take(60).collect();
        let near = nearest(name, names.iter().map(String::as_str));
        let table = self.schema.table;
        let is_word = self.schema.fields.iter().any(|field| match &field.kind {
            FieldKind::Word { words } | FieldKind::Words { words } => {
                words.iter().any(|named| named.word == name)
            }
            _ => false,
        });
        if is_word {
            return self.wrong(
                at,
                format!("`{shown}` is a word; words stand in quotes: '{shown}'"),
                format!("“{shown}”是词，须加引号：'{shown}'"),
            );
        }
        match near {
            Some(near) => self.wrong(
                at,
                format!("`{shown}` is not a name of the table `{table}`; did you mean `{near}`?"),
                format!("表“{table}”中没有“{shown}”；是否应为“{near}”？"),
            ),
            None => self.wrong(
                at,
                format!(
                    "`{shown}` is not a name of the table `{table}`; known are {}",
                    names.join(", ")
                ),
                format!("表“{table}”中没有“{shown}”；可用：{}", names.join("、")),
            ),
        }
    }

    fn call(&self, at: &IdedExpr, call: &CallExpr) -> Result<Typed<'s>, Wrong> {
        if call.target.is_some() {
            return Err(self.beyond(at));
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND, parts) => self.join(parts, Condition::all),
            (op::LOGICAL_OR, parts) => self.join(parts, Condition::any),
            (op::LOGICAL_NOT, [inner]) => Ok(Typed::Condition(self.condition(inner)?.negate())),
            (op::CONDITIONAL, [question, yes, no]) => {
                let question = self.condition(question)?;
                let yes = self.condition(yes)?;
                let no = self.condition(no)?;
                let condition = Condition::any([
                    Condition::all([question.clone(), yes]),
                    Condition::all([question.negate(), no]),
                ]);
                self.bounded(at, condition)
            }
            (op::EQUALS, [a, b]) => self.equals(at, a, b),
            (op::NOT_EQUALS, [a, b]) => match self.equals(at, a, b)? {
                Typed::Condition(condition) => Ok(Typed::Condition(condition.negate())),
                other => Ok(other),
            },
            (op::LESS, [a, b]) => self.compare(at, a, b, true),
            (op::GREATER, [a, b]) => self.compare(at, b, a, true),
            (op::LESS_EQUALS, [a, b]) => self.compare(at, a, b, false),
            (op::GREATER_EQUALS, [a, b]) => self.compare(at, b, a, false),
            (op::IN, [item, list]) => self.among(at, item, list),
            (op::ADD, [a, b]) => self.sum(at, a, b, 1),
            (op::SUBSTRACT, [a, b]) => self.sum(at, a, b, -1),
            (op::MULTIPLY, [a, b]) => self.product(at, a, b),
            (op::NEGATE, [inner]) => match self.expression(inner)? {
                Typed::Whole(terms, constant) => self.whole(
                    at,
                    terms.into_iter().map(|(slot, f)| (slot, -f)).collect(),
                    -constant,
                ),
                Typed::Decimal(value) => Ok(Typed::Decimal(-value)),
                other => Err(self.expected(inner, "a number", "数字", &other)),
            },
            _ => Err(self.beyond(at)),
        }
    }

    /// Refuses a condition that has grown too large, before it doubles again.
    fn bounded(&self, at: &IdedExpr, condition: Condition) -> Result<Typed<'s>, Wrong> {
        let mut comparisons = 0;
        condition.atoms(&mut |_| comparisons += 1);
        if comparisons <= MOST_COMPARISONS {
            return Ok(Typed::Condition(condition));
        }
        Err(self.wrong(
            at,
            format!("this comes to more than {MOST_COMPARISONS} comparisons; write it with fewer == and ? : between conditions"),
            format!("展开后超过{MOST_COMPARISONS}次比较；请减少条件之间的==与?:"),
        ))
    }

    fn join(
        &self,
        parts: &[IdedExpr],
        join: impl FnOnce(Vec<Condition>) -> Condition,
    ) -> Result<Typed<'s>, Wrong> {
        let parts = parts
            .iter()
            .map(|part| self.condition(part))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Typed::Condition(join(parts)))
    }

    fn condition(&self, expression: &IdedExpr) -> Result<Condition, Wrong> {
        match self.expression(expression)? {
            Typed::Condition(condition) => Ok(condition),
            other => Err(self.expected(expression, "a yes or no", "是/否", &other)),
        }
    }

    fn expected(&self, at: &IdedExpr, en: &str, zh: &str, found: &Typed<'_>) -> Wrong {
        let found = found.kind();
        self.wrong(
            at,
            format!("{en} belongs here; this is {}", found.en),
            format!("此处应为{zh}，而非{}", found.zh),
        )
    }

    fn mixed(&self, at: &IdedExpr, a: &Typed<'_>, b: &Typed<'_>) -> Wrong {
        let hint = a.hint().or(b.hint()).unwrap_or_else(|| {
            Text::new(
                "compare a field of the evidence with a value of its kind",
                "请将证据字段与同类的值比较",
            )
        });
        let (a, b) = (a.kind(), b.kind());
        self.wrong(
            at,
            format!("{} cannot be compared with {}; {}", a.en, b.en, hint.en),
            format!("{}不能与{}比较；{}", a.zh, b.zh, hint.zh),
        )
    }

    fn word(&self, at: &IdedExpr, words: &[&str], word: &str) -> Result<usize, Wrong> {
        words
            .iter()
            .position(|known| *known == word)
            .ok_or_else(|| {
                let shown: String = word.chars().take(60).collect();
                self.wrong(
                    at,
                    format!("'{shown}' is none of its words: {}", words.join(", ")),
                    format!("“{shown}”不在其词表中：{}", words.join("、")),
                )
            })
    }

    fn equals(&self, at: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Result<Typed<'s>, Wrong> {
        let (left, right) = (self.expression(a)?, self.expression(b)?);
        let condition = match (left, right) {
            (Typed::Condition(a), Typed::Condition(b)) => {
                let condition = Condition::any([
                    Condition::all([a.clone(), b.clone()]),
                    Condition::all([a.negate(), b.negate()]),
                ]);
                return self.bounded(at, condition);
            }
            (Typed::Word(slot, words), Typed::Literal(word)) => Condition::OneOf {
                slot,
                mask: 1 << self.word(b, &words, &word)?,
            },
            (Typed::Literal(word), Typed::Word(slot, words)) => Condition::OneOf {
                slot,
                mask: 1 << self.word(a, &words, &word)?,
            },
            (Typed::Set(slot, words), Typed::List(list))
            | (Typed::List(list), Typed::Set(slot, words))
                if list.is_empty() =>
            {
                Condition::all((0..words.len()).map(|place| Condition::within(slot + place, 0, 0)))
            }
            (Typed::Whole(left, c), Typed::Whole(right, d)) => {
                let (terms, constant) = difference(left, c, right, d);
                self.exactly(at, &terms, constant)?
            }
            (Typed::Tenths(slot), Typed::Decimal(value))
            | (Typed::Decimal(value), Typed::Tenths(slot)) => {
                tenths(slot, |t| (t..=t).contains(&value))
            }
            (left, right) => return Err(self.mixed(at, &left, &right)),
        };
        Ok(Typed::Condition(condition))
    }

    /// `a < b` if `strictly`, else `a <= b`.
    fn compare(
        &self,
        at: &IdedExpr,
        a: &IdedExpr,
        b: &IdedExpr,
        strictly: bool,
    ) -> Result<Typed<'s>, Wrong> {
        let (left, right) = (self.expression(a)?, self.expression(b)?);
        let condition = match (left, right) {
            (Typed::Whole(left, c), Typed::Whole(right, d)) => {
                let (terms, constant) = difference(left, c, right, d);
                self.at_most(at, &terms, constant + i64::from(strictly))?
            }
            (Typed::Tenths(slot), Typed::Decimal(value)) => {
                tenths(slot, |t| if strictly { t < value } else { t <= value })
            }
            (Typed::Decimal(value), Typed::Tenths(slot)) => {
                tenths(slot, |t| if strictly { value < t } else { value <= t })
            }
            (left, right) => return Err(self.mixed(at, &left, &right)),
        };
        Ok(Typed::Condition(condition))
    }

    /// The sum of the terms and the constant is at most 0.
    fn at_most(
        &self,
        at: &IdedExpr,
        terms: &[(usize, i64)],
        constant: i64,
    ) -> Result<Condition, Wrong> {
        match terms {
            [] => Ok(Condition::Always(constant <= 0)),
            [(slot, factor)] => {
                // factor × value <= -constant
                let limit = (-constant).div_euclid(factor.abs());
                Ok(if *factor > 0 {
                    self.within(*slot, i64::MIN, limit)
                } else {
                    self.within(*slot, -limit, i64::MAX)
                })
            }
            [(a, 1), (b, -1)] | [(b, -1), (a, 1)] => Ok(self.apart(*a, *b, -constant)),
            _ => Err(self.wrong(
                at,
                "compare a number with a constant, or two numbers with each other",
                "请将一个数与常数比较，或将两个数相互比较",
            )),
        }
    }

    /// The sum of the terms and the constant is 0.
    fn exactly(
        &self,
        at: &IdedExpr,
        terms: &[(usize, i64)],
        constant: i64,
    ) -> Result<Condition, Wrong> {
        if let [(slot, factor)] = terms {
            let value = -constant / factor;
            return Ok(if value * factor == -constant {
                self.within(*slot, value, value)
            } else {
                Condition::Always(false)
            });
        }
        let back: Vec<_> = terms.iter().map(|(slot, f)| (*slot, -f)).collect();
        Ok(Condition::all([
            self.at_most(at, terms, constant)?,
            self.at_most(at, &back, -constant)?,
        ]))
    }

    /// A slot's value lies between two bounds, which are brought within the slot's own.
    fn within(&self, slot: usize, low: i64, high: i64) -> Condition {
        let bounds = self.schema.slots[slot];
        let low = low.max(bounds.low.into());
        let high = high.min(bounds.high.into());
        match (i32::try_from(low), i32::try_from(high)) {
            (Ok(low), Ok(high)) if (low, high) == (bounds.low, bounds.high) => {
                Condition::Always(true)
            }
            (Ok(low), Ok(high)) if low <= high => Condition::within(slot, low, high),
            _ => Condition::Always(false),
        }
    }

    /// One slot's value exceeds another's by at most so much.
    fn apart(&self, a: usize, b: usize, most: i64) -> Condition {
        let bounds = |slot: usize| {
            let bounds = self.schema.slots[slot];
            (i64::from(bounds.low), i64::from(bounds.high))
        };
        let ((a_low, a_high), (b_low, b_high)) = (bounds(a), bounds(b));
        match i32::try_from(most) {
            Ok(most) if (a_low - b_high..a_high - b_low).contains(&i64::from(most)) => {
                Condition::Apart { a, b, most }
            }
            _ => Condition::Always(most >= a_high - b_low),
        }
    }

    fn among(&self, at: &IdedExpr, item: &IdedExpr, list: &IdedExpr) -> Result<Typed<'s>, Wrong> {
        let (left, right) = (self.expression(item)?, self.expression(list)?);
        let condition = match (left, right) {
            (Typed::Literal(word), Typed::Set(slot, words)) => {
                Condition::within(slot + self.word(item, &words, &word)?, 1, 1)
            }
            (Typed::Word(slot, words), Typed::List(parts)) => {
                let mut mask = 0;
                for (element, at) in parts.iter().zip(elements(list)) {
                    match element {
                        Typed::Literal(word) => mask |= 1 << self.word(at, &words, word)?,
                        other => {
                            return Err(self.expected(at, "a word in quotes", "带引号的词", other));
                        }
                    }
                }
                Condition::OneOf { slot, mask }
            }
            (Typed::Whole(terms, constant), Typed::List(parts)) => {
                let mut any = Vec::new();
                for (element, place) in parts.into_iter().zip(elements(list)) {
                    match element {
                        Typed::Whole(other, d) if other.is_empty() => {
                            let (terms, c) = difference(terms.clone(), constant, other, d);
                            any.push(self.exactly(at, &terms, c)?);
                        }
                        other => {
                            return Err(self.expected(place, "a whole number", "整数", &other));
                        }
                    }
                }
                Condition::any(any)
            }
            (left, right) => {
                let (a, b) = (left.kind(), right.kind());
                return Err(self.wrong(
                    at,
                    format!("{} cannot be looked for in {}; write `contact in ['close', 'secondary']` or `'fever' in symptoms`", a.en, b.en),
                    format!("不能在{}中查找{}；写法如contact in ['close', 'secondary']或'fever' in symptoms", b.zh, a.zh),
                ));
            }
        };
        Ok(Typed::Condition(condition))
    }

    fn sum(
        &self,
        at: &IdedExpr,
        a: &IdedExpr,
        b: &IdedExpr,
        sign: i64,
    ) -> Result<Typed<'s>, Wrong> {
        match (self.expression(a)?, self.expression(b)?) {
            (Typed::Whole(left, c), Typed::Whole(right, d)) => {
                let right = right.into_iter().map(|(s, f)| (s, f * -sign)).collect();
                let (terms, constant) = difference(left, c, right, d * -sign);
                self.whole(at, terms, constant)
            }
            (Typed::Whole(..), other) | (other, _) => {
                Err(self.expected(at, "a whole number", "整数", &other))
            }
        }
    }

    fn product(&self, at: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Result<Typed<'s>, Wrong> {
        match (self.expression(a)?, self.expression(b)?) {
            (Typed::Whole(terms, c), Typed::Whole(none, factor))
            | (Typed::Whole(none, factor), Typed::Whole(terms, c))
                if none.is_empty() =>
            {
                self.whole(
                    at,
                    terms
                        .into_iter()
                        .map(|(s, f)| (s, f.saturating_mul(factor)))
                        .filter(|(_, f)| *f != 0)
                        .collect(),
                    c.saturating_mul(factor),
                )
            }
            _ => Err(self.wrong(
                at,
                "one side of * must be a constant whole number",
                "乘号一侧须为整数常数",
            )),
        }
    }
}

/// The expressions of a list.
fn elements(list: &IdedExpr) -> &[IdedExpr] {
    match &list.expr {
        Expr::List(list) => &list.elements,
        _ => &[],
    }
}

/// The first sum less the second.
fn difference(
    mut left: Vec<(usize, i64)>,
    c: i64,
    right: Vec<(usize, i64)>,
    d: i64,
) -> (Vec<(usize, i64)>, i64) {
    for (slot, factor) in right {
        match left.iter_mut().find(|(other, _)| *other == slot) {
            Some((_, f)) => *f -= factor,
            None => left.push((slot, -factor)),
        }
    }
    left.retain(|(_, factor)| *factor != 0);
    (left, c - d)
}

/// The temperatures for which `holds`: an unbroken run.
fn tenths(slot: usize, holds: impl Fn(f64) -> bool) -> Condition {
    let fits = |tenths: &i32| holds(f64::from(*tenths) / 10.0);
    match ((0..=HOTTEST).find(fits), (0..=HOTTEST).rev().find(fits)) {
        (Some(0), Some(HOTTEST)) => Condition::Always(true),
        (Some(low), Some(high)) => Condition::within(slot, low, high),
        _ => Condition::Always(false),
    }
}

/// The known name that is nearest to what was written, if any is near.
fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written: String = written.chars().take(60).collect();
    names
        .map(|name| (strsim::levenshtein(&written, name), name))
        .filter(|(edits, name)| *edits <= 3 && *edits * 2 < name.chars().count())
        .min()
        .map(|(_, name)| name)
}
