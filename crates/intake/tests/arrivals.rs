//! Lists of arrivals and rosters: what each sender's columns mean, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use jiff::civil::{Date, date, datetime};
use lianfang_core::entry::Mode;
use lianfang_core::households::Dwelling;
use lianfang_intake::{
    Arrival, ArrivalRow, Arrivals, Entry, HouseholdRow, Households, Kind, Options, Place, Preset,
    Source,
};

const TODAY: Date = Date::constant(2020, 2, 9);

fn arrivals(preset: &str, text: &str) -> Vec<Entry<ArrivalRow>> {
    let preset = Preset::built_in(preset).unwrap();
    let source = Source::bytes("list.csv", text.as_bytes().to_vec());
    Arrivals::open(source, &preset, Options::new(TODAY))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn only(preset: &str, text: &str) -> ArrivalRow {
    match arrivals(preset, text).remove(0) {
        Entry::Taken(taken) => taken.row,
        Entry::Refused(refused) => panic!("{:?}", refused.findings),
    }
}

fn reasons<T>(entries: &[Entry<T>]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| match entry {
            Entry::Taken(_) => "taken".to_owned(),
            Entry::Refused(refused) => refused
                .findings
                .iter()
                .map(|finding| format!("{} {}", finding.field, finding.code))
                .collect::<Vec<_>>()
                .join(", "),
        })
        .collect()
}

#[test]
fn presets_say_what_they_read() {
    let kinds: Vec<(&str, Kind)> = Preset::names()
        .map(|name| (name, Preset::built_in(name).unwrap().kind()))
        .collect();
    let of = |kind: Kind| -> Vec<&str> {
        kinds
            .iter()
            .filter(|(_, k)| *k == kind)
            .map(|(name, _)| *name)
            .collect()
    };
    assert_eq!(
        of(Kind::Arrivals),
        ["arrivals", "airline", "railway", "border", "telecom"]
    );
    assert_eq!(of(Kind::Households), ["households"]);
    assert_eq!(of(Kind::Linelist).len(), 4);
    let head = "title = { en = \"a\", zh = \"b\" }\n";
    for wrong in [
        "kind = \"areas\"\n[columns]\n",
        "kind = \"poems\"\n[columns]\n",
        "kind = \"arrivals\"\n[columns]\n[countries]\n\"Japan\" = \"JPN\"\n",
        "kind = \"arrivals\"\n[columns]\n[values.mode]\nballoon = [\"x\"]\n",
    ] {
        assert!(
            Preset::parse("mine", &format!("{head}{wrong}")).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn a_row_is_read_with_all_it_says() {
    let row = only(
        "arrivals",
        "name,sex,born,document_kind,document,phone,mode,number,seat,from,stops,arrival,bound_for,address,party\n\
         Ann Lee,f,1990-01-02,passport,E12345678,+44 20 7946 0958,plane,BA39,12A,GB,日本；上海,2020-02-08 21:40,330683,城关一号,B7\n",
    );
    assert_eq!(row.name.as_deref(), Some("Ann Lee"));
    assert_eq!(row.born, Some(date(1990, 1, 2)));
    assert_eq!(row.document.unwrap().kind(), "passport");
    assert_eq!(row.mode, Mode::Air);
    assert_eq!(row.from, Some(Place::Country("GB".into())));
    assert_eq!(
        row.stops,
        [
            Place::Country("JP".into()),
            Place::Area("310000".parse().unwrap())
        ]
    );
    assert_eq!(
        row.arrival,
        Arrival::Local(datetime(2020, 2, 8, 21, 40, 0, 0))
    );
    assert_eq!(row.bound_for, Some(Place::Area("330683".parse().unwrap())));
    assert_eq!(
        (row.seat.as_deref(), row.party.as_deref()),
        (Some("12A"), Some("B7"))
    );
    let named = only(
        "arrivals",
        "姓名,交通方式,抵达日期,到达时刻,目的地\n李四,高铁,2020/2/8,8:05,剡湖街道\n",
    );
    assert_eq!(named.mode, Mode::Rail);
    assert_eq!(
        named.arrival,
        Arrival::Local(datetime(2020, 2, 8, 8, 5, 0, 0))
    );
    assert_eq!(named.bound_for, Some(Place::Named("剡湖街道".into())));
}

#[test]
fn what_is_wrong_with_a_row_is_told() {
    let header = "姓名,证件类型,证件号码,交通方式,座位号,来源地,抵达时间,到达时刻\n";
    let rows = [
        ("李四,,,飞机,,,2020-02-08,\n", "taken"),
        ("李四,,,,,,2020-02-08,\n", "mode missing_value"),
        ("李四,,,热气球,,,2020-02-08,\n", "mode unknown_value"),
        ("李四,,,飞机,,,,\n", "arrival missing_value"),
        ("李四,,,飞机,,,8/2/2020,\n", "arrival date_form"),
        ("李四,,,飞机,,,2020-02-08,25:00\n", "arrival_time time_form"),
        (",,,飞机,,,2020-02-08,\n", "name nobody"),
        (
            "李四,,12345,飞机,,,2020-02-08,\n",
            "document_kind missing_value",
        ),
        (
            "李四,身份证,330683199001011230,飞机,,,2020-02-08,\n",
            "document_number check_digit",
        ),
        (
            "李四,,,飞机,一二三四五六七八九十一二三四五六七八九十一二三四五,,2020-02-08,\n",
            "seat text_form",
        ),
        ("李四,,,飞机,,42,2020-02-08,\n", "from area_form"),
    ];
    let text: String = header
        .chars()
        .chain(rows.iter().flat_map(|(row, _)| row.chars()))
        .collect();
    let expected: Vec<&str> = rows.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons(&arrivals("arrivals", &text)), expected);
}

#[test]
fn a_roster_is_read() {
    let preset = Preset::built_in("households").unwrap();
    let text = "area,door,dwelling,walk,people,place,name,document,phone\n\
                330683001001,Flat 1,dormitory,7,4,Mill Dorm,Ann Lee,E12345678,\n\
                330683001001,Flat 2,,,,,,,\n\
                330683001001,,,,,,,,\n\
                330683001001,Flat 4,castle,x,-1,,,,\n";
    let source = Source::bytes("roster.csv", text.as_bytes().to_vec());
    let list = Households::open(source, &preset, Options::new(TODAY)).unwrap();
    let entries: Vec<Entry<HouseholdRow>> = list.map(Result::unwrap).collect();
    assert_eq!(
        reasons(&entries),
        [
            "taken",
            "taken",
            "door missing_value",
            "dwelling unknown_value, walk number_form, people number_form"
        ]
    );
    let Entry::Taken(first) = &entries[0] else {
        panic!()
    };
    let row = &first.row;
    assert_eq!(
        (row.dwelling, row.walk, row.people),
        (Some(Dwelling::Dormitory), Some(7), Some(4))
    );
    assert_eq!(
        row.resident.as_ref().unwrap().name.as_deref(),
        Some("Ann Lee")
    );
    let Entry::Taken(second) = &entries[1] else {
        panic!()
    };
    assert_eq!(
        (second.row.dwelling, second.row.resident.is_none()),
        (None, true)
    );
    assert!(!format!("{row:?} {:?}", row.resident).contains("Ann"));
}
