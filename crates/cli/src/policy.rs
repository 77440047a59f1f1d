//! `lianfang policy`: packs checked, tested, explained and compared.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use jiff::Zoned;
use jiff::civil::Date;
use lianfang_core::text::Language;
use lianfang_core::words::Word;
use lianfang_policy::{
    Explanation, FieldKind, Pack, PackError, Problem, Table, diff, explain, schema, shipped_ids,
};
use lianfang_service::policy::{PolicyPreview, Preview};
use serde_json::{Value, json};

use crate::house::{self, operator};
use crate::import::Lang;
use crate::out::{self, Format};

/// Longest evidence file, in bytes.
const LONGEST_EVIDENCE: u64 = 1024 * 1024;

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Check packs: every problem with its line and column.
    Check {
        /// Files, or ids of packs that come with the program.
        #[arg(value_name = "FILE", required = true)]
        packs: Vec<String>,
        #[arg(long, default_value = "text")]
        format: Format,
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
    /// Run the examples that a pack carries.
    Test {
        /// A file, or the id of a pack that comes with the program.
        #[arg(value_name = "FILE")]
        pack: String,
        #[arg(long, default_value = "text")]
        format: Format,
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
    /// Say step by step why a given evidence record gets its decision.
    Explain {
        /// A file, or the id of a pack that comes with the program.
        #[arg(long, value_name = "FILE", required_unless_present = "data_dir")]
        pack: Option<String>,
        /// Use the pack in force in this data folder.
        #[arg(long, value_name = "DIR", conflicts_with = "pack")]
        data_dir: Option<PathBuf>,
        /// The table: entry, contact, quarantine, pass, risk or reopening.
        #[arg(long, value_parser = table)]
        table: Table,
        /// The day that is asked for; today unless given.
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
        /// The evidence: a JSON object, or `@FILE`.
        #[arg(long, value_name = "JSON|@FILE", default_value = "{}")]
        evidence: String,
        #[arg(long, default_value = "text")]
        format: Format,
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
    /// Say in words what changed from one pack to another and, with a data folder, who would be
    /// decided differently.
    Diff {
        /// A file, or the id of a pack that comes with the program.
        old: String,
        /// A file, or the id of a pack that comes with the program.
        new: String,
        /// Count in this data folder who would be decided differently.
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
        #[arg(long, default_value = "text")]
        format: Format,
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
    /// List the fields of a table's evidence, for whoever writes a pack.
    Fields {
        /// The table; all of them unless named.
        #[arg(value_parser = table)]
        table: Option<Table>,
        #[arg(long, default_value = "text")]
        format: Format,
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
}

fn table(word: &str) -> anyhow::Result<Table> {
    let found = Table::ALL
        .iter()
        .copied()
        .find(|table| table.word() == word);
    found.with_context(|| {
        let all: Vec<&str> = Table::ALL.iter().map(|table| table.word()).collect();
        format!("tables are {}", all.join(", "))
    })
}

/// The text of a pack: a file's, or that of one that comes with the program.
pub(crate) fn pack_text(name: &str) -> anyhow::Result<String> {
    if shipped_ids().contains(&name) && !Path::new(name).exists() {
        return Ok(Pack::shipped(name)?.text);
    }
    let bytes = std::fs::read(name).with_context(|| {
        format!(
            "{name}: no such file, and none of the packs that come with the program ({})",
            shipped_ids().join(", ")
        )
    })?;
    String::from_utf8(bytes).with_context(|| format!("{name}: a pack is UTF-8 text"))
}

/// Reads a pack that must be whole.
pub(crate) fn whole_pack(name: &str) -> anyhow::Result<Pack> {
    match Pack::read(&pack_text(name)?) {
        Ok(pack) => Ok(pack),
        Err(PackError::Broken(problems)) => {
            let lines: Vec<String> = problems
                .iter()
                .map(|problem| placed(name, problem, Language::En))
                .collect();
            bail!("this pack cannot be used:\n{}", lines.join("\n"))
        }
        Err(error) => Err(error.into()),
    }
}

fn placed(name: &str, problem: &Problem, language: Language) -> String {
    format!(
        "{name}:{}:{}: {}",
        problem.line,
        problem.column,
        problem.message.in_language(language)
    )
}

pub(crate) fn policy(command: &Policy) -> anyhow::Result<ExitCode> {
    match command {
        Policy::Check {
            packs,
            format,
            lang,
        } => check(packs, *format, (*lang).into()),
        Policy::Test { pack, format, lang } => test(pack, *format, (*lang).into()),
        Policy::Explain {
            pack,
            data_dir,
            table,
            on,
            evidence,
            format,
            lang,
        } => {
            let evidence = read_evidence(evidence)?;
            let on = on.unwrap_or_else(|| Zoned::now().date());
            let explained = match (pack, data_dir) {
                (_, Some(folder)) => {
                    let policy = house::open(folder)?.policy()?;
                    explain(&policy.pack, *table, &evidence, on)
                }
                (Some(pack), None) => explain(&whole_pack(pack)?, *table, &evidence, on),
                (None, None) => bail!("name a --pack or a --data-dir"),
            };
            let language = (*lang).into();
            let explained =
                explained.map_err(|error| anyhow::anyhow!("{}", error.0.in_language(language)))?;
            match format {
                Format::Json => out::line(serde_json::to_string_pretty(&explained)?)?,
                Format::Text => out::text(&explanation(&explained, language))?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Policy::Diff {
            old,
            new,
            data_dir,
            format,
            lang,
        } => {
            compare(old, new, data_dir.as_deref(), *format, (*lang).into())?;
            Ok(ExitCode::SUCCESS)
        }
        Policy::Fields {
            table,
            format,
            lang,
        } => {
            fields(*table, *format, (*lang).into())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(packs: &[String], format: Format, language: Language) -> anyhow::Result<ExitCode> {
    let mut whole = true;
    let mut answers = Vec::new();
    for name in packs {
        let read = Pack::read(&pack_text(name)?);
        let answer = match &read {
            Ok(pack) => {
                let rules: usize = Table::ALL
                    .iter()
                    .map(|table| pack.rules(*table).in_order().len())
                    .sum();
                let text = format!(
                    "{name}: {} {}: {rules} rules, {} kinds of matter, {} examples: whole\n",
                    pack.id,
                    pack.version,
                    pack.matters.len(),
                    pack.examples.len()
                );
                let json = json!({ "file": name, "id": pack.id, "version": pack.version, "digest": pack.digest, "problems": [] });
                (text, json)
            }
            Err(PackError::Broken(problems)) => {
                whole = false;
                let mut text = String::new();
                for problem in problems {
                    let _ = writeln!(text, "{}", placed(name, problem, language));
                }
                (text, json!({ "file": name, "problems": problems }))
            }
            Err(error) => {
                whole = false;
                (
                    format!("{name}: {error}\n"),
                    json!({ "file": name, "problems": [{ "line": 1, "column": 1, "message": { "en": error.to_string(), "zh": error.to_string() } }] }),
                )
            }
        };
        answers.push(answer);
    }
    match format {
        Format::Text => {
            for (text, _) in &answers {
                out::text(text)?;
            }
        }
        Format::Json => {
            let all: Vec<&Value> = answers.iter().map(|(_, json)| json).collect();
            out::line(serde_json::to_string_pretty(&all)?)?;
        }
    }
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn test(name: &str, format: Format, language: Language) -> anyhow::Result<ExitCode> {
    let pack = match Pack::read_untried(&pack_text(name)?) {
        Ok(pack) => pack,
        Err(PackError::Broken(_)) => return check(&[name.to_owned()], format, language),
        Err(error) => return Err(error.into()),
    };
    let mut failed = 0;
    let mut text = String::new();
    let mut answers = Vec::new();
    for example in &pack.examples {
        match example.run(&pack) {
            Ok(decided) => {
                let _ = writeln!(
                    text,
                    "ok    {} ({} by {})",
                    example.name, decided.outcome, decided.rule
                );
                answers.push(json!({ "name": example.name, "ok": true, "decision": decided }));
            }
            Err(wrong) => {
                failed += 1;
                let _ = writeln!(text, "WRONG {}", wrong.in_language(language));
                answers.push(json!({ "name": example.name, "ok": false, "message": wrong }));
            }
        }
    }
    let _ = writeln!(text, "{} examples, {failed} wrong", pack.examples.len());
    match format {
        Format::Text => out::text(&text)?,
        Format::Json => out::line(serde_json::to_string_pretty(&answers)?)?,
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read_evidence(given: &str) -> anyhow::Result<Value> {
    let text = match given.strip_prefix('@') {
        None => given.to_owned(),
        Some(path) => {
            let size = std::fs::metadata(path)
                .with_context(|| path.to_owned())?
                .len();
            if size > LONGEST_EVIDENCE {
                bail!("{path}: evidence has at most {LONGEST_EVIDENCE} bytes");
            }
            std::fs::read_to_string(path).with_context(|| path.to_owned())?
        }
    };
    serde_json::from_str(&text)
        .context("evidence is a JSON object, such as {\"contact\": \"close\", \"last_exposure\": \"2020-03-08\"}")
}

/// An explanation as text.
fn explanation(explained: &Explanation, language: Language) -> String {
    let zh = language == Language::Zh;
    let pick = |en: &'static str, word: &'static str| if zh { word } else { en };
    let mut text = String::new();
    let decision = &explained.decision;
    let _ = writeln!(
        text,
        "{} {}, {} {}",
        decision.pack, decision.version, decision.table, decision.on
    );
    let _ = writeln!(text, "\n{}", pick("What is known:", "已知："));
    if explained.evidence.is_empty() {
        let _ = writeln!(text, "  {}", pick("nothing", "无"));
    }
    for seen in &explained.evidence {
        let _ = writeln!(
            text,
            "  {}  ({})",
            seen.shown,
            seen.label.in_language(language)
        );
    }
    let _ = writeln!(
        text,
        "\n{}",
        pick("Rules, in the order in which they are asked:", "逐条判断：")
    );
    for step in &explained.steps {
        let _ = writeln!(
            text,
            "  {} {} → {}  ({} {})",
            if step.holds { "✓" } else { "✗" },
            step.rule,
            step.outcome,
            pick("priority", "优先级"),
            step.priority
        );
        let _ = writeln!(text, "      {}", step.when);
        for part in &step.parts {
            let _ = writeln!(
                text,
                "      {} {}    {} {}",
                if part.holds { "✓" } else { "✗" },
                part.compares,
                pick("found:", "实际："),
                part.found
            );
        }
    }
    if !explained.not_asked.is_empty() {
        let _ = writeln!(
            text,
            "  {} {}",
            pick("not asked any more:", "其后不再判断："),
            explained.not_asked.join(", ")
        );
    }
    let day =
        |day: Option<Date>| day.map_or_else(|| pick("open", "未定").to_owned(), |d| d.to_string());
    let _ = writeln!(
        text,
        "\n{} {} ({})",
        pick("Decision:", "结论："),
        decision.outcome,
        decision.outcome_name.in_language(language)
    );
    let _ = writeln!(text, "  {} {}", pick("rule:", "规则："), decision.rule);
    let _ = writeln!(
        text,
        "  {} {}",
        pick("why:", "理由："),
        decision.reason.in_language(language)
    );
    // The act of a moment has no term.
    if !schema(decision.table).lasting {
        return text;
    }
    let _ = writeln!(text, "  {} {}", pick("since:", "起："), day(decision.since));
    let _ = writeln!(text, "  {} {}", pick("until:", "止："), day(decision.until));
    let _ = writeln!(
        text,
        "  {} {}",
        pick("cleared by:", "解除条件："),
        decision.clears.in_language(language)
    );
    text
}

fn compare(
    old: &str,
    new: &str,
    data_dir: Option<&Path>,
    format: Format,
    language: Language,
) -> anyhow::Result<()> {
    let (old, new) = (whole_pack(old)?, whole_pack(new)?);
    let differences = diff(&old, &new);
    let preview = match data_dir {
        Some(folder) => Some(house::open(folder)?.compare_policies(&operator(), old, new)?),
        None => None,
    };
    if format == Format::Json {
        let both = json!({ "differences": differences, "preview": preview });
        out::line(serde_json::to_string_pretty(&both)?)?;
        return Ok(());
    }
    let mut text = String::new();
    for difference in &differences {
        let _ = writeln!(text, "{}", difference.words.in_language(language));
    }
    if differences.is_empty() {
        text.push_str(match language {
            Language::En => "no difference\n",
            Language::Zh => "无差异\n",
        });
    }
    if let Some(preview) = preview {
        moved(&mut text, &preview, language);
    }
    out::text(&text)?;
    Ok(())
}

fn moved(text: &mut String, preview: &PolicyPreview, language: Language) {
    let zh = language == Language::Zh;
    let table = |text: &mut String, name: &str, table: &Preview| {
        let _ = if zh {
            writeln!(
                text,
                "\n{name}：共{}，变化{}，期限变化{}",
                table.total, table.changed, table.other_end
            )
        } else {
            writeln!(
                text,
                "\n{name}: {} decided, {} differently, {} with another end",
                table.total, table.changed, table.other_end
            )
        };
        for area in table.by_area.iter().filter(|area| area.changed > 0) {
            for step in &area.moves {
                let _ = writeln!(
                    text,
                    "  {} {}: {} → {}  {}",
                    area.area.code,
                    area.area.name,
                    step.from_name.in_language(language),
                    step.to_name.in_language(language),
                    step.count
                );
            }
        }
    };
    table(text, if zh { "健康码" } else { "Passes" }, &preview.pass);
    table(
        text,
        if zh { "区域风险" } else { "Area risk" },
        &preview.risk,
    );
}

fn fields(only: Option<Table>, format: Format, language: Language) -> anyhow::Result<()> {
    let tables: Vec<Table> = Table::ALL
        .iter()
        .copied()
        .filter(|table| only.is_none_or(|only| only == *table))
        .collect();
    if format == Format::Json {
        let shown: Vec<_> = tables.iter().map(|table| schema(*table)).collect();
        out::line(serde_json::to_string_pretty(&shown)?)?;
        return Ok(());
    }
    let mut text = String::new();
    for table in tables {
        let schema = schema(table);
        let outcomes: Vec<&str> = schema.outcomes.iter().map(|named| named.word).collect();
        let _ = writeln!(text, "{table}: {}", schema.about.in_language(language));
        let _ = writeln!(text, "  outcomes: {}", outcomes.join(", "));
        for field in &schema.fields {
            let kind = match &field.kind {
                FieldKind::Flag {} => "yes or no".to_owned(),
                FieldKind::MaybeFlag {} => "yes, no or not known".into(),
                FieldKind::Word { words } => {
                    let words: Vec<&str> = words.iter().map(|named| named.word).collect();
                    format!("one of {}", words.join(", "))
                }
                FieldKind::Words { words } => {
                    let words: Vec<&str> = words.iter().map(|named| named.word).collect();
                    format!("any of {}", words.join(", "))
                }
                FieldKind::Number { most } => format!("0 to {most}"),
                FieldKind::MaybeNumber { most } => format!("0 to {most}, or not known"),
                FieldKind::Daily { most } => format!("0 to {most}, one more a day"),
                FieldKind::Temperature {} => "°C, or not measured".into(),
                FieldKind::Day {} => "a day, or never".into(),
            };
            let _ = writeln!(
                text,
                "  {}: {kind} ({})",
                field.name,
                field.label.in_language(language)
            );
        }
        text.push('\n');
    }
    out::text(&text)?;
    Ok(())
}
