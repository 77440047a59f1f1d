//! The comparison as a table for programs, or as JSON.

use lianfang_city::whatif::{Better, Compared, Difference, Measure, Series, Spread};
use lianfang_core::words::Word;
use serde_json::{Map, Value, json};

use super::Found;

/// Columns of the table.
const COLUMNS: [&str; 15] = [
    "pack",
    "against",
    "measure",
    "better",
    "median",
    "q05",
    "q25",
    "q75",
    "q95",
    "mean",
    "error",
    "seeds_less",
    "seeds_more",
    "seeds",
    "on_frontier",
];

/// So many digits behind the point.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

fn better(measure: Measure) -> &'static str {
    match measure.better() {
        Better::Less => "less",
        Better::More => "more",
    }
}

/// A row for each pack and measure, then one for each difference from the first pack.
pub(super) fn csv(found: &Found<'_>) -> anyhow::Result<String> {
    let compared = found.compared;
    let seeds = compared.seeds.len().to_string();
    let frontier = found.of_named().frontier(found.hands());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let mut row = |pack: usize,
                   against: &str,
                   measure: Measure,
                   spread: Spread,
                   told: [String; 3],
                   on_frontier: &str| {
        let numbers = [
            spread.median,
            spread.q05,
            spread.q25,
            spread.q75,
            spread.q95,
            spread.mean,
        ];
        let mut cells = vec![
            compared.labels[pack].clone(),
            against.to_owned(),
            measure.word().to_owned(),
            better(measure).to_owned(),
        ];
        cells.extend(numbers.map(number));
        cells.extend(told);
        cells.extend([seeds.clone(), on_frontier.to_owned()]);
        writer.write_record(&cells)
    };
    for pack in 0..compared.labels.len() {
        let on_frontier = frontier
            .packs
            .get(pack)
            .map_or("", |placed| if placed.on_frontier { "yes" } else { "no" });
        for measure in Measure::ALL {
            let none = [String::new(), String::new(), String::new()];
            let spread = compared.spread(pack, *measure);
            row(pack, "", *measure, spread, none, on_frontier)?;
        }
    }
    for pack in 1..compared.labels.len() {
        for measure in Measure::ALL {
            let Difference {
                spread,
                error,
                less,
                more,
            } = compared.difference(0, pack, *measure);
            let told = [error, less, more].map(number);
            row(pack, &compared.labels[0], *measure, spread, told, "")?;
        }
    }
    for off in found.switched_off {
        if let Err(why) = &off.tried {
            eprintln!("{} is not switched off: {why}", off.switch);
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn spread_json(spread: &Spread) -> Value {
    json!({
        "median": spread.median,
        "q05": spread.q05,
        "q25": spread.q25,
        "q75": spread.q75,
        "q95": spread.q95,
        "mean": spread.mean,
    })
}

fn difference_json(difference: &Difference) -> Value {
    let mut json = spread_json(&difference.spread);
    json["error"] = json!(difference.error);
    json["seeds_less"] = json!(difference.less);
    json["seeds_more"] = json!(difference.more);
    json
}

fn by_measure(of: impl Fn(Measure) -> Value) -> Value {
    let all: Map<String, Value> = Measure::ALL
        .iter()
        .map(|measure| (measure.word().to_owned(), of(*measure)))
        .collect();
    Value::Object(all)
}

fn differences(compared: &Compared, pack: usize) -> Value {
    by_measure(|measure| difference_json(&compared.difference(0, pack, measure)))
}

fn curves(compared: &Compared, pack: usize) -> Value {
    let all: Map<String, Value> = Series::ALL
        .iter()
        .map(|series| {
            let days = compared.curve(pack, *series);
            let days: Vec<Value> = days.iter().map(spread_json).collect();
            (series.word().to_owned(), Value::Array(days))
        })
        .collect();
    Value::Object(all)
}

/// All that was found.
pub(super) fn json(found: &Found<'_>) -> Value {
    let compared = found.compared;
    let names = |en: String, zh: String| json!({ "en": en, "zh": zh });
    let measures: Vec<Value> = Measure::ALL
        .iter()
        .map(|measure| {
            let label = measure.label();
            json!({
                "measure": measure.word(),
                "name": names(label.en, label.zh),
                "better": better(*measure),
            })
        })
        .collect();
    let packs: Vec<Value> = (0..found.named)
        .map(|pack| {
            let file = found
                .tried
                .get(pack)
                .filter(|_| pack < found.args.packs.len());
            json!({
                "pack": compared.labels[pack],
                "digest": file.map(|tried| tried.pack.digest.clone()),
                "measures": by_measure(|measure| spread_json(&compared.spread(pack, measure))),
                "differences": (pack > 0).then(|| differences(compared, pack)),
                "curves": curves(compared, pack),
            })
        })
        .collect();
    let frontier = found.of_named().frontier(found.hands());
    let placed: Vec<Value> = frontier
        .packs
        .iter()
        .zip(&compared.labels)
        .map(|(placed, label)| {
            json!({
                "pack": label,
                "outbreak": spread_json(&placed.outbreak),
                "work": spread_json(&placed.work),
                "on_frontier": placed.on_frontier,
                "seeds_on_frontier": placed.seeds_on_frontier,
            })
        })
        .collect();
    let mut json = json!({
        "city": { "id": found.city, "people": found.people },
        "days": found.args.days,
        "seeds": compared.seeds,
        "starts": found.scenario.start,
        "scenario": found.scenario,
        "against": compared.labels[0],
        "measures": measures,
        "packs": packs,
        "frontier": {
            "outbreak": frontier.hands.outbreak.word(),
            "work": frontier.hands.work.word(),
            "packs": placed,
        },
    });
    if let Some(known) = found.known {
        json["known"] = json!({
            "as_of": known.as_of,
            "cases": known.start.cases.len(),
            "reproduction_number": known.start.reproduction_number,
            "rows": known.rows,
            "rows_refused": known.refused,
            "found_later": known.later,
            "excluded": known.excluded,
        });
    }
    if let Some(house) = found.known.and_then(|known| known.house) {
        json["known"]["house"] = json!(house);
        json["known"]["contacts"] = json!(found.known.map(|known| known.start.contacts.len()));
        json["known"]["arrivals"] = json!(found.known.map(|known| known.start.arrivals.len()));
    }
    if found.args.ablate {
        let all = found.switched_off.iter().map(|off| match &off.tried {
            Ok(pack) => json!({
                "off": off.switch.to_string(),
                "differences": differences(compared, *pack),
            }),
            Err(why) => json!({ "off": off.switch.to_string(), "left_out": why }),
        });
        json["ablation"] = all.collect();
    }
    json
}
