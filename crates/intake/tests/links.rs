//! Links as files write them: headers, words, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use jiff::civil::date;
use lianfang_intake::links::{LinkRow, Links, Sureness};
use lianfang_intake::{Code, Entry, FileError, Options, Preset, Source};

fn read(file: &str) -> Result<Vec<Entry<LinkRow>>, FileError> {
    let source = Source::bytes("links.csv", file.as_bytes().to_vec());
    Ok(Links::open(source, Options::new(date(2020, 3, 1)))?
        .map(Result::unwrap)
        .collect())
}

fn taken(file: &str) -> LinkRow {
    match read(file).unwrap().remove(0) {
        Entry::Taken(taken) => taken.row,
        Entry::Refused(refused) => panic!("{:?}", refused.findings),
    }
}

#[test]
fn headers_of_three_kinds() {
    let plain = taken("infector,infectee,certainty,setting,day\nA,B,Confirmed,work,2020/2/3\n");
    assert_eq!(
        (plain.row, plain.infector.as_str(), plain.infectee.as_str()),
        (2, "A", "B")
    );
    assert_eq!(
        (plain.sureness, plain.setting.as_deref()),
        (Some(Sureness::Confirmed), Some("work"))
    );
    assert_eq!((plain.met, plain.last_met), (Some(date(2020, 2, 3)), None));
    let epicontacts = taken("to,from,exposure\nB,A,x\n");
    assert_eq!(
        (epicontacts.infector.as_str(), epicontacts.infectee.as_str()),
        ("A", "B")
    );
    assert_eq!((epicontacts.sureness, epicontacts.met), (None, None));
    let godata = taken(
        "source_uuid,target_uuid,certainty_level,context_of_exposure,date_of_last_contact\nA,B,2 - Medium,Workplace,2020-02-03\n",
    );
    assert_eq!(
        (godata.sureness, godata.last_met),
        (Some(Sureness::Probable), Some(date(2020, 2, 3)))
    );
    assert_eq!(
        taken("传染者;被传染者;确定程度\n甲;乙;可能\n").sureness,
        Some(Sureness::Possible)
    );
}

#[test]
fn each_refusal_names_its_field() {
    let file = "infector,infectee,certainty,setting,day\n\
                A,,,,\n,B,,,\nA,B,surely,,\nA,B,,,2020-02-30\nA,B,,,2020-03-02\nA,B,,,soon\n";
    let long = format!(
        "infector,infectee,setting\n{},B,\nA,B,{}\n",
        "A".repeat(65),
        "x".repeat(101)
    );
    let refused = |file: &str| -> Vec<(u64, String, Code)> {
        let rows = read(file).unwrap().into_iter();
        rows.map(|entry| match entry {
            Entry::Refused(refused) => {
                let first = &refused.findings[0];
                (refused.row, first.field.clone(), first.code)
            }
            Entry::Taken(taken) => panic!("row {} was taken", taken.row.row),
        })
        .collect()
    };
    let named = |row, field: &str, code| (row, field.to_owned(), code);
    assert_eq!(
        refused(file),
        [
            named(2, "infectee", Code::MissingValue),
            named(3, "infector", Code::MissingValue),
            named(4, "certainty", Code::UnknownValue),
            named(5, "day", Code::DateUnreal),
            named(6, "day", Code::DateFuture),
            named(7, "day", Code::DateForm),
        ]
    );
    assert_eq!(
        refused(&long),
        [
            named(2, "infector", Code::TextForm),
            named(3, "setting", Code::TextForm)
        ]
    );
    assert!(
        matches!(read("infector,day\nA,\n"), Err(FileError::MissingColumn { field, .. }) if field == "infectee")
    );
    assert!(matches!(
        read("infector,from,infectee\nA,A,B\n"),
        Err(FileError::DuplicateColumn { .. })
    ));
}

#[test]
fn the_preset_that_finds_most_is_taken() {
    let found = |header: &str| {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        Preset::recognised(&header).unwrap().name().to_owned()
    };
    assert_eq!(found("case_id,onset,sex,classification"), "generic");
    assert_eq!(found("病例编号,发病日期,性别"), "generic-zh");
    assert_eq!(
        found("uuid,date_of_onset,gender,firstName,lastName,outcome_id"),
        "godata"
    );
    assert_eq!(found("x,y"), "generic");
}
