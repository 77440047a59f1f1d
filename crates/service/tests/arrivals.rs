//! Lists from elsewhere: arrivals and rosters, row by row, whatever they hold and however often they
//! come.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{CITY, COUNTY, NEIGHBOUR, Testbed, VILLAGE, accounted, area};
use lianfang_core::access::Role;
use lianfang_core::entry::{Mode, OriginRisk, Source, Stage};
use lianfang_core::households::Dwelling;
use lianfang_intake::{ImportReport, Kind, Source as File};
use lianfang_service::imports::{ImportRequest, Imported};
use lianfang_service::{Actor, Refusal};
use lianfang_store::views::entry::{self, EntrantFilter, EntrantRow};
use lianfang_store::views::households::{self, HouseholdFilter, HouseholdRow};

const HEADER: &str =
    "姓名,证件类型,证件号码,手机号,航班号,座位号,始发机场,经停机场,抵达时间,目的地,订座编号\n";
const WANG: &str =
    "王小明,身份证,33068319900101123X,13800138000,mu2501,12A,WUH,,2020-02-08 21:40,一村,A1\n";
const LI: &str = "LI/SI,,E12345678,,MU2501,12B,WUH,XIY,2020-02-08 21:40,330683001001,A1\n";
const TOMORROW: &str = "赵后天,,,13900139001,MU2502,,PEK,,2020-02-11 09:00,330683,\n";

fn manifest(rows: &[&str]) -> String {
    format!("{HEADER}{}", rows.concat())
}

fn import_file(
    bed: &Testbed,
    actor: &Actor,
    name: &str,
    text: &[u8],
    request: &ImportRequest,
) -> Result<Imported, Refusal> {
    let source = File::bytes(name, text.to_vec());
    let imported = bed.house.import(actor, source, request, &mut |_| {})?;
    accounted(&imported.import.report);
    Ok(imported)
}

fn list(bed: &Testbed, actor: &Actor, name: &str, preset: &str, text: &str) -> Imported {
    let request = ImportRequest {
        preset: Some(preset.to_owned()),
        ..common::request(Kind::Arrivals)
    };
    import_file(bed, actor, name, text.as_bytes(), &request).unwrap()
}

fn counts(report: &ImportReport) -> (u64, u64, u64, Option<u64>) {
    (
        report.rows_taken,
        report.rows_unchanged,
        report.rows_refused,
        report.rows_known,
    )
}

fn entrants(bed: &Testbed) -> Vec<EntrantRow> {
    let filter = EntrantFilter::default();
    let mut rows = bed
        .house
        .store()
        .read(|c| entry::list(c, &filter, None, 1_000))
        .unwrap();
    rows.sort_by_key(|row| row.id);
    rows
}

#[test]
fn a_passenger_list_becomes_arrivals() {
    let bed = Testbed::city();
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let file = manifest(&[WANG, LI, TOMORROW]);
    let imported = list(&bed, &officer, "MU2501 2月8日.csv", "airline", &file);
    let report = &imported.import.report;
    assert_eq!(counts(report), (3, 0, 0, Some(0)), "{:?}", report.refusals);
    let rows = entrants(&bed);
    assert_eq!(rows.len(), 3);
    let [wang, li, zhao] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert_eq!(
        (wang.area, wang.arrived, wang.stage),
        (area(VILLAGE), true, Stage::Arrived)
    );
    assert_eq!(wang.journey.mode, Mode::Air);
    assert_eq!(wang.journey.number.as_deref(), Some("MU2501"));
    assert_eq!(wang.journey.from.as_deref(), Some("420100"));
    assert_eq!(
        (wang.origin, wang.source),
        (OriginRisk::Severe, Source::List)
    );
    assert_eq!(wang.arrival.to_string(), "2020-02-08T13:40:00Z");
    assert_eq!(li.journey.stops, ["610100"]);
    assert!(wang.party.is_some() && wang.party == li.party);
    assert_eq!((zhao.arrived, zhao.stage), (false, Stage::Expected));
    let notices = bed
        .house
        .store()
        .read(|c| Ok(entry::notices(c, wang.entrant)?))
        .unwrap();
    assert_eq!(notices[0].list.as_deref(), Some("MU2501 2月8日"));
    let data = bed.house.store().open_person(wang.person).unwrap().unwrap();
    assert_eq!(data.name.as_deref(), Some("王小明"));
    assert_eq!(data.phone.as_deref(), Some("+8613800138000"));
    bed.holds();
}

#[test]
fn the_same_list_again_changes_nothing_whoever_brings_it() {
    let bed = Testbed::city();
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let file = manifest(&[WANG, LI, TOMORROW, WANG]);
    let first = list(&bed, &officer, "list.csv", "airline", &file);
    assert_eq!(counts(&first.import.report), (3, 1, 0, Some(0)));
    assert_eq!(first.import.report.facts_appended, 3);
    let seq = bed.seq();
    for (at, who) in [
        ("2020-02-09T09:00:00+08:00", officer.actor.clone()),
        // By now the one who was expected has arrived, as far as the list tells.
        ("2020-02-12T09:00:00+08:00", bed.operator()),
    ] {
        bed.at(at);
        let again = list(&bed, &who, "list.csv", "airline", &file);
        assert_eq!(counts(&again.import.report), (0, 4, 0, Some(0)));
        assert_eq!(again.import.report.facts_appended, 0);
    }
    // What was appended says that the file was brought again.
    assert_eq!(bed.kinds_after(seq), ["import.made/1", "import.made/1"]);
    assert_eq!(entrants(&bed).len(), 3);
}

#[test]
fn one_person_on_two_lists_is_one_arrival() {
    let bed = Testbed::city();
    let who = bed.operator();
    list(&bed, &who, "airline.csv", "airline", &manifest(&[WANG, LI]));
    let other = "姓名,身份证号,抵达时间,目的地,交通方式\n王小明,33068319900101123X,2020-02-08,330683,飞机\n孙新来,,2020-02-08,330683,火车\n";
    let report = list(&bed, &who, "community.csv", "arrivals", other)
        .import
        .report;
    assert_eq!(counts(&report), (2, 0, 0, Some(1)), "{:?}", report.refusals);
    let rows = entrants(&bed);
    assert_eq!(rows.len(), 3);
    let notices = bed
        .house
        .store()
        .read(|c| Ok(entry::notices(c, rows[0].entrant)?))
        .unwrap();
    assert_eq!(notices.len(), 2);
    // A corrected row is one more word about the same person.
    let corrected = WANG.replace("12A", "14C");
    let report = list(
        &bed,
        &who,
        "airline.csv",
        "airline",
        &manifest(&[&corrected, LI]),
    )
    .import
    .report;
    assert_eq!(counts(&report), (1, 1, 0, Some(1)));
    assert_eq!(entrants(&bed).len(), 3);
    bed.holds();
}

#[test]
fn bad_rows_are_handed_back_and_the_good_ones_are_taken() {
    let bed = Testbed::city();
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let bad = [
        (
            "孙一,身份证,330683199001011230,,MU1,,WUH,,2020-02-08,330683,\n",
            "document_number",
            "check_digit",
        ),
        (",,,,MU1,,WUH,,2020-02-08,330683,\n", "name", "nobody"),
        ("孙三,,,,MU1,,WUH,,昨天,330683,\n", "arrival", "date_form"),
        (
            "孙四,,,,MU1,,WUH,,2020-02-30,330683,\n",
            "arrival",
            "date_unreal",
        ),
        (
            "孙五,,,,MU1,,WUH,,2020-02-08,330602,\n",
            "area",
            "area_forbidden",
        ),
        (
            "孙六,,,,MU1,,WUH,,2020-02-08,330683009,\n",
            "area",
            "area_unknown",
        ),
        (
            "孙七,,,,MU1,,WUH,,2020-02-08,乌有村,\n",
            "area",
            "unknown_place",
        ),
        ("孙八,,,,MU1,,WUH,,2020-02-08,,\n", "area", "missing_value"),
        (
            "孙九,,,,MU1,,WUH,,2015-02-08,330683,\n",
            "arrival",
            "not_accepted",
        ),
        ("孙十,,,,MU1,,42,,2020-02-08,330683,\n", "from", "area_form"),
        (
            "多,,,,MU1,,WUH,,2020-02-08,330683,,多余\n",
            "row",
            "ragged_row",
        ),
    ];
    let mut rows: Vec<&str> = bad.iter().map(|(row, _, _)| *row).collect();
    rows.push(WANG);
    // An origin that nobody knows does not lose the arrival.
    rows.push("孙远,,,,MU3,,亚特兰蒂斯,,2020-02-08,330683,\n");
    let imported = list(&bed, &officer, "list.csv", "airline", &manifest(&rows));
    let report = &imported.import.report;
    assert_eq!(counts(report), (2, 0, bad.len() as u64, Some(0)));
    let found: Vec<(u64, &str, &str)> = report
        .refusals
        .iter()
        .map(|finding| (finding.row, finding.field.as_str(), finding.code.word()))
        .collect();
    for (n, (_, field, code)) in bad.iter().enumerate() {
        assert!(
            found.contains(&(n as u64 + 2, *field, *code)),
            "{field} {code}: {found:?}"
        );
    }
    assert_eq!(found.len(), bad.len());
    assert_eq!(report.warnings.len(), 1);
    assert_eq!(entrants(&bed)[1].journey.from, None);
    // No name and no number stands in a reason; the rows themselves come back, to be mended.
    for finding in &report.refusals {
        assert!(!finding.message.zh.contains('孙') && !finding.message.en.contains("3306831990"));
    }
    let refused = String::from_utf8(imported.refused.clone()).unwrap();
    assert_eq!(refused.lines().count(), bad.len() + 1);
    let mended = refused
        .replace("乌有村", "二村")
        .replace("2015-02-08", "2020-02-08");
    let again = list(&bed, &officer, "list.csv", "airline", &mended);
    assert_eq!(
        again.import.report.rows_taken, 2,
        "{:?}",
        again.import.report.refusals
    );
    bed.holds();
}

#[test]
fn a_list_comes_in_any_encoding_and_the_lists_of_each_sender_are_read() {
    let bed = Testbed::city();
    let who = bed.operator();
    let request = |preset: &str| ImportRequest {
        preset: Some(preset.to_owned()),
        area: Some(area(COUNTY)),
        ..common::request(Kind::Arrivals)
    };
    let railway = "旅客姓名,证件类型,证件号码,车次,车厢,座位号,发站,到达时间\n王小明,二代身份证,33068319900101123X,G1234,05,12F,汉口,202002081905\n";
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(railway.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    import_file(&bed, &who, "train.csv", &utf16, &request("railway")).unwrap();
    let border = "姓名,性别,出生日期,护照号码,来自国家（地区）,航班号,入境时间,境内住址\nKIM/MINJUN,男,1988-05-06,M12345678,韩国,OZ333,2020年2月8日 14时05分,城关一号\n";
    import_file(
        &bed,
        &who,
        "border.csv",
        border.as_bytes(),
        &request("border"),
    )
    .unwrap();
    let telecom = "手机号码,来源地,首次漫入时间\n13700137000,武汉,2020-02-08T10:00:00+08:00\n";
    import_file(
        &bed,
        &who,
        "roaming.csv",
        telecom.as_bytes(),
        &request("telecom"),
    )
    .unwrap();
    let rows = entrants(&bed);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let journey = &row.journey;
            (
                journey.mode,
                journey.seat.as_deref(),
                journey.from.as_deref(),
                row.abroad,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Mode::Rail, Some("05-12F"), Some("420100"), false),
            (Mode::Air, None, Some("KR"), true),
            (Mode::Road, None, Some("420100"), false),
        ]
    );
    assert!(rows.iter().all(|row| row.area == area(COUNTY)));
    let wrong =
        import_file(&bed, &who, "x.csv", telecom.as_bytes(), &request("generic")).unwrap_err();
    assert_eq!(wrong.field(), Some("preset"));
    let none = import_file(&bed, &who, "x.csv", b"a,b\n1,2\n", &request("telecom")).unwrap_err();
    assert_eq!(none.field(), Some("file"));
}

#[test]
fn a_dry_run_says_what_would_be_and_a_right_is_needed() {
    let bed = Testbed::city();
    let file = manifest(&[WANG, LI, "孙八,,,,MU1,,WUH,,2020-02-08,乌有村,\n"]);
    let request = ImportRequest {
        preset: Some("airline".into()),
        dry_run: true,
        ..common::request(Kind::Arrivals)
    };
    let seq = bed.seq();
    let imported = import_file(&bed, &bed.operator(), "l.csv", file.as_bytes(), &request).unwrap();
    assert_eq!(counts(&imported.import.report), (2, 0, 1, Some(0)));
    assert_eq!(bed.seq(), seq);
    for (role, code) in [
        (Role::CheckpointStaff, COUNTY),
        (Role::Commander, CITY),
        (Role::Auditor, CITY),
    ] {
        let user = bed.user(role, code);
        let refused = import_file(&bed, &user, "l.csv", file.as_bytes(), &request).unwrap_err();
        assert_eq!(refused.code(), "forbidden", "{role:?}");
    }
    // Who may import next door takes nothing for this county.
    let neighbour = bed.user(Role::AreaOfficer, NEIGHBOUR);
    let imported = import_file(&bed, &neighbour, "l.csv", file.as_bytes(), &request).unwrap();
    assert_eq!(imported.import.report.rows_taken, 0);
}

const ROSTER: &str = "社区,门牌,类型,应住人数,场所名称,顺序号,姓名,身份证号,手机号\n\
    一村,1号,,2,,,王小明,33068319900101123X,\n\
    一村,1号,,,,,李四,,13800138000\n\
    一村,2号,出租房,3,,,,,\n\
    330683001001,101室,宿舍,4,一厂宿舍,50,赵五,,\n\
    330683001001,101室,,,,,钱六,,\n";

fn roster(bed: &Testbed, actor: &Actor, text: &str) -> ImportReport {
    let request = common::request(Kind::Households);
    import_file(bed, actor, "roster.csv", text.as_bytes(), &request)
        .unwrap()
        .import
        .report
}

fn homes(bed: &Testbed) -> Vec<HouseholdRow> {
    let filter = HouseholdFilter::within(area(VILLAGE));
    bed.house
        .store()
        .read(|c| households::list(c, &filter, None, 100))
        .unwrap()
}

#[test]
fn a_roster_becomes_households_and_the_same_again_changes_nothing() {
    let bed = Testbed::city();
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let report = roster(&bed, &officer, ROSTER);
    assert_eq!(
        (report.rows_taken, report.rows_refused),
        (5, 0),
        "{:?}",
        report.refusals
    );
    // Three households, four who live there.
    assert_eq!(report.facts_appended, 7);
    let told: Vec<_> = homes(&bed)
        .iter()
        .map(|row| (row.walk, row.dwelling, row.people, row.living))
        .collect();
    assert_eq!(
        told,
        [
            (1, Dwelling::Home, 2, 2),
            (2, Dwelling::Rented, 3, 0),
            (50, Dwelling::Dormitory, 4, 2),
        ]
    );
    let seq = bed.seq();
    bed.hours_later(24 * 40);
    for who in [officer.actor.clone(), bed.operator()] {
        let again = roster(&bed, &who, ROSTER);
        assert_eq!(
            (again.rows_unchanged, again.facts_appended),
            (5, 0),
            "{again:?}"
        );
    }
    assert_eq!(bed.kinds_after(seq), ["import.made/1", "import.made/1"]);
    // A correction changes the household that is there, known by its door.
    let corrected = ROSTER.replace("2号,出租房,3", "2号,出租房,5");
    let report = roster(&bed, &officer, &corrected);
    assert_eq!((report.rows_revised, report.rows_unchanged), (1, 4));
    let rows = homes(&bed);
    assert_eq!((rows.len(), rows[1].people), (3, 5));
    bed.holds();
}

#[test]
fn rows_of_a_roster_that_do_not_fit_are_handed_back() {
    let bed = Testbed::city();
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let text = "社区,门牌,类型,应住人数,姓名\n\
        一村,,,2,\n\
        嵊州市,3号,,2,王小明\n\
        嵊州市,3号,,2,李四\n\
        一村,4号,,2,\n\
        一村,4号,,3,\n\
        一村,5号,城堡,1,\n\
        一村,6号,,两人,\n\
        一村,7号,,2001,\n\
        花巷社区,8号,,1,\n";
    let report = roster(&bed, &officer, text);
    let found: Vec<(u64, &str, &str)> = report
        .refusals
        .iter()
        .map(|finding| (finding.row, finding.field.as_str(), finding.code.word()))
        .collect();
    let mut found = found;
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (2, "door", "missing_value"),
            (3, "area", "not_accepted"),
            (4, "area", "not_accepted"),
            (6, "door", "repeated_household"),
            (7, "dwelling", "unknown_value"),
            (8, "people", "number_form"),
            (9, "people", "not_accepted"),
            (10, "area", "area_forbidden"),
        ]
    );
    assert_eq!((report.rows_taken, homes(&bed).len()), (1, 1));
    // Who may import but does not go from door to door records no household.
    let analyst = bed.user(Role::Epidemiologist, COUNTY);
    for dry_run in [true, false] {
        let request = ImportRequest {
            dry_run,
            ..common::request(Kind::Households)
        };
        let imported = import_file(&bed, &analyst, "r.csv", ROSTER.as_bytes(), &request).unwrap();
        let refused = imported.import.report.rows_refused;
        assert_eq!((refused, homes(&bed).len()), (5, 1), "dry: {dry_run}");
    }
}
