//! Files that are wrong, damaged or made to do harm: a clear refusal, and nothing lost.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(
    clippy::format_collect,
    reason = "a file for a test is written as it reads"
)]

mod common;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use common::{CITY, COUNTY, NEIGHBOUR, Testbed, VILLAGE, area};
use lianfang_core::access::Role;
use lianfang_intake::{ImportReport, Kind};
use lianfang_service::cases::CaseQuery;
use lianfang_service::imports::ImportRequest;

const HEADER: &str = "external_id,name,resident_id,phone,area,place,onset,reported,classification,outcome,outcome_date\n";

/// Takes rows below the header, and says why each was refused.
fn refusals(bed: &Testbed, rows: &str) -> (ImportReport, String) {
    let report = bed.take(Kind::Linelist, &format!("{HEADER}{rows}"));
    let told: Vec<String> = report
        .refusals
        .iter()
        .map(|f| format!("row {} {} {}: {}", f.row, f.field, f.code, f.message.en))
        .collect();
    (report, told.join("\n"))
}

#[test]
fn each_bad_row_is_refused_by_row_and_field_and_the_good_ones_are_taken() {
    let bed = Testbed::city();
    let rows = format!(
        "ok-1,,,,{VILLAGE},,2020-02-01,2020-02-03,confirmed,,\n\
         ragged,,,,{VILLAGE},,2020-02-01\n\
         wide,,,,{VILLAGE},,2020-02-01,2020-02-03,confirmed,,,,,x\n\
         future,,,,{VILLAGE},,2020-02-10,2020-02-11,confirmed,,\n\
         unreal,,,,{VILLAGE},,2020-02-30,,confirmed,,\n\
         slashes,,,,{VILLAGE},,02/03/2020,,confirmed,,\n\
         digit,,110105194912310021,,{VILLAGE},,,2020-02-03,confirmed,,\n\
         resurrected,,,,{VILLAGE},,2020-02-05,2020-02-06,confirmed,died,2020-02-01\n\
         word,,,,{VILLAGE},,,2020-02-03,surely,,\n\
         nothing,,,,{VILLAGE},,,2020-02-03,,,\n\
         nowhere,,,,,,,2020-02-03,confirmed,,\n\
         elsewhere,,,,110101,,,2020-02-03,confirmed,,\n\
         unknown,,,,330681,,,2020-02-03,confirmed,,\n\
         no-code,,,,Shengzhou,,,2020-02-03,confirmed,,\n\
         ok-1,,,,{VILLAGE},,2020-02-02,2020-02-03,confirmed,,\n\
         huge,{},,,{VILLAGE},,,2020-02-03,confirmed,,\n\
         control,\u{7}bell,,,{VILLAGE},,,2020-02-03,confirmed,,\n\
         ok-2,,,,{VILLAGE},,2020-02-01,2020-02-03,suspected,,\n",
        "长".repeat(5_000)
    );
    let (report, told) = refusals(&bed, &rows);
    insta::assert_snapshot!(told);
    assert_eq!(
        (report.rows_read, report.rows_taken, report.rows_refused),
        (18, 2, 16)
    );
    let listed = bed.house.imports(&bed.operator()).unwrap();
    let listed = listed
        .iter()
        .find(|import| import.report == report)
        .unwrap();
    let whole = bed.house.import_of(&bed.operator(), listed.id).unwrap();
    let refused = String::from_utf8(whole.refused).unwrap();
    assert!(refused.starts_with('\u{feff}'));
    let rows = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(&refused.as_bytes()[3..])
        .into_records()
        .count();
    assert_eq!(rows, 16, "every refused row is in the file");
    bed.holds();
}

/// A file that cannot be read at all: its reason, and a ledger untouched.
fn file_refused(bed: &Testbed, kind: Kind, bytes: &[u8]) -> String {
    let seq = bed.seq();
    let refusal = bed.import(kind, None, None, bytes).unwrap_err();
    assert_eq!((refusal.code(), refusal.field()), ("invalid", Some("file")));
    assert_eq!(bed.seq(), seq, "{refusal}");
    assert!(bed.house.imports(&bed.operator()).unwrap().len() <= 1);
    let text = refusal.message();
    assert!(!text.zh.is_empty());
    text.en
}

fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_level(Some(9));
    for (name, bytes) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_file_that_cannot_be_read_appends_nothing() {
    let bed = Testbed::city();
    let row = format!("a,,,,{VILLAGE},,,2020-02-03,confirmed,,\n");
    let good = format!("{HEADER}{row}");
    let mut told = BTreeMap::new();
    let mut say = |name: &'static str, kind, bytes: &[u8]| {
        told.insert(name, file_refused(&bed, kind, bytes));
    };
    say("an empty file", Kind::Linelist, b"");
    say("only blanks", Kind::Linelist, b"\n\n  \n");
    say(
        "no column for the class",
        Kind::Linelist,
        b"name,onset\nx,2020-02-01\n",
    );
    say(
        "twice the same column",
        Kind::Linelist,
        b"area,area,classification\n1,2,confirmed\n",
    );
    say("a list as totals", Kind::CityTotals, good.as_bytes());
    say(
        "no encoding",
        Kind::Linelist,
        &[good.as_bytes(), &[0xff, 0xfe, 0x80, 0x81, 0xff, 0xff]].concat(),
    );
    say(
        "a picture",
        Kind::Linelist,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0",
    );
    say(
        "an old workbook",
        Kind::Linelist,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
    );
    say("half a workbook", Kind::Linelist, b"PK\x03\x04 and no more");
    say(
        "a quotation mark left open",
        Kind::Linelist,
        format!("{HEADER}\"{}", "x,y\n".repeat(3 << 20)).as_bytes(),
    );
    let bomb = archive(&[
        ("[Content_Types].xml", b"<Types/>".to_vec()),
        ("xl/worksheets/sheet1.xml", vec![b' '; 40 << 20]),
    ]);
    assert!(bomb.len() < 100_000);
    say("a bomb", Kind::Linelist, &bomb);
    insta::assert_debug_snapshot!(told);
    bed.holds();
}

/// A long file is taken in as it is read; where it breaks off, what was taken stands whole, and
/// the mended file brings the rest.
#[test]
fn a_file_that_breaks_off_late_is_mended_and_fed_again() {
    let bed = Testbed::city();
    let rows: String = (0..6_000)
        .map(|n| format!("n{n},,,,{VILLAGE},,,2020-02-03,confirmed,,\n"))
        .collect();
    let good = format!("{HEADER}{rows}");
    let broken = format!("{good}\"{}", "x,y\n".repeat(3 << 20));
    let refused = bed
        .import(Kind::Linelist, None, None, broken.as_bytes())
        .unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("invalid", Some("file")));
    bed.holds();
    let report = bed.take(Kind::Linelist, &good);
    assert_eq!(
        (report.rows_read, report.rows_refused, report.rows_revised),
        (6_000, 0, 0)
    );
    assert_eq!(bed.brief(CITY, "2020-02-08").counts.confirmed, 6_000);
    bed.holds();
}

#[test]
fn gb18030_and_utf16_are_read_as_what_they_are() {
    let bed = Testbed::city();
    let text = format!(
        "病例编号,姓名,现住地区编码,发病日期,病例分类\n甲,王小明,{VILLAGE},2020年2月1日,确诊病例\n"
    );
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    // The bytes of 病例编号,姓名,现住地区编码,… in GBK.
    let gbk: &[(char, [u8; 2])] = &[
        ('病', [0xb2, 0xa1]),
        ('例', [0xc0, 0xfd]),
        ('编', [0xb1, 0xe0]),
        ('号', [0xba, 0xc5]),
        ('姓', [0xd0, 0xd5]),
        ('名', [0xc3, 0xfb]),
        ('现', [0xcf, 0xd6]),
        ('住', [0xd7, 0xa1]),
        ('地', [0xb5, 0xd8]),
        ('区', [0xc7, 0xf8]),
        ('码', [0xc2, 0xeb]),
        ('发', [0xb7, 0xa2]),
        ('日', [0xc8, 0xd5]),
        ('期', [0xc6, 0xda]),
        ('分', [0xb7, 0xd6]),
        ('类', [0xc0, 0xe0]),
        ('甲', [0xbc, 0xd7]),
        ('王', [0xcd, 0xf5]),
        ('小', [0xd0, 0xa1]),
        ('明', [0xc3, 0xf7]),
        ('年', [0xc4, 0xea]),
        ('月', [0xd4, 0xc2]),
        ('确', [0xc8, 0xb7]),
        ('诊', [0xd5, 0xef]),
    ];
    let gb18030: Vec<u8> = text
        .chars()
        .flat_map(|c| match gbk.iter().find(|(known, _)| *known == c) {
            Some((_, bytes)) => bytes.to_vec(),
            None => vec![u8::try_from(c).unwrap()],
        })
        .collect();
    let take = |bytes: &[u8]| {
        let imported = bed
            .import(Kind::Linelist, Some("generic-zh"), None, bytes)
            .unwrap();
        common::accounted(&imported.import.report);
        imported.import.report
    };
    assert_eq!(take(text.as_bytes()).rows_taken, 1);
    assert_eq!(take(&utf16).rows_unchanged, 1);
    assert_eq!(take(&gb18030).rows_unchanged, 1);
    assert_eq!(bed.cases(&bed.operator(), Some("王小明")).len(), 1);
}

#[test]
fn formulas_stay_text_and_run_nowhere() {
    let bed = Testbed::city();
    let evil = [
        "=HYPERLINK(\"\"http://x\"\")",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "=cmd|'/c calc'!A0",
        "＝1+1",
    ];
    let rows: String = evil
        .iter()
        .enumerate()
        .map(|(n, text)| {
            format!("=id{n},\"{text}\",,,{VILLAGE},\"{text}\",,2020-02-03,confirmed,,\n")
        })
        .collect();
    let (report, told) = refusals(&bed, &rows);
    assert_eq!(report.rows_taken, 6, "{told}");
    let officer = bed.user(Role::AreaOfficer, CITY);
    let query = CaseQuery {
        limit: 50,
        ..CaseQuery::default()
    };
    let places: Vec<String> = bed
        .cases(&officer, None)
        .into_iter()
        .filter_map(|c| c.place)
        .collect();
    assert!(
        places.contains(&"=cmd|'/c calc'!A0".to_owned()),
        "kept as it came: {places:?}"
    );
    let csv = bed.house.export_cases(&officer, &query, false).unwrap();
    let mut cells = 0;
    for record in csv::Reader::from_reader(&csv[3..]).into_records() {
        for cell in &record.unwrap() {
            cells += 1;
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']),
                "{cell}"
            );
        }
    }
    assert!(cells > 60);
    // A refused row with a formula in it comes back harmless too.
    let bad = format!("{HEADER}=1+1,=2+2,,,{VILLAGE},=3+3,,2020-02-03,surely,,\n");
    let imported = bed
        .import(Kind::Linelist, None, None, bad.as_bytes())
        .unwrap();
    let refused = String::from_utf8(imported.refused).unwrap();
    assert!(
        refused.contains("'=1+1,'=2+2") && !refused.contains(",=3+3"),
        "{refused}"
    );
    let xlsx = bed.house.export_cases(&officer, &query, true).unwrap();
    let mut workbook = zip::ZipArchive::new(Cursor::new(xlsx)).unwrap();
    let mut sheet = String::new();
    let mut part = workbook.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut sheet).unwrap();
    assert!(!sheet.contains("<f>"), "a formula in the workbook");
}

#[test]
fn sql_is_text_like_any_other() {
    let bed = Testbed::city();
    let evil = "x'); DROP TABLE facts; --";
    let rows = format!("{evil},{evil},,,{VILLAGE},{evil},,2020-02-03,confirmed,,\n");
    let (report, told) = refusals(&bed, &rows);
    assert_eq!(report.rows_taken, 1, "{told}");
    let found = bed.cases(&bed.operator(), Some(evil));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].external_id.as_deref(), Some(evil));
    assert_eq!(found[0].place.as_deref(), Some(evil));
    assert!(
        bed.house
            .find_areas(&bed.operator(), "%' OR '1'='1")
            .unwrap()
            .is_empty()
    );
    bed.holds();
}

#[test]
fn an_officer_imports_the_own_area_only() {
    let bed = Testbed::city();
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let file = format!(
        "{HEADER}here,,,,{VILLAGE},,,2020-02-03,confirmed,,\nthere,,,,{NEIGHBOUR},,,2020-02-03,confirmed,,\n"
    );
    let imported = bed
        .import_as(&officer, Kind::Linelist, None, None, file.as_bytes())
        .unwrap();
    let report = imported.import.report;
    assert_eq!((report.rows_taken, report.rows_refused), (1, 1));
    assert_eq!(report.refusals[0].code.word(), "area_forbidden");
    let there = bed.import_as(
        &officer,
        Kind::Linelist,
        None,
        Some(NEIGHBOUR),
        file.as_bytes(),
    );
    assert_eq!(there.unwrap_err().code(), "forbidden");
    // The neighbour sees nothing of this import and its refused rows.
    let neighbour = bed.user(Role::AreaOfficer, NEIGHBOUR);
    assert!(bed.house.imports(&neighbour).unwrap().is_empty());
    let asked = bed.house.import_of(&neighbour, imported.import.id);
    assert_eq!(asked.unwrap_err().code(), "not_found");
    assert_eq!(bed.house.imports(&officer).unwrap().len(), 1);
    // A preset file on the server is the operator's, not the browser's.
    let read = bed.import_as(
        &officer,
        Kind::Linelist,
        Some("/etc/passwd"),
        None,
        file.as_bytes(),
    );
    assert_eq!(read.unwrap_err().field(), Some("preset"));
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let bed = Testbed::city();
    let file = format!(
        "{HEADER}a,王小明,11010519491231002X,,{VILLAGE},,,2020-02-03,confirmed,,\nb,,,,{VILLAGE},,,2021-02-03,confirmed,,\n"
    );
    let run = |dry_run| {
        let request = ImportRequest {
            area: Some(area(COUNTY)),
            dry_run,
            ..common::request(Kind::Linelist)
        };
        let source = lianfang_intake::Source::bytes("f.csv", file.clone().into_bytes());
        bed.house
            .import(&bed.operator(), source, &request, &mut |_| {})
            .unwrap()
            .import
            .report
    };
    let seq = bed.seq();
    let dry = run(true);
    assert_eq!((bed.seq(), dry.facts_appended), (seq, 0));
    assert!(bed.cases(&bed.operator(), Some("王小明")).is_empty());
    let wet = run(false);
    let same = |report: &ImportReport| ImportReport {
        dry_run: false,
        facts_appended: 0,
        seconds: 0.0,
        ..report.clone()
    };
    assert_eq!(same(&dry), same(&wet));
    assert_eq!((wet.rows_taken, wet.rows_refused), (1, 1));
    assert!(wet.facts_appended >= 1);
}

#[test]
fn refused_rows_are_sealed_and_go_when_their_time_is_over() {
    let bed = Testbed::city();
    let file = format!("{HEADER}a,Wang Unmistakable,,,{VILLAGE},,,2020-02-03,surely,,\n");
    let imported = bed
        .import(Kind::Linelist, None, None, file.as_bytes())
        .unwrap();
    let id = imported.import.id;
    let kept = || bed.house.import_of(&bed.operator(), id).unwrap().refused;
    assert!(String::from_utf8(kept()).unwrap().contains("Unmistakable"));
    for entry in std::fs::read_dir(bed.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let clear = bytes.windows(12).any(|window| window == b"Unmistakable");
            assert!(!clear, "{}", path.display());
        }
    }
    bed.hours_later(
        24 * i64::from(bed.house.policy().unwrap().pack.retention.refused_rows_days) - 1,
    );
    bed.house.drop_old_refused_rows().unwrap();
    assert!(!kept().is_empty());
    bed.hours_later(2);
    bed.house.drop_old_refused_rows().unwrap();
    assert!(kept().is_empty());
    bed.holds();
}
