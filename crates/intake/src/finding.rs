//! What is wrong or odd with one row: which field, why, and what would be accepted.
//!
//! No message repeats a value: it may be somebody's name or number. The row number leads whoever
//! may see the file to it.

use std::fmt;

use lianfang_core::text::Text;
use serde::{Deserialize, Serialize};

/// A reason for refusing a row, or a warning about one that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// The field, by its name in the data dictionary; `row` where it is the row as a whole.
    pub field: String,
    /// The reason, for machines.
    pub code: Code,
    /// The reason, for people.
    pub message: Text,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// A reason, for machines.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// The word in files and answers.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

codes! {
    /// A cell is longer than accepted.
    CellTooLong = "cell_too_long",
    /// The row has more or fewer cells than the header.
    RaggedRow = "ragged_row",
    /// A required cell is empty.
    MissingValue = "missing_value",
    /// A coded field has a word that is not known.
    UnknownValue = "unknown_value",
    /// Text is too long or has control characters.
    TextForm = "text_form",
    /// An identifier's check character is wrong.
    CheckDigit = "check_digit",
    /// An identity document's number has the wrong form.
    DocumentForm = "document_form",
    /// A spreadsheet rounded a long number.
    NumberRounded = "number_rounded",
    /// A second document is not kept.
    SecondDocument = "second_document",
    /// A phone number has the wrong form and is not kept.
    PhoneForm = "phone_form",
    /// An area code has the wrong form.
    AreaForm = "area_form",
    /// A place has no area code in the preset.
    UnknownPlace = "unknown_place",
    /// An area code that the tree of areas does not have.
    AreaUnknown = "area_unknown",
    /// An area outside those of whoever imports.
    AreaForbidden = "area_forbidden",
    /// A case that an earlier row of the same file has already given, otherwise.
    RepeatedCase = "repeated_case",
    /// A total of an area and day that an earlier row of the same file has already given, otherwise.
    RepeatedTotal = "repeated_total",
    /// An age is no number of years up to 120.
    AgeForm = "age_form",
    /// A count is no whole number.
    NumberForm = "number_form",
    /// A date is in none of the accepted forms.
    DateForm = "date_form",
    /// A day that is not in the calendar, or before 1900.
    DateUnreal = "date_unreal",
    /// A day after the day of the import.
    DateFuture = "date_future",
    /// An order of days that cannot be.
    DateOrder = "date_order",
    /// An order of days that can be but seldom is.
    DateOrderOdd = "date_order_odd",
    /// A day before the person was born.
    BeforeBirth = "before_birth",
    /// An outcome's day without an outcome; the day is not kept.
    OutcomeUnknown = "outcome_unknown",
    /// Age and date of birth disagree.
    AgeDisagrees = "age_disagrees",
    /// Sex and identity number disagree.
    SexDisagrees = "sex_disagrees",
    /// An asymptomatic case with a day of onset.
    OnsetWithoutSymptoms = "onset_without_symptoms",
    /// A time of day is in none of the accepted forms.
    TimeForm = "time_form",
    /// The row says nothing by which the person could be known.
    Nobody = "nobody",
    /// A row that was read, and that the gate or the roster did not accept.
    NotAccepted = "not_accepted",
    /// A case that is not on record: its line list comes first.
    CaseUnknown = "case_unknown",
    /// A contact that is not on record, or not of any case yet.
    ContactUnknown = "contact_unknown",
    /// The source has deleted this row.
    DeletedThere = "deleted_there",
    /// A household that an earlier row of the same file has already given, otherwise.
    RepeatedHousehold = "repeated_household",
    /// Parts add up to more than their whole.
    PartsExceedWhole = "parts_exceed_whole",
    /// A column that is not read.
    IgnoredColumn = "ignored_column",
    /// A stay longer than any that is taken.
    StayTooLong = "stay_too_long",
    /// A visit of a day that is no longer kept.
    NotKept = "not_kept",
    /// A place whose code leads to the number of another place.
    PlaceTaken = "place_taken",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What makes a [`Code`] with its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem<'a> {
    CellTooLong { limit: usize },
    RaggedRow { found: usize, expected: usize },
    MissingValue,
    UnknownValue { accepted: &'a str },
    TextForm { max: usize },
    CheckDigit,
    DocumentForm { accepted: &'a Text },
    NumberRounded,
    SecondDocument,
    PhoneForm,
    AreaForm,
    UnknownPlace,
    AgeForm,
    NumberForm,
    DateForm { accepted: &'a str },
    MomentForm { accepted: &'a str },
    TimeForm,
    Nobody,
    DateUnreal,
    DateFuture,
    DateOrder { earlier: &'a str },
    DateOrderOdd { earlier: &'a str },
    BeforeBirth,
    OutcomeUnknown,
    AgeDisagrees,
    SexDisagrees,
    OnsetWithoutSymptoms,
    PartsExceedWhole,
    IgnoredColumn,
    VisitTime,
    WordNotKept { accepted: &'a str },
    TemperatureForm,
    DeletedThere,
    ResultUnknown,
}

impl Problem<'_> {
    fn code(&self) -> Code {
        match self {
            Self::CellTooLong { .. } => Code::CellTooLong,
            Self::RaggedRow { .. } => Code::RaggedRow,
            Self::MissingValue => Code::MissingValue,
            Self::UnknownValue { .. } => Code::UnknownValue,
            Self::TextForm { .. } => Code::TextForm,
            Self::CheckDigit => Code::CheckDigit,
            Self::DocumentForm { .. } => Code::DocumentForm,
            Self::NumberRounded => Code::NumberRounded,
            Self::SecondDocument => Code::SecondDocument,
            Self::PhoneForm => Code::PhoneForm,
            Self::AreaForm => Code::AreaForm,
            Self::UnknownPlace => Code::UnknownPlace,
            Self::AgeForm => Code::AgeForm,
            Self::NumberForm => Code::NumberForm,
            Self::DateForm { .. } | Self::MomentForm { .. } => Code::DateForm,
            Self::TimeForm => Code::TimeForm,
            Self::Nobody => Code::Nobody,
            Self::DateUnreal => Code::DateUnreal,
            Self::DateFuture => Code::DateFuture,
            Self::DateOrder { .. } => Code::DateOrder,
            Self::DateOrderOdd { .. } => Code::DateOrderOdd,
            Self::BeforeBirth => Code::BeforeBirth,
            Self::OutcomeUnknown => Code::OutcomeUnknown,
            Self::AgeDisagrees => Code::AgeDisagrees,
            Self::SexDisagrees => Code::SexDisagrees,
            Self::OnsetWithoutSymptoms => Code::OnsetWithoutSymptoms,
            Self::PartsExceedWhole => Code::PartsExceedWhole,
            Self::IgnoredColumn => Code::IgnoredColumn,
            Self::VisitTime => Code::TimeForm,
            Self::WordNotKept { .. } => Code::UnknownValue,
            Self::TemperatureForm => Code::NumberForm,
            Self::DeletedThere => Code::DeletedThere,
            Self::ResultUnknown => Code::OutcomeUnknown,
        }
    }

    fn en(&self) -> String {
        match self {
            Self::CellTooLong { limit } => format!("a cell has more than {limit} bytes"),
            Self::RaggedRow { found, expected } => format!(
                "the row has {found} cells and the header {expected}; look for a missing or superfluous delimiter or quotation mark"
            ),
            Self::MissingValue => "must not be empty".into(),
            Self::UnknownValue { accepted } => format!("is none of the known words; accepted: {accepted}"),
            Self::TextForm { max } => format!("takes at most {max} characters, none of them a control character"),
            Self::CheckDigit => "the check character does not fit: a character is mistyped or two are swapped".into(),
            Self::DocumentForm { accepted } => accepted.en.clone(),
            Self::NumberRounded => "a spreadsheet rounded this number and its last digits are lost; format the column as text and enter it again".into(),
            Self::SecondDocument => "another document is kept for this person; this one is not".into(),
            Self::PhoneForm => "is no phone number and is not kept; accepted: 13800138000, 0575-83012345, +44 20 7946 0958".into(),
            Self::AreaForm => "is no area code; accepted: 6 (county), 9 (township), 12 (village) or 15 (grid) digits that begin with a province from 11 to 99".into(),
            Self::UnknownPlace => "is a place without an area code in the preset; add it under [areas] there, or write the code".into(),
            Self::AgeForm => "is no age; accepted: years from 0 to 120".into(),
            Self::NumberForm => "is no count; accepted: whole numbers from 0 to 4294967295 without separators".into(),
            Self::DateForm { accepted } => format!("is in none of the accepted forms of a date: {accepted}"),
            Self::MomentForm { accepted } => format!("is in none of the accepted forms of a date, alone or with a time such as 08:30 behind it: {accepted}"),
            Self::TimeForm => "is no time of day; accepted: 08:30, 8:30:00, 0830".into(),
            Self::Nobody => "takes a name, a document or a phone number: without any of them nobody can be found".into(),
            Self::DateUnreal => "there is no such day, or it is before 1900".into(),
            Self::DateFuture => "the day is after the day of this import".into(),
            Self::DateOrder { earlier } => format!("the day is before {}, which cannot be", en_field(earlier)),
            Self::DateOrderOdd { earlier } => format!("the day is before {earlier}; possible, but look again"),
            Self::BeforeBirth => "the day is before the date of birth in the identity number".into(),
            Self::OutcomeUnknown => "there is a day but no outcome (recovered or died); the day is not kept".into(),
            Self::AgeDisagrees => "differs by more than a year from the date of birth in the identity number".into(),
            Self::SexDisagrees => "differs from the sex in the identity number".into(),
            Self::OnsetWithoutSymptoms => "an asymptomatic case has a day of first symptoms; classify it anew?".into(),
            Self::PartsExceedWhole => "cured and dead together exceed confirmed".into(),
            Self::IgnoredColumn => "this column is not read".into(),
            Self::VisitTime => "is no date with a time of day; accepted: 2020-02-09 08:30, 2020-02-09T08:30:00+08:00".into(),
            Self::WordNotKept { accepted } => format!("is none of the known words and is not kept; accepted: {accepted}"),
            Self::TemperatureForm => "is no temperature; accepted: degrees Celsius such as 36.8".into(),
            Self::DeletedThere => "the source has deleted this row".into(),
            Self::ResultUnknown => "there is a day but no result; the day is not kept".into(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::CellTooLong { limit } => format!("单元格超过 {limit} 字节"),
            Self::RaggedRow { found, expected } => format!("该行有 {found} 个单元格，表头有 {expected} 个；请检查是否缺少或多出分隔符、引号"),
            Self::MissingValue => "不能为空".into(),
            Self::UnknownValue { accepted } => format!("不是已知的取值；可用：{accepted}"),
            Self::TextForm { max } => format!("最多 {max} 个字符，且不含控制符"),
            Self::CheckDigit => "校验码不符：有字符输错或相邻两位颠倒".into(),
            Self::DocumentForm { accepted } => accepted.zh.clone(),
            Self::NumberRounded => "号码已被表格软件舍入，末尾数字丢失；请把该列设为文本格式后重新录入".into(),
            Self::SecondDocument => "已采用此人的另一证件，本证件未保存".into(),
            Self::PhoneForm => "不是电话号码，未保存；可用：13800138000、0575-83012345、+44 20 7946 0958".into(),
            Self::AreaForm => "不是区划代码；应为 6（县级）、9（乡级）、12（村级）或 15（网格）位数字，前两位为 11 至 99".into(),
            Self::UnknownPlace => "该地名在预设中没有区划代码；请在预设的 [areas] 中补充，或直接填写代码".into(),
            Self::AgeForm => "不是年龄；应为 0 至 120 岁".into(),
            Self::NumberForm => "不是计数；应为 0 至 4294967295 的整数，不带分隔符".into(),
            Self::DateForm { accepted } => format!("不是可识别的日期格式；可用：{accepted}"),
            Self::MomentForm { accepted } => format!("不是可识别的日期格式；日期后可加 08:30 之类的时刻；可用：{accepted}"),
            Self::TimeForm => "不是时刻；可用：08:30、8:30:00、0830".into(),
            Self::Nobody => "姓名、证件号码、电话至少要有一项，否则无法查找此人".into(),
            Self::DateUnreal => "没有这一天，或早于 1900 年".into(),
            Self::DateFuture => "日期晚于导入当日".into(),
            Self::DateOrder { earlier } => format!("日期早于{}，不可能", zh_field(earlier)),
            Self::DateOrderOdd { earlier } => format!("日期早于{}；有可能，但请核对", zh_field(earlier)),
            Self::BeforeBirth => "日期早于身份证号中的出生日期".into(),
            Self::OutcomeUnknown => "有转归日期但没有转归（治愈或死亡），日期未保存".into(),
            Self::AgeDisagrees => "与身份证号中的出生日期相差一岁以上".into(),
            Self::SexDisagrees => "与身份证号中的性别不符".into(),
            Self::OnsetWithoutSymptoms => "无症状感染者填有发病日期；是否应重新分类？".into(),
            Self::PartsExceedWhole => "治愈与死亡之和超过确诊数".into(),
            Self::IgnoredColumn => "不读取此列".into(),
            Self::VisitTime => "不是带时刻的日期；可用：2020-02-09 08:30、2020-02-09T08:30:00+08:00".into(),
            Self::WordNotKept { accepted } => format!("不是已知的取值，未保存；可用：{accepted}"),
            Self::TemperatureForm => "不是体温；应为摄氏度，如 36.8".into(),
            Self::DeletedThere => "来源系统已删除该行".into(),
            Self::ResultUnknown => "有结果日期但没有结果，日期未保存".into(),
        }
    }
}

/// The English name of a field that an order of days speaks of.
fn en_field(field: &str) -> &str {
    match field {
        "onset" => "the first symptoms",
        "sampled" => "the first positive sample",
        "hospitalised" => "the admission to hospital",
        "exposed" => "the last exposure",
        "isolated" => "the begin of the isolation",
        "met_first" => "the first meeting",
        other => other,
    }
}

/// The Chinese name of a field that an order of days speaks of.
fn zh_field(field: &str) -> &str {
    match field {
        "onset" => "发病日期",
        "sampled" => "采样日期",
        "hospitalised" => "入院日期",
        "exposed" => "末次暴露日期",
        "isolated" => "隔离开始日期",
        "met_first" => "首次接触日期",
        other => other,
    }
}

/// The findings of one row, as they are made.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) row: u64,
    pub(crate) refusals: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
}

impl Findings {
    pub(crate) fn new(row: u64) -> Self {
        Self {
            row,
            ..Self::default()
        }
    }

    pub(crate) fn refuse(&mut self, field: &str, column: Option<&str>, problem: Problem<'_>) {
        let finding = self.finding(field, column, problem);
        self.refusals.push(finding);
    }

    pub(crate) fn warn(&mut self, field: &str, column: Option<&str>, problem: Problem<'_>) {
        let finding = self.finding(field, column, problem);
        self.warnings.push(finding);
    }

    fn finding(&self, field: &str, column: Option<&str>, problem: Problem<'_>) -> Finding {
        let column = column.unwrap_or(field);
        Finding {
            row: self.row,
            field: field.to_owned(),
            code: problem.code(),
            message: Text::new(
                format!("{column}: {}", problem.en()),
                format!("{column}：{}", problem.zh()),
            ),
        }
    }
}
