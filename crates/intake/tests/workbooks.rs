//! XLSX: what spreadsheet programs write, and what only files made to do harm hold.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{Cursor, Write};

use jiff::civil::{Date, date};
use lianfang_intake::export::{Cell, ExportError, write_csv, write_xlsx};
use lianfang_intake::table::{Format as FileFormat, RawRow, TableReader};
use lianfang_intake::{Code, Entry, FileError, Limits, LineList, Options, Preset, Source, What};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;

const TODAY: Date = date(2020, 2, 9);

fn table(bytes: Vec<u8>) -> Result<TableReader, FileError> {
    TableReader::open(Source::bytes("cases.xlsx", bytes), Limits::default())
}

fn rows(mut table: TableReader) -> Result<Vec<(u64, Vec<String>)>, FileError> {
    let mut all = Vec::new();
    let mut row = RawRow::default();
    while table.next_row(&mut row)? {
        all.push((row.row, row.cells().map(str::to_owned).collect()));
    }
    Ok(all)
}

fn day() -> Format {
    Format::new().set_num_format("yyyy-mm-dd hh:mm")
}

#[test]
fn cells_of_every_type_come_out_as_text() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("empty").unwrap();
    let sheet = workbook.add_worksheet().set_name("病例").unwrap();
    for (column, title) in (0..).zip([
        "text", "whole", "float", "day", "moment", "formula", "bool", "long",
    ]) {
        sheet.write_string(0, column, title).unwrap();
    }
    sheet.write_string(2, 0, "=1+1").unwrap();
    sheet.write_number(2, 1, 330_683).unwrap();
    sheet.write_number(2, 2, 0.5).unwrap();
    let moment = |text| ExcelDateTime::parse_from_str(text).unwrap();
    sheet
        .write_datetime_with_format(2, 3, moment("2020-02-09"), &day())
        .unwrap();
    sheet
        .write_datetime_with_format(2, 4, moment("2020-02-09 08:30:00"), &day())
        .unwrap();
    sheet
        .write_formula(
            2,
            5,
            Formula::new("=\"conf\"&\"irmed\"").set_result("confirmed"),
        )
        .unwrap();
    sheet.write_boolean(2, 6, true).unwrap();
    sheet
        .write_number(2, 7, 330_683_199_001_011_234_f64)
        .unwrap();
    workbook
        .add_worksheet()
        .set_name("other")
        .unwrap()
        .write_string(0, 0, "x")
        .unwrap();
    let table = table(workbook.save_to_buffer().unwrap()).unwrap();
    assert_eq!(table.info().format, FileFormat::Xlsx);
    assert_eq!(table.info().sheet.as_deref(), Some("病例"));
    assert_eq!(table.info().other_sheets, ["empty", "other"]);
    let expected = [
        "=1+1",
        "330683",
        "0.5",
        "2020-02-09",
        "2020-02-09T08:30:00",
        "confirmed",
        "TRUE",
    ];
    let rows = rows(table).unwrap();
    assert_eq!(rows[0].0, 3);
    assert_eq!(rows[0].1[..7], expected);
    assert!(rows[0].1[7].contains('E'));
}

#[test]
fn a_line_list_is_read_from_a_workbook() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, title) in (0..).zip(["病例编号", "身份证号", "发病日期", "病例分类", "转归"])
    {
        sheet.write_string(0, column, title).unwrap();
    }
    sheet.write_number(1, 0, 17).unwrap();
    sheet.write_string(1, 1, "11010519491231002X").unwrap();
    sheet
        .write_datetime_with_format(1, 2, ExcelDateTime::from_ymd(2020, 2, 1).unwrap(), &day())
        .unwrap();
    sheet.write_string(1, 3, "确诊病例").unwrap();
    // An identity number typed as a number has lost its last digits.
    sheet
        .write_number(2, 1, 330_683_199_001_011_234_f64)
        .unwrap();
    sheet.write_string(2, 3, "确诊病例").unwrap();
    let preset = Preset::built_in("generic-zh").unwrap();
    let source = Source::bytes("病例.xlsx", workbook.save_to_buffer().unwrap());
    let list = LineList::open(source, &preset, Options::new(TODAY)).unwrap();
    let entries: Vec<_> = list.map(Result::unwrap).collect();
    let Entry::Taken(first) = &entries[0] else {
        panic!("{entries:?}")
    };
    assert_eq!(first.row.external_id.as_deref(), Some("17"));
    assert_eq!(first.row.onset, Some(date(2020, 2, 1)));
    let Entry::Refused(second) = &entries[1] else {
        panic!("{entries:?}")
    };
    assert_eq!(second.findings[0].code, Code::NumberRounded);
}

/// An archive of the given parts, packed as well as can be.
fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(
            *name,
            SimpleFileOptions::default().compression_level(Some(9)),
        )
        .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_bomb_is_refused_before_it_is_read() {
    let bomb = archive(&[
        ("[Content_Types].xml", b"<Types/>".to_vec()),
        ("xl/worksheets/sheet1.xml", vec![b' '; 40 << 20]),
    ]);
    assert!(bomb.len() < 100_000);
    assert!(matches!(table(bomb), Err(FileError::Bomb { ratio: 200 })));
    // A bomb within an archive within the archive is never opened, and its outside is measured.
    let inner = archive(&[("zeros", vec![0; 64 << 20])]);
    let nested = archive(&[
        ("[Content_Types].xml", b"<Types/>".to_vec()),
        ("xl/media/inner.zip", inner),
    ]);
    assert!(matches!(table(nested), Err(FileError::DamagedWorkbook)));
}

#[test]
fn limits_of_a_workbook_hold() {
    let open = |bytes: Vec<u8>, limits| TableReader::open(Source::bytes("x", bytes), limits).err();
    let types = ("[Content_Types].xml", b"<Types/>".to_vec());
    let limits = Limits {
        parts: 1,
        unpacked_bytes: 1_000,
        workbook_bytes: 5_000,
        ..Limits::default()
    };
    let two = archive(&[types.clone(), ("b", vec![])]);
    assert!(matches!(
        open(two, limits),
        Some(FileError::TooMuch {
            what: What::Parts,
            ..
        })
    ));
    let limits = Limits { parts: 9, ..limits };
    let large = archive(&[types.clone(), ("b", vec![b'x'; 2_000])]);
    assert!(matches!(
        open(large, limits),
        Some(FileError::TooMuch {
            what: What::UnpackedBytes,
            ..
        })
    ));
    let heavy = [archive(&[types]), vec![0; 6_000]].concat();
    assert!(matches!(
        open(heavy, limits),
        Some(FileError::TooMuch {
            what: What::Bytes,
            ..
        })
    ));
    assert!(matches!(
        open(archive(&[("word/document.xml", vec![])]), limits),
        Some(FileError::UnknownType)
    ));
}

#[test]
fn a_cell_far_to_the_right_does_not_fill_the_memory() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "a").unwrap();
    sheet.write_string(1_048_575, 16_383, "b").unwrap();
    // The reader's thread may come to that cell before or after the header is handed out.
    let read = table(workbook.save_to_buffer().unwrap()).and_then(rows);
    assert!(matches!(
        read,
        Err(FileError::TooMuch {
            what: What::Columns,
            ..
        })
    ));
}

#[test]
fn a_worksheet_without_cells_is_empty() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet();
    assert!(matches!(
        table(workbook.save_to_buffer().unwrap()),
        Err(FileError::Empty)
    ));
}

fn sample() -> Vec<Cell> {
    vec![
        Cell::Text("=HYPERLINK(\"http://x\")".into()),
        Cell::Text("'=quoted".into()),
        Cell::Text("王小明".into()),
        Cell::Int(-5),
        Cell::Int(330_683_199_001_011_234),
        Cell::Float(0.25),
        Cell::Float(f64::NAN),
        Cell::Date(TODAY),
        Cell::Empty,
        Cell::Text("+8613800138000".into()),
    ]
}

const EXPECTED: [&str; 10] = [
    "=HYPERLINK(\"http://x\")",
    "'=quoted",
    "王小明",
    "-5",
    "330683199001011234",
    "0.25",
    "",
    "2020-02-09",
    "",
    "+8613800138000",
];
const HEADER: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

#[test]
fn what_is_exported_reads_back_and_no_cell_can_run() {
    let mut csv = Vec::new();
    assert_eq!(write_csv(&mut csv, &HEADER, [sample()]).unwrap(), 1);
    let text = String::from_utf8(csv.clone()).unwrap();
    insta::assert_snapshot!(text.trim_start_matches('\u{feff}'), @r#"
    a,b,c,d,e,f,g,h,i,j
    "'=HYPERLINK(""http://x"")",''=quoted,王小明,-5,330683199001011234,0.25,,2020-02-09,,'+8613800138000
    "#);
    assert!(text.starts_with('\u{feff}'));
    assert_eq!(rows(table(csv).unwrap()).unwrap()[0].1, EXPECTED);
    let mut xlsx = Vec::new();
    assert_eq!(
        write_xlsx(&mut xlsx, "cases", &HEADER, [sample()]).unwrap(),
        1
    );
    let read = rows(table(xlsx).unwrap()).unwrap().remove(0).1;
    // Workbooks need no protection, and reading takes one quotation mark off a formula.
    assert_eq!(read[0], EXPECTED[0]);
    assert_eq!(read[2..], EXPECTED[2..]);
}

#[test]
fn a_text_too_long_for_a_workbook_is_an_error_not_a_loss() {
    let long = vec![Cell::Text("x".repeat(32_768))];
    let error = write_xlsx(Vec::new(), "cases", &["a"], [long]).unwrap_err();
    assert!(matches!(error, ExportError::Form(_)));
}

fn small_workbook() -> Vec<u8> {
    let mut xlsx = Vec::new();
    write_xlsx(&mut xlsx, "cases", &HEADER, vec![sample(); 3]).unwrap();
    xlsx
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_damaged_workbook_makes_it_panic(at in 0.0..1.0_f64, to in any::<u8>(), cut in 0.0..1.2_f64) {
        let mut bytes = small_workbook();
        let at = (bytes.len() as f64 * at) as usize;
        bytes[at] = to;
        bytes.truncate((bytes.len() as f64 * cut.min(1.0)) as usize);
        if let Ok(table) = table(bytes) {
            let _ = rows(table);
        }
    }

    #[test]
    fn no_worksheet_makes_it_panic(xml in "(<c r=\"[A-Z]{1,4}[0-9]{1,8}\"( t=\"[a-z]{1,9}\")?( s=\"[0-9]{1,3}\")?>|<v>|</v>|</c>|<row r=\"[0-9]{1,10}\">|</row>|[0-9.]{1,9}|<is>|<t>){0,30}") {
        let sheet = format!("<worksheet><sheetData>{xml}</sheetData></worksheet>");
        let workbook = small_workbook();
        let mut from = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
        let mut parts = Vec::new();
        for index in 0..from.len() {
            let mut part = from.by_index(index).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
            if name == "xl/worksheets/sheet1.xml" {
                bytes = sheet.clone().into_bytes();
            }
            parts.push((name, bytes));
        }
        let parts: Vec<(&str, Vec<u8>)> = parts.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
        if let Ok(table) = table(archive(&parts)) {
            let _ = rows(table);
        }
    }
}
