//! How long a million rows take. Run with
//! `cargo test --release -p lianfang-intake --test million_rows -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write;
use std::time::Instant;

use jiff::civil::date;
use lianfang_intake::{Entry, LineList, Options, Preset, Source};

#[test]
#[ignore = "measures, and means nothing without --release"]
fn a_million_rows_of_a_line_list_in_under_five_seconds() {
    let mut file = String::from(
        "病例编号,姓名,性别,年龄,身份证号,联系电话,现住址,现住地区编码,发病日期,采样日期,诊断日期,报告日期,病例分类,临床严重程度,转归,转归日期,感染来源,聚集性疫情\n",
    );
    for i in 0..1_000_000 {
        let (phone, day) = (13_800_000_000_u64 + i, 1 + i % 20);
        writeln!(
            file,
            "CASE-{i:07},王小明,女,70,11010519491231002X,{phone},绍兴市嵊州市鹿山街道{i}号,330683001002,2020-01-{day:02},2020-01-21,2020-01-22,2020/1/23,确诊病例,普通型,治愈,2020-02-08,本地,年会",
        )
        .unwrap();
    }
    let megabytes = file.len() as f64 / 1e6;
    let (gb, _, _) = encoding_rs::GB18030.encode(&file);
    for (encoding, bytes) in [
        ("UTF-8", file.as_bytes().to_vec()),
        ("GB18030", gb.into_owned()),
    ] {
        let preset = Preset::built_in("generic-zh").unwrap();
        let source = Source::bytes("million.csv", bytes);
        let started = Instant::now();
        let list = LineList::open(source, &preset, Options::new(date(2020, 2, 9))).unwrap();
        let taken = list
            .map(Result::unwrap)
            .filter(|entry| matches!(entry, Entry::Taken(taken) if taken.warnings.is_empty()))
            .count();
        let seconds = started.elapsed().as_secs_f64();
        assert_eq!(taken, 1_000_000);
        println!(
            "1,000,000 rows, {megabytes:.0} MB as UTF-8, read from {encoding}: {seconds:.2} s"
        );
        assert!(seconds < 5.0);
    }
}
