//! Line lists in the forms that offices send: every refusal, every encoding, every trap.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use jiff::civil::{Date, date};
use lianfang_core::cases::{Classification, Origin, Outcome, Severity};
use lianfang_core::identifiers::Document;
use lianfang_core::people::Sex;
use lianfang_core::text::Language;
use lianfang_intake::refused::RefusedWriter;
use lianfang_intake::{
    Code, Entry, FileError, ImportReport, Kind, LineList, LineListRow, Options, Preset, Source,
};
use proptest::prelude::*;

const TODAY: Date = date(2020, 2, 9);

fn open(preset: &str, bytes: impl Into<Vec<u8>>) -> Result<LineList, FileError> {
    let preset = Preset::built_in(preset).unwrap();
    LineList::open(
        Source::bytes("cases.csv", bytes.into()),
        &preset,
        Options::new(TODAY),
    )
}

fn entries(preset: &str, bytes: impl Into<Vec<u8>>) -> Vec<Entry<LineListRow>> {
    open(preset, bytes).unwrap().map(Result::unwrap).collect()
}

fn taken(preset: &str, bytes: impl Into<Vec<u8>>) -> LineListRow {
    match entries(preset, bytes).remove(0) {
        Entry::Taken(taken) => taken.row,
        Entry::Refused(refused) => panic!("{:?}", refused.findings),
    }
}

fn report(preset: &str, bytes: impl Into<Vec<u8>>) -> ImportReport {
    let mut report = ImportReport::new("cases.csv", Kind::Linelist, Some(preset), true);
    for entry in entries(preset, bytes) {
        match entry {
            Entry::Taken(taken) => report.count_taken(&taken.warnings),
            Entry::Refused(refused) => report.count_refused(&refused),
        }
    }
    report
}

const CHINESE: &str = "病例编号,姓名,性别,年龄,身份证号,护照号,联系电话,现住址,现住地区编码,发病日期,采样日期,诊断日期,报告日期,入院日期,病例分类,临床严重程度,转归,转归日期,感染来源,输入来源地,聚集性疫情\n\
    330683-001,王小明,女,70,11010519491231002X,,138 0013 8000,鹿山街道1号,330683001002,2020年1月28日,2020/1/30,20200131,2020-01-31,43861,确诊病例,普通型,治愈,2020-02-08,外省输入,武汉,年会\n";

fn check_chinese(row: &LineListRow) {
    let printed = format!("{row:?}");
    assert!(!printed.contains("王小明") && !printed.contains("鹿山") && !printed.contains("1101"));
    assert_eq!(row.row, 2);
    assert_eq!(row.external_id.as_deref(), Some("330683-001"));
    assert_eq!(row.name.as_deref(), Some("王小明"));
    assert_eq!((row.sex, row.age_years), (Some(Sex::Female), Some(70)));
    assert_eq!(
        row.document.as_ref().map(Document::number),
        Some("11010519491231002X")
    );
    assert_eq!(
        row.phone.as_ref().map(ToString::to_string).as_deref(),
        Some("+8613800138000")
    );
    assert_eq!(
        row.area.map(|area| area.to_string()).as_deref(),
        Some("330683001002")
    );
    assert_eq!(row.onset, Some(date(2020, 1, 28)));
    assert_eq!(row.sampled, Some(date(2020, 1, 30)));
    assert_eq!(row.diagnosed, Some(date(2020, 1, 31)));
    assert_eq!(row.hospitalised, Some(date(2020, 1, 31)));
    assert_eq!(row.classification, Classification::Confirmed);
    assert_eq!(row.severity, Some(Severity::Moderate));
    assert_eq!(
        (row.outcome, row.outcome_date),
        (Some(Outcome::Recovered), Some(date(2020, 2, 8)))
    );
    assert_eq!(row.origin, Some(Origin::Imported));
    assert_eq!(row.cluster.as_deref(), Some("年会"));
}

#[test]
fn the_chinese_form_is_read_in_every_encoding() {
    check_chinese(&taken("generic-zh", CHINESE));
    check_chinese(&taken("generic-zh", format!("\u{feff}{CHINESE}")));
    let (gb, _, unmappable) = encoding_rs::GB18030.encode(CHINESE);
    assert!(!unmappable);
    check_chinese(&taken("generic-zh", gb.into_owned()));
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(CHINESE.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    check_chinese(&taken("generic-zh", utf16));
    check_chinese(&taken(
        "generic-zh",
        CHINESE.replace(',', "\t").replace('\n', "\r\n"),
    ));
    check_chinese(&taken("generic-zh", CHINESE.replace(',', ";")));
}

#[test]
fn every_refusal_names_row_field_and_what_would_be_right() {
    let long = "长".repeat(3_000);
    let file = format!(
        "case_id,name,sex,age,resident_id,passport,phone,area,onset,sampled,hospitalised,classification,outcome,outcome_date\n\
         1,张三,m,30,110105194912310021,,,,,,,confirmed,,\n\
         2,张三,m,30,1101051949123100,,,,,,,confirmed,,\n\
         3,张三,m,30,1.10105E+17,,,,,,,confirmed,,\n\
         4,张三,m,30,,E1,,,,,,confirmed,,\n\
         5,张三,m,130,,,,,,,,confirmed,,\n\
         6,张三,m,x,,,,,,,,confirmed,,\n\
         7,张三,male?,30,,,,,,,,confirmed,,\n\
         8,张三,m,30,,,,3306,,,,confirmed,,\n\
         9,张三,m,30,,,,,2020-02-30,,,confirmed,,\n\
         10,张三,m,30,,,,,9.2.2020,,,confirmed,,\n\
         11,张三,m,30,,,,,2020-02-10,,,confirmed,,\n\
         12,张三,m,30,,,,,2020-02-03,,,confirmed,died,2020-02-02\n\
         13,张三,m,30,,,,,,,2020-02-03,confirmed,died,2020-02-02\n\
         14,张三,m,30,,,,,,2020-02-03,,confirmed,recovered,2020-02-02\n\
         15,张三,m,30,,,,,,,,,,\n\
         16,张三,m,30,,,,,,,,maybe,,\n\
         17,张三,m,30,,,,,,,,confirmed\n\
         18,张三,m,30,,,,,,,,confirmed,,,extra\n\
         19,{long},m,30,,,,,,,,confirmed,,\n\
         20,{},m,30,,,,,,,,confirmed,,\n\
         21,张三,f,70,11010519491231002X,,,,1949-12-30,,,confirmed,,\n",
        "长".repeat(101),
    );
    let report = report("generic", file);
    assert_eq!((report.rows_read, report.rows_refused), (21, 21));
    let lines: Vec<String> = report
        .refusals
        .iter()
        .map(|f| {
            format!(
                "{} {} {}\n  {}\n  {}",
                f.row, f.field, f.code, f.message.en, f.message.zh
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert!(!lines.join("").contains("张三") && !lines.join("").contains("110105"));
}

#[test]
fn what_is_odd_but_possible_is_taken_with_a_warning() {
    let file = "case_id,sex,age,resident_id,passport,phone,exposed,onset,sampled,diagnosed,reported,hospitalised,classification,outcome,outcome_date\n\
         1,m,50,11010519491231002X,,,,,,,,,confirmed,,\n\
         2,f,70,11010519491231002X,E12345678,12345,,,,,,,confirmed,,\n\
         3,f,70,,,,2020-02-02,2020-02-01,,2020-01-31,2020-01-30,2020-01-29,clinical,,\n\
         4,f,70,,,,,,2020-02-05,,,,confirmed,died,2020-02-04\n\
         5,f,70,,,,,,2020-02-05,2020-02-04,,,confirmed,alive,2020-02-04\n\
         6,f,70,,,,,2020-02-05,,,,,asymptomatic,,\n";
    let report = report("generic", file);
    assert_eq!((report.rows_read, report.rows_taken), (6, 6));
    let lines: Vec<String> = report
        .warnings
        .iter()
        .map(|f| {
            format!(
                "{} {} {}\n  {}\n  {}",
                f.row, f.field, f.code, f.message.en, f.message.zh
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn nothing_is_invented_and_words_for_missing_are_known() {
    let row = taken(
        "generic",
        "case_id,sex,age,onset,classification,origin,outcome,outcome_date\n1,NA,?,NULL,confirmed,unknown,,\n",
    );
    assert_eq!((row.sex, row.age_years, row.onset), (None, None, None));
    assert_eq!(row.origin, Some(Origin::Unknown));
    // Sex and age follow from a checked identity number.
    let row = taken(
        "generic",
        "resident_id,classification\n11010519491231002X,suspect\n",
    );
    assert_eq!((row.sex, row.age_years), (Some(Sex::Female), Some(70)));
}

#[test]
fn documents_of_other_kinds_are_kept_with_their_kind() {
    let row = taken(
        "generic-zh",
        "证件类型,证件号码,病例分类\n回乡证,H1234567890,确诊\n",
    );
    let document = row.document.unwrap();
    assert_eq!(
        (document.kind(), document.number()),
        ("home_return_permit", "H1234567890")
    );
    let row = taken("generic-zh", "证件号码,病例分类\n11010519491231002x,确诊\n");
    assert_eq!(row.document.unwrap().kind(), "resident_id");
    let report = report("generic-zh", "证件号码,病例分类\nH1234567890,确诊\n");
    assert_eq!(
        report.refusals_by_code.keys().collect::<Vec<_>>(),
        [&Code::MissingValue]
    );
}

#[test]
fn injections_are_text_like_any_other() {
    for text in [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "Robert'); DROP TABLE cases;--",
        "<script>alert(1)</script>",
        "' OR 1=1 --",
    ] {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["name", "classification"]).unwrap();
        writer.write_record([text, "confirmed"]).unwrap();
        let row = taken("generic", writer.into_inner().unwrap());
        assert_eq!(row.name.as_deref(), Some(text));
    }
}

#[test]
fn cells_with_line_breaks_and_quotes_are_read() {
    let list = entries(
        "generic",
        "name,address,classification\n\"O\"\"Neil, Ann\",\"1 Road\nTown\",confirmed\nB,,confirmed\n",
    );
    let rows: Vec<&LineListRow> = list
        .iter()
        .filter_map(|entry| {
            if let Entry::Taken(taken) = entry {
                Some(&taken.row)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(rows[0].name.as_deref(), Some("O\"Neil, Ann"));
    assert_eq!(rows[0].address.as_deref(), Some("1 Road\nTown"));
    assert_eq!((rows[0].row, rows[1].row), (2, 3));
}

#[test]
fn a_header_that_does_not_fit_is_refused_as_a_whole() {
    let error = |text: &str| open("generic", text).err().unwrap();
    let missing = error("name,sex\na,b\n");
    insta::assert_snapshot!(missing.text().en, @"no column for classification; its header is one of: classification, case_classification");
    insta::assert_snapshot!(missing.text().zh, @"缺少字段 classification 对应的列；可用的表头：classification, case_classification。");
    assert!(matches!(
        error("onset,onset,classification\n"),
        FileError::DuplicateColumn { .. }
    ));
    assert!(matches!(error(""), FileError::Empty));
}

#[test]
fn a_refused_row_keeps_all_its_cells_and_can_be_fed_again() {
    let file = "case_id,name,phone,classification\n1,=1+1,+8613800138000,nonsense\n2,\"a\nb\",x,confirmed,surplus\n";
    let list = open("generic", file).unwrap();
    let mut writer = RefusedWriter::new(Vec::new(), list.header(), Language::Zh).unwrap();
    for entry in list {
        if let Entry::Refused(refused) = entry.unwrap() {
            writer.write(&refused).unwrap();
        }
    }
    let bytes = writer.finish().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    insta::assert_snapshot!(text.trim_start_matches('\u{feff}'));
    let mended = text
        .replace("nonsense", "confirmed")
        .replace(",surplus", "");
    let again = entries("generic", mended);
    let Entry::Taken(first) = &again[0] else {
        panic!("{again:?}")
    };
    assert_eq!(first.row.name.as_deref(), Some("=1+1"));
    assert_eq!(
        first.row.phone.as_ref().unwrap().to_string(),
        "+8613800138000"
    );
    assert!(matches!(again[1], Entry::Taken(_)));
    // A second round replaces the reasons of the first.
    let list = open("generic", bytes).unwrap();
    let mut writer = RefusedWriter::new(Vec::new(), list.header(), Language::Zh).unwrap();
    for entry in list {
        if let Entry::Refused(refused) = entry.unwrap() {
            writer.write(&refused).unwrap();
        }
    }
    let second = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert_eq!(second.lines().next(), text.lines().next());
    assert_eq!(second.lines().count(), text.lines().count());
}

#[test]
fn a_report_reads_in_both_languages() {
    let mut report = report(
        "generic",
        "case_id,phone,onset,classification\n1,12,2020-02-01,confirmed\n2,,2020-03-01,confirmed\n3,,,confirmed\n",
    );
    report.seconds = 0.25;
    report.facts_appended = 2;
    report.miss("330300".parse().unwrap(), date(2020, 2, 2));
    report.correct(lianfang_intake::report::Correction {
        area: "421100".parse().unwrap(),
        date: date(2020, 2, 20),
        from: 2_839,
        to: 2_831,
    });
    insta::assert_snapshot!(report.render(Language::En));
    insta::assert_snapshot!(report.render(Language::Zh));
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ImportReport>(&json).unwrap(), report);
}

#[test]
fn a_report_lists_no_more_than_its_bound_and_counts_all() {
    let file = format!("classification\n{}", "nonsense\n".repeat(1_500));
    let report = report("generic", file);
    assert_eq!(report.refusals.len(), 1_000);
    assert_eq!(report.refusals_by_code[&Code::UnknownValue], 1_500);
}

proptest! {
    #[test]
    fn every_row_is_taken_or_refused(cells in proptest::collection::vec(
        proptest::collection::vec("[a-z0-9/ .-]{0,10}|confirmed|2020-01-0[0-9]|died", 4..7), 1..20,
    )) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(["case_id", "onset", "outcome", "outcome_date", "classification"]).unwrap();
        let mut written = 0;
        for row in &cells {
            writer.write_record(row).unwrap();
            written += u64::from(row.iter().any(|cell| !cell.trim().is_empty()));
        }
        let report = report("generic", writer.into_inner().unwrap());
        prop_assert_eq!(report.rows_read, written);
        prop_assert_eq!(report.rows_taken + report.rows_refused, written);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let file = [b"name,onset,age,classification\n".as_slice(), &bytes].concat();
        if let Ok(list) = open("generic", file) {
            let _ = list.count();
        }
    }
}
