//! Packs that are refused: each kind of mistake, with what is said of it and where.
//!
//! The snapshots show line and column, what stands there, and the sentence in both languages.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;

use lianfang_policy::{LONGEST, Pack, PackError};

const SMALL: &str = include_str!("packs/small.toml");

/// Compares with the snapshot, without repeating the mistakes in its head.
macro_rules! shown {
    ($said:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($said) })
    };
}

/// What is said of `text`.
fn said(text: &str) -> String {
    let problems = match Pack::read(text) {
        Ok(_) => return "taken\n".into(),
        Err(PackError::Broken(problems)) => problems,
        Err(error) => return format!("{error}\n"),
    };
    let mut out = String::new();
    for problem in problems {
        let line = text.split('\n').nth(problem.line - 1).unwrap_or_default();
        let there: String = line.chars().skip(problem.column - 1).take(24).collect();
        let _ = writeln!(out, "{}:{} |{there}|", problem.line, problem.column);
        for words in [&problem.message.en, &problem.message.zh] {
            // Lists of all that is known grow with the evidence; their beginning is enough.
            let shown: String = words.chars().take(220).collect();
            let more = if shown.len() < words.len() { "…" } else { "" };
            let _ = writeln!(out, "    {shown}{more}");
        }
    }
    out
}

/// The small pack with `one` put in place of its only `other`.
fn with(edits: &[(&str, &str)]) -> String {
    let mut text = SMALL.to_owned();
    for (one, other) in edits {
        assert_eq!(
            text.matches(one).count(),
            1,
            "{one:?} must stand once in the small pack"
        );
        text = text.replace(one, other);
    }
    text
}

/// Each mistake with what is said of it.
fn all(mistakes: &[(&str, &[(&str, &str)])]) -> String {
    let mut out = String::new();
    for (name, edits) in mistakes {
        let _ = writeln!(out, "# {name}\n{}", said(&with(edits)));
    }
    out
}

/// Conditions of the rule `red`, each with what is said of it.
fn conditions(table: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, condition) in table {
        let when = "outcome = \"red\"\n";
        let id = "id = \"red\"\npriority = 10\nwhen = \"contact == 'close'\"\n";
        let text = with(&[(
            &format!("{id}{when}"),
            &format!("id = \"red\"\npriority = 10\nwhen = {condition}\n{when}"),
        )]);
        let _ = writeln!(out, "# {name}: {condition}\n{}", said(&text));
    }
    out
}

#[test]
fn the_small_pack_is_taken() {
    assert_eq!(said(SMALL), "taken\n");
}

#[test]
fn what_is_no_toml_or_of_another_form() {
    shown!(all(&[
        ("no TOML", &[("id = \"small\"", "id = \"small")]),
        ("no value", &[("value = 14", "value = ")]),
        (
            "a field that no rule has",
            &[("reports = 14", "reportz = 14")]
        ),
        (
            "a field that no pack has",
            &[("version = \"1\"", "version = \"1\"\nauthor = \"x\"")]
        ),
        (
            "a table that no pack has",
            &[("[[entry]]\nid = \"clinic\"", "[[entri]]\nid = \"clinic\"")]
        ),
        (
            "a section of settings that none has",
            &[("[settings.growth]", "[settings.grwth]")]
        ),
        (
            "a section more",
            &[(
                "[settings.growth]",
                "[settings.weather]\nrain = true\n\n[settings.growth]"
            )]
        ),
        (
            "a field of a setting that none has",
            &[("declare_days = 3", "declare_days = 3\ndeclare_weeks = 3")],
        ),
        (
            "a field is missing",
            &[("id = \"clinic\"\npriority = 10\n", "id = \"clinic\"\n")]
        ),
        (
            "a section is missing",
            &[("[settings.growth]\nwindow_days = 14\n", "")]
        ),
        (
            "the natural history is missing",
            &[(
                "[natural_history.spans.serial_interval]",
                "[natural_history.spans.infectious]"
            )]
        ),
        (
            "a text for a number",
            &[("largest_cv = 0.5", "largest_cv = \"half\"")]
        ),
        (
            "a number for a text",
            &[("outcome = \"limited\"", "outcome = 1")]
        ),
        (
            "decimals of a whole number",
            &[(
                "priority = 10\nwhen = \"area_risk",
                "priority = 1.5\nwhen = \"area_risk"
            )]
        ),
        (
            "less than nothing",
            &[("owed_for_days = 14", "owed_for_days = -1")]
        ),
        (
            "too large a number",
            &[("owed_for_days = 14", "owed_for_days = 99999999999999999999")]
        ),
        (
            "a key twice",
            &[("reports = 14", "reports = 14\nreports = 14")]
        ),
    ]));
}

#[test]
fn conditions_that_name_or_compare_the_wrong_things() {
    shown!(conditions(&[
        ("a name nearly right", "\"contakt == 'close'\""),
        ("a name of another table", "\"days_before == 1 \""),
        ("a day by its name", "\"last_exposure == 3\""),
        ("a word without quotes", "\"contact == close\""),
        ("a word with a number", "\"contact == 3\""),
        (
            "a word that is none of its list",
            "\"age == 3 && contact == 'closed'\""
        ),
        (
            "a word of the list that is none",
            "\"contact in ['close', 'closed']\""
        ),
        ("a list of the wrong type", "\"contact in ['close', 3]\""),
        ("a list of numbers with a word", "\"age in [1, 'close']\""),
        ("words looked for in a word", "\"'close' in contact\""),
        ("a set with a word", "\"symptoms == 'fever'\""),
        (
            "a word of the set that is none",
            "\"'feverish' in symptoms\""
        ),
        ("a temperature with a whole number", "\"temperature > 37\""),
        ("a number with a decimal", "\"age > 3.5\""),
        ("a number with a temperature", "\"age > fever_from\""),
        ("a flag with a number", "\"abroad == 1\""),
        ("a dot", "\"contact.close\""),
        ("a call", "\"size(symptoms) > 1\""),
        ("a call of a field", "\"contact.startsWith('c')\""),
        ("a macro", "\"symptoms.exists(s, s == 'fever')\""),
        ("a map", "\"{'a': 1} == {}\""),
        ("a number", "\"age + 1\""),
        ("a word", "\"contact\""),
        ("two numbers joined", "\"age && abroad\""),
        ("not a number", "\"!age\""),
        (
            "three numbers",
            "\"age + healthy_reports > negative_tests\""
        ),
        ("a product of two", "\"age * healthy_reports > 3\""),
        ("divided", "\"age / 2 > 3\""),
        ("too large a number", "\"age > 3000000000\""),
        (
            "a number that is none of CEL",
            "\"age > 99999999999999999999\""
        ),
        ("empty", "\" \""),
        ("reserved", "\"loop > 3\""),
    ]));
}

#[test]
fn conditions_that_are_no_expression_and_where() {
    shown!(conditions(&[
        ("in the middle", "\"contact == 'close' && && abroad\""),
        ("at the end", "\"contact == 'close' &&\""),
        ("open", "\"(contact == 'close'\""),
        ("closed twice", "\"contact == 'close')\""),
        ("one equals sign", "\"contact = 'close'\""),
        ("and", "\"contact == 'close' and abroad\""),
        ("after Chinese", "\"contact == '密切' && && abroad\""),
        (
            "a wrong word after Chinese",
            "\"contact == '密切接触者' || agee > 3\""
        ),
        (
            "beyond the first plane",
            "\"contact == '😀😀' && && abroad\""
        ),
        (
            "after escapes",
            "\"contact == \\\"close\\\" && \\u0061ge > 3 && && abroad\""
        ),
        (
            "a wrong name after escapes",
            "\"contact == \\\"close\\\" \\t && agee > 3\""
        ),
        ("in a literal string", "'contact == \"close\" && && abroad'"),
        (
            "on the third line",
            "\"\"\"\ncontact == 'close'\n  || agee > 3\n\"\"\""
        ),
        (
            "no expression on the third line",
            "\"\"\"\ncontact == 'close'\n  || || age > 3\n\"\"\""
        ),
        (
            "after a line that is joined",
            "\"\"\"contact == 'close' \\\n      || agee > 3\"\"\""
        ),
        (
            "after two lines that are joined",
            "\"\"\"\\\n    contact == 'close' \\\n\n      || agee \\\n > 3\"\"\""
        ),
        (
            "a literal string of many lines",
            "'''\ncontact == 'close' ||\n  agee > 3'''"
        ),
        (
            "lines of another system",
            "\"\"\"\r\ncontact == 'close'\r\n || agee > 3\"\"\""
        ),
        ("a character of no text", "\"contact == 'close' \\u0000\""),
    ]));
}

#[test]
fn too_long_a_condition() {
    let long = format!("\"{}\"", ["age == 1"; 200].join(" || "));
    assert!(conditions(&[("", &long)]).contains("1 to 2000 characters"));
    let doubled = format!("\"{}\"", ["(age == 1)"; 100].join(" == "));
    let said = conditions(&[("", &doubled)]);
    assert!(said.contains("more than 4000 comparisons"), "{said}");
}

#[test]
fn rules_that_do_not_fit_together() {
    let close = "[[pass]]\nid = \"green\"";
    let more = |rule: &str| format!("{rule}\n{close}");
    let rule = |id: &str, priority: i32, when: &str, outcome: &str, rest: &str| {
        let clears = if outcome == "green" {
            ""
        } else {
            "clears = { en = \"x\", zh = \"x\" }\n"
        };
        format!(
            "[[pass]]\nid = \"{id}\"\npriority = {priority}\nwhen = \"{when}\"\noutcome = \"{outcome}\"\n{rest}\nreason = {{ en = \"x\", zh = \"x\" }}\n{clears}"
        )
    };
    let cases = [
        (
            "never by itself",
            rule(
                "odd",
                5,
                "age > 120 || age_known && !age_known",
                "yellow",
                "",
            ),
        ),
        (
            "never, as what is not known is 0",
            rule("odd", 5, "!age_known && age > 3", "yellow", ""),
        ),
        (
            "never, by an invariant",
            rule(
                "odd",
                5,
                "contact == 'close' && days_since_last_exposure == never",
                "yellow",
                "",
            ),
        ),
        (
            "never, as its reports are in already",
            rule(
                "odd",
                5,
                "healthy_reports > 7 && immune",
                "yellow",
                "reports = 7",
            ),
        ),
        (
            "always after others",
            rule(
                "late",
                5,
                "contact == 'close' && days_since_last_exposure < 14 && immune",
                "yellow",
                "",
            ),
        ),
        (
            "after two others together",
            rule("late", 3, "immune", "green", "")
                + &rule("one", 5, "immune && age > 3", "green", "")
                + &rule("two", 4, "immune && age < 7", "yellow", ""),
        ),
        (
            "contrary",
            rule("one", 5, "immune", "yellow", "")
                + &rule("two", 5, "'fever' in symptoms", "red", ""),
        ),
        (
            "the same twice over",
            rule("one", 5, "immune", "yellow", "")
                + &rule("two", 5, "'fever' in symptoms", "yellow", ""),
        ),
        (
            "no way out: it stays for ever",
            rule("trap", 5, "abroad && age >= 60", "yellow", ""),
        ),
        (
            "no way out: a day only grows",
            rule("trap", 5, "days_since_entered > 7", "yellow", ""),
        ),
        (
            "no way out of two together",
            rule("one", 5, "abroad && immune", "yellow", "")
                + &rule("two", 4, "abroad && !immune", "red", ""),
        ),
        (
            "a way out through another rule",
            rule("one", 5, "immune", "green", "") + &rule("two", 4, "abroad", "red", ""),
        ),
        ("the same id", rule("green", 5, "immune", "green", "")),
        (
            "an id of other letters",
            rule("Über", 5, "immune", "green", ""),
        ),
        ("an unknown outcome", rule("blue", 5, "immune", "blue", "")),
    ];
    let mut out = String::new();
    for (name, rules) in &cases {
        let _ = writeln!(out, "# {name}\n{}", said(&with(&[(close, &more(rules))])));
    }
    shown!(out);
}

#[test]
fn tables_that_leave_evidence_without_a_rule() {
    shown!(all(&[
        (
            "a gap",
            &[(
                "priority = 0\nwhen = \"true\"\noutcome = \"green\"",
                "priority = 0\nwhen = \"age < 70\"\noutcome = \"green\""
            )]
        ),
        (
            "a gap where nothing is known",
            &[(
                "priority = 0\nwhen = \"true\"\noutcome = \"green\"",
                "priority = 0\nwhen = \"age_known\"\noutcome = \"green\""
            )]
        ),
        (
            "nothing at all",
            &[
                (
                    "[[entry]]\nid = \"clinic\"\npriority = 10\nwhen = \"temperature_known && temperature >= fever_from\"\noutcome = \"fever_clinic\"\nreason = { en = \"Fever of {fever_from} °C.\", zh = \"体温{fever_from}℃。\" }\n",
                    ""
                ),
                (
                    "[[entry]]\nid = \"pass\"\npriority = 0\nwhen = \"true\"\noutcome = \"pass\"\nreason = { en = \"Nothing.\", zh = \"无。\" }\n",
                    ""
                ),
            ]
        ),
    ]));
}

#[test]
fn durations_and_extras() {
    let days = "days = 14\nreports = 14\n";
    shown!(all(&[
        ("zero", &[(days, "days = 0\nreports = 14\n")]),
        ("negative", &[(days, "days = -3\nreports = 14\n")]),
        ("huge", &[(days, "days = 100000\nreports = 14\n")]),
        ("absent", &[(days, "reports = 14\n")]),
        (
            "without from",
            &[("from = \"last_exposure\"\ndays = 14\nreports = 14\n", days)]
        ),
        ("decimals", &[(days, "days = 1.5\nreports = 14\n")]),
        (
            "an unknown number",
            &[(days, "days = \"watch_dayz\"\nreports = 14\n")]
        ),
        (
            "a number with decimals",
            &[(days, "days = \"fever_from\"\nreports = 14\n")]
        ),
        (
            "more reports than are counted",
            &[("reports = 14", "reports = 500")]
        ),
        (
            "more tests than are counted",
            &[("reports = 14", "tests = 51")]
        ),
        (
            "from what is no day",
            &[(
                "from = \"last_exposure\"\ndays = 14\nreports",
                "from = \"age\"\ndays = 14\nreports"
            )]
        ),
        (
            "from a day of another table",
            &[(
                "from = \"last_exposure\"\ndays = 14\nreports",
                "from = \"risk_since\"\ndays = 14\nreports"
            )]
        ),
        (
            "reports where none are counted",
            &[("capacity = 50", "reports = 3")]
        ),
        (
            "no clears",
            &[(
                "clears = { en = \"Low risk.\", zh = \"降为低风险。\" }\n",
                ""
            )]
        ),
        (
            "days of a moment",
            &[(
                "outcome = \"fever_clinic\"",
                "outcome = \"fever_clinic\"\ndays = 3"
            )]
        ),
        (
            "days of what is free",
            &[(
                "outcome = \"green\"",
                "outcome = \"green\"\nfrom = \"entered\"\ndays = 3"
            )]
        ),
        ("capacity of a pass", &[("reports = 14", "capacity = 50")]),
        ("tests of a pass", &[("reports = 14", "test_days = [1]")]),
        (
            "extension of a pass",
            &[(
                "reports = 14",
                "extension = { days = 3, when = \"immune\", reason = { en = \"x\", zh = \"x\" } }"
            )]
        ),
        (
            "early end of an opening",
            &[(
                "capacity = 50",
                "early_end = { days = 3, when = \"filed\", reason = { en = \"x\", zh = \"x\" } }"
            )]
        ),
        ("capacity of nobody", &[("capacity = 50", "capacity = 0")]),
        (
            "capacity of what is closed",
            &[("outcome = \"limited\"", "outcome = \"closed\"")]
        ),
        (
            "clears of a moment",
            &[(
                "outcome = \"fever_clinic\"",
                "outcome = \"fever_clinic\"\nclears = { en = \"x\", zh = \"x\" }"
            )]
        ),
        (
            "clears of what is free",
            &[(
                "outcome = \"green\"",
                "outcome = \"green\"\nclears = { en = \"x\", zh = \"x\" }"
            )]
        ),
        (
            "an early end that is none",
            &[(
                "test_days = [1, 14]",
                "early_end = { days = 14, when = \"immune\", reason = { en = \"x\", zh = \"x\" } }"
            )]
        ),
        (
            "an early end that never comes",
            &[(
                "test_days = [1, 14]",
                "early_end = { days = 7, when = \"negative_tests > 50\", reason = { en = \"x\", zh = \"x\" } }"
            )]
        ),
        (
            "test days out of order",
            &[("test_days = [1, 14]", "test_days = [14, 1]")]
        ),
        (
            "a change with a wrong condition",
            &[(
                "test_days = [1, 14]",
                "extension = { days = 0, when = \"symptom != []\", reason = { en = \"{days} {nobody}\", zh = \" \" } }"
            )]
        ),
    ]));
}

#[test]
fn named_numbers_and_texts() {
    shown!(all(&[
        ("no number", &[("value = 14", "value = \"14\"")]),
        ("negative", &[("value = 14", "value = -1")]),
        ("too large", &[("value = 14", "value = 1000001")]),
        ("not finite", &[("value = 37.3", "value = nan")]),
        (
            "a name of other letters",
            &[("[numbers.watch_days]", "[numbers.Watch]")]
        ),
        (
            "the name of a field",
            &[("[numbers.watch_days]", "[numbers.healthy_reports]")]
        ),
        (
            "the name of a day",
            &[("[numbers.watch_days]", "[numbers.last_exposure]")]
        ),
        (
            "a word of conditions",
            &[("[numbers.watch_days]", "[numbers.never]")]
        ),
        (
            "a word of CEL",
            &[("[numbers.watch_days]", "[numbers.loop]")]
        ),
        (
            "no source",
            &[(
                "value = 14\nname = { en = \"days of watch\", zh = \"观察天数\" }\nsource = \"a test\"",
                "value = 14\nname = { en = \"days of watch\", zh = \"观察天数\" }\nsource = \" \""
            )]
        ),
        (
            "a language is missing",
            &[(
                "name = { en = \"Small\", zh = \"小\" }",
                "name = { en = \"Small\" }"
            )]
        ),
        (
            "a language is empty",
            &[(
                "reason = { en = \"Lived together.\", zh = \"共同居住。\" }",
                "reason = { en = \"Lived together.\", zh = \"\" }"
            )]
        ),
        (
            "a third language",
            &[(
                "name = { en = \"Small\", zh = \"小\" }",
                "name = { en = \"Small\", zh = \"小\", fr = \"Petit\" }"
            )]
        ),
        (
            "an unknown placeholder",
            &[(
                "{ en = \"At most {capacity} %.\", zh = \"限流{capacity}%。\" }",
                "{ en = \"At most {capacite} %.\", zh = \"限流{capacity}%。\" }"
            )]
        ),
        (
            "a placeholder of what the rule has not",
            &[(
                "{ en = \"At most {capacity} %.\", zh = \"限流{capacity}%。\" }",
                "{ en = \"At most {days} %.\", zh = \"限流{days}%。\" }"
            )]
        ),
        (
            "an open brace",
            &[(
                "{ en = \"At most {capacity} %.\", zh = \"限流{capacity}%。\" }",
                "{ en = \"At most {capacity\", zh = \"限流{capacity}%。\" }"
            )]
        ),
        (
            "an id of other letters",
            &[("id = \"small\"", "id = \"Small pack\"")]
        ),
    ]));
}

#[test]
fn the_disease() {
    let gamma = "{ gamma = { mean = 4.7, sd = 2.9 } }";
    let lognormal = "{ lognormal = { meanlog = 1.621, sdlog = 0.418 } }";
    let daily = "{ daily = { shares = [0.0, 0.5, 0.5] } }";
    let by_age = "[{ from = 0, value = 0.001 }, { from = 60, value = 0.05 }]";
    shown!(all(&[
        (
            "shares that do not add up",
            &[(daily, "{ daily = { shares = [0.0, 0.5, 0.4] } }")]
        ),
        ("no shares", &[(daily, "{ daily = { shares = [] } }")]),
        (
            "a negative share",
            &[(daily, "{ daily = { shares = [-0.5, 1.5] } }")]
        ),
        (
            "a share that is no number",
            &[(daily, "{ daily = { shares = [nan, 1.0] } }")]
        ),
        (
            "a gamma without spread",
            &[(lognormal, "{ gamma = { mean = 4.7, sd = 0.0 } }")]
        ),
        (
            "a gamma that is not finite",
            &[(lognormal, "{ gamma = { mean = inf, sd = 1.0 } }")]
        ),
        (
            "a log-normal of no width",
            &[(lognormal, "{ lognormal = { meanlog = 1.6, sdlog = -0.4 } }")]
        ),
        (
            "a log-normal of centuries",
            &[(
                lognormal,
                "{ lognormal = { meanlog = 160.0, sdlog = 0.4 } }"
            )]
        ),
        (
            "a Weibull of no shape",
            &[(lognormal, "{ weibull = { shape = 0.0, scale = 3.0 } }")]
        ),
        (
            "a fixed time of no days",
            &[(lognormal, "{ fixed = { days = 0 } }")]
        ),
        (
            "an unknown distribution",
            &[(lognormal, "{ normal = { mean = 4.7, sd = 2.9 } }")]
        ),
        (
            "a field of another distribution",
            &[(lognormal, "{ gamma = { mean = 4.7, k = 2.9 } }")]
        ),
        (
            "two distributions",
            &[(
                lognormal,
                "{ gamma = { mean = 4.7, sd = 2.9 }, fixed = { days = 3 } }"
            )]
        ),
        (
            "an unknown time",
            &[(
                "[natural_history.spans.incubation]",
                "[natural_history.spans.incubtion]"
            )]
        ),
        (
            "an unknown share",
            &[(
                "[natural_history.shares.fatal]",
                "[natural_history.shares.deadly]"
            )]
        ),
        (
            "no source",
            &[(
                "shares = [0.0, 0.5, 0.5] } }\nsource = \"a test\"",
                "shares = [0.0, 0.5, 0.5] } }\nsource = \"\""
            )]
        ),
        (
            "ages that do not rise",
            &[(
                by_age,
                "[{ from = 0, value = 0.1 }, { from = 0, value = 0.2 }]"
            )]
        ),
        (
            "ages that do not begin at 0",
            &[(by_age, "[{ from = 1, value = 0.1 }]")]
        ),
        (
            "a share above 1",
            &[(by_age, "[{ from = 0, value = 1.1 }]")]
        ),
        ("no age group", &[(by_age, "[]")]),
        (
            "offspring of nobody",
            &[("mean = 0.58\nk = 0.43", "mean = 0.58\nk = 0.0")]
        ),
        (
            "a serial interval of another form",
            &[(gamma, "{ fixed = { days = 5 } }")]
        ),
        (
            "a serial interval of less than a day",
            &[(gamma, "{ gamma = { mean = 0.7, sd = 2.9 } }")]
        ),
        (
            "a serial interval of years",
            &[(gamma, "{ gamma = { mean = 700.0, sd = 300.0 } }")]
        ),
    ]));
}

#[test]
fn settings_out_of_range() {
    shown!(all(&[
        ("no window", &[("window_days = 7", "window_days = 0")]),
        (
            "a window of years",
            &[("max_delay_days = 21", "max_delay_days = 1000")]
        ),
        (
            "a share above 1",
            &[("provisional_below = 0.95", "provisional_below = 1.5")]
        ),
        (
            "a prior that is not finite",
            &[("prior_mean = 5.0", "prior_mean = inf")]
        ),
        (
            "a probability above 1",
            &[("declare_probability = 0.9", "declare_probability = 1.9")]
        ),
        (
            "retention for ever",
            &[("person_days = 180", "person_days = 20000")]
        ),
        ("no cluster", &[("cluster_cases = 2", "cluster_cases = 0")]),
    ]));
}

#[test]
fn origins_matters_and_examples() {
    let example = "evidence = { contact = \"close\", last_exposure = \"2020-03-08\", healthy_reports = 2 }\noutcome = \"red\"\nsince = \"2020-03-08\"\nuntil = \"2020-03-22\"";
    let evidence =
        "evidence = { contact = \"close\", last_exposure = \"2020-03-08\", healthy_reports = 2 }";
    shown!(all(&[
        ("no area", &[("area = \"420000\"", "area = \"42\u{4e00}\"")]),
        ("no risk", &[("risk = \"severe\"", "risk = \"terrible\"")]),
        (
            "an origin twice",
            &[(
                "[[origin]]",
                "[[origin]]\narea = \"420000\"\nrisk = \"high\"\nsource = \"x\"\n\n[[origin]]"
            )]
        ),
        (
            "a matter that nobody closes",
            &[(
                "to = \"confirmed\", by = \"confirmer\"",
                "to = \"issued\", by = \"confirmer\""
            )]
        ),
        (
            "a matter that its doer closes",
            &[(
                "to = \"confirmed\", by = \"confirmer\"",
                "to = \"confirmed\", by = \"owner\""
            )]
        ),
        (
            "a state that is none",
            &[("from = [\"issued\"]", "from = [\"begun\"]")]
        ),
        ("no time", &[("deadline_hours = 24", "deadline_hours = 0")]),
        (
            "an outcome that is not got",
            &[(
                example,
                "evidence = { contact = \"close\", last_exposure = \"2020-03-08\" }\noutcome = \"green\""
            )]
        ),
        (
            "a day that is not got",
            &[("until = \"2020-03-22\"", "until = \"2020-03-23\"")]
        ),
        (
            "a rule that is not got",
            &[("until = \"2020-03-22\"", "rule = \"green\"")]
        ),
        (
            "a table that is none",
            &[("table = \"pass\"", "table = \"passport\"")]
        ),
        (
            "an outcome that is none",
            &[(example, "evidence = {}\noutcome = \"blue\"")]
        ),
        (
            "a day that is none",
            &[("on = \"2020-03-10\"", "on = \"2020-02-30\"")]
        ),
        (
            "evidence without its day",
            &[(evidence, "evidence = { contact = \"close\" }")]
        ),
        (
            "evidence that is none",
            &[(evidence, "evidence = { kontakt = \"close\" }")]
        ),
        (
            "a word that is none",
            &[(evidence, "evidence = { contact = \"near\" }")]
        ),
        (
            "days without quotes",
            &[(
                evidence,
                "evidence = { contact = \"close\", last_exposure = 2020-03-08, healthy_reports = 2 }"
            )]
        ),
    ]));
}

#[test]
fn all_problems_are_told_at_once_and_in_order() {
    shown!(said(&with(&[
        ("id = \"small\"", "id = \"Small\""),
        ("value = 37.3", "value = -37.3"),
        ("window_days = 7", "window_days = 0"),
        (
            "when = \"setting == 'household' && !protected\"",
            "when = \"settin == 'household' && !protected\""
        ),
        ("capacity = 50", "capacity = 500"),
        ("from = [\"issued\"]", "from = [\"begun\"]"),
        ("reports = 14", "reports = 0"),
    ])));
}

#[test]
fn too_long_a_pack() {
    let text = format!("{SMALL}\n#{}", " ".repeat(LONGEST));
    assert_eq!(said(&text), format!("a pack has at most {LONGEST} bytes\n"));
    assert!(matches!(
        Pack::shipped("plague"),
        Err(PackError::NotShipped(_))
    ));
}

#[test]
fn too_many_rules_and_too_intricate_ones() {
    let mut many = String::new();
    for place in 0..201 {
        let _ = write!(
            many,
            "[[contact]]\nid = \"r{place}\"\npriority = 5\nwhen = \"metres == {place}\"\noutcome = \"none\"\nreason = {{ en = \"x\", zh = \"x\" }}\n\n"
        );
    }
    let close = "[[contact]]\nid = \"none\"";
    assert!(said(&with(&[(close, &format!("{many}{close}"))])).contains("at most 200 rules"));
    // Eleven numbers below ten, no two the same: the loader would have to try their orders.
    let days = [
        "case_since",
        "recovered",
        "last_exposure",
        "entered",
        "watch_since",
        "left_watch",
        "reported",
        "tested",
    ];
    let mut names: Vec<String> = days.iter().map(|day| format!("days_since_{day}")).collect();
    names.extend(["healthy_reports", "negative_tests", "age"].map(str::to_owned));
    let mut pairs = Vec::new();
    for (place, one) in names.iter().enumerate() {
        pairs.extend(
            names[..place]
                .iter()
                .map(|other| format!("{one} == {other}")),
        );
    }
    let small: Vec<String> = names.iter().map(|name| format!("{name} < 10")).collect();
    let rule = |id: &str, priority: u32, when: &str| {
        format!(
            "[[pass]]\nid = \"{id}\"\npriority = {priority}\nwhen = \"{when}\"\noutcome = \"green\"\nreason = {{ en = \"x\", zh = \"x\" }}\n\n"
        )
    };
    let intricate = rule("one", 7, &pairs[..28].join(" || "))
        + &rule("two", 6, &pairs[28..].join(" || "))
        + &rule("three", 5, &small.join(" && "));
    let close = "[[pass]]\nid = \"green\"";
    let said = said(&with(&[(close, &format!("{intricate}{close}"))]));
    assert!(said.contains("rule `three` is too intricate"), "{said}");
}

#[test]
fn the_settings_of_foresight_are_checked() {
    let whole = Pack::shipped("covid19-cn-2020").unwrap().text;
    let (before, foresight) = whole.split_once("[settings.foresight]").unwrap();
    let edits = [
        ("horizon_days = 14", "horizon_days = 15", "from 1 to 14"),
        ("horizon_days = 14", "horizon_days = 0", "from 1 to 14"),
        (
            "least_cases = 20",
            "least_cases = 0",
            "foresight.least_cases is a whole number",
        ),
        (
            "within_days = 14",
            "within_days = 367",
            "foresight.within_days is a whole number",
        ),
        (
            "judged_from = 20",
            "judged_from = 0",
            "foresight.judged_from is a whole number",
        ),
        (
            "source = \"The project's own convention\"",
            "source = \" \"",
            "foresight.source says where",
        ),
    ];
    for (one, other, expected) in edits {
        let text = format!(
            "{before}[settings.foresight]{}",
            foresight.replacen(one, other, 1)
        );
        let said = said(&text);
        assert!(said.contains(expected), "{one}: {said}");
    }
    let (start, rest) = whole.split_once("[settings.forecast]").unwrap();
    let (_, rest) = rest.split_once("\n[settings.").unwrap();
    let said = said(&format!("{start}[settings.{rest}"));
    assert!(
        said.contains("foresight needs the section settings.forecast"),
        "{said}"
    );
}

#[test]
fn the_settings_of_visits_are_checked() {
    let whole = Pack::shipped("covid19-cn-2020").unwrap().text;
    let (before, visits) = whole.split_once("[settings.visits]").unwrap();
    let edits = [
        (
            "keep_days = 30",
            "keep_days = 0",
            "visits.keep_days is a whole number",
        ),
        (
            "longest_stay_minutes = 1440",
            "longest_stay_minutes = 64001",
            "from 1 to 64000",
        ),
        (
            "trace_before = \"contact_window_days\"",
            "trace_before = \"some_days\"",
            "`some_days` is none",
        ),
        (
            "usual_stay_minutes = 40",
            "usual_stay_minutes = 1441",
            "visits.places.market.usual_stay_minutes is a whole number from 1 to 1440",
        ),
        ("weight = 1.0", "weight = 0.0", "weight is more than 0"),
        (
            "source = \"The project's own convention\"",
            "source = \" \"",
            "source says where",
        ),
        (
            "[settings.visits.places.market]",
            "[settings.visits.places.bazaar]",
            "bazaar",
        ),
    ];
    for (one, other, expected) in edits {
        let text = format!(
            "{before}[settings.visits]{}",
            visits.replacen(one, other, 1)
        );
        let said = said(&text);
        assert!(said.contains(expected), "{one}: {said}");
    }
    let (gone, rest) = visits
        .split_once("[settings.visits.places.market]")
        .unwrap();
    let (_, rest) = rest.split_once("[settings.visits.places.shop]").unwrap();
    let text = format!("{before}[settings.visits]{gone}[settings.visits.places.shop]{rest}");
    assert!(said(&text).contains("visits.places.market is missing"));
}
