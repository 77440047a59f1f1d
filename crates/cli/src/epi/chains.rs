//! `lianfang epi chains`: chains of transmission out of a line list and a file of links, without a store.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use jiff::Zoned;
use lianfang_core::cases::Classification;
use lianfang_epi::chains::{
    Case, Certainty, Chains, Link, Mark, Met, Node, Offspring, Refusal, Setting, Standing,
    chains as grow,
};
use lianfang_epi::onset_interval::OnsetInterval;
use lianfang_intake::links::Sureness;
use lianfang_intake::preset::Field;
use lianfang_intake::table::TableReader;
use lianfang_intake::{
    Entry, LineList, LineListRow, LinkRow, Links, Options, Preset, RefusedRow, Source,
};
use lianfang_policy::Pack;
use serde_json::{Value, json};

use super::{Json, PACK};

/// What chains need of a line list.
const FIELDS: [Field; 7] = [
    Field::ExternalId,
    Field::Onset,
    Field::Sampled,
    Field::Diagnosed,
    Field::Reported,
    Field::Hospitalised,
    Field::Classification,
];

#[derive(Args)]
pub(crate) struct ChainsArgs {
    /// Cases, a row each: with the house's own headers, Chinese ones, or as Go.Data exports them.
    #[arg(long, value_name = "FILE")]
    linelist: PathBuf,
    /// Links, a row each: infector,infectee[,certainty][,setting][,day], or from,to, or Go.Data's relationships.
    #[arg(long, value_name = "FILE")]
    contacts: PathBuf,
    /// Preset of the line list; the one that fits its header best, if left out.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    #[arg(long, default_value = "json")]
    format: Json,
}

/// A row that is left out.
struct Left {
    row: u64,
    code: String,
    message: String,
}

impl Left {
    fn of(refused: &RefusedRow) -> Self {
        let finding = refused.findings.first();
        Self {
            row: refused.row,
            code: finding.map_or_else(String::new, |finding| finding.code.to_string()),
            message: finding.map_or_else(String::new, |finding| finding.message.en.clone()),
        }
    }

    fn json(&self) -> Value {
        json!({ "row": self.row, "reason": self.code, "message": self.message })
    }
}

/// The cases of a line list.
struct Cases {
    taken: Vec<Case<String>>,
    rows_read: u64,
    /// Found not to be cases.
    excluded: HashSet<String>,
    refused: Vec<Left>,
    preset: String,
}

/// The links of a file.
struct Stated {
    links: Vec<Link<String>>,
    /// Row of each link.
    rows: Vec<u64>,
    rows_read: u64,
    /// Rows about contacts who are no cases.
    to_contacts: u64,
    settings: Vec<String>,
    refused: Vec<Left>,
}

pub(super) fn chains(args: &ChainsArgs) -> anyhow::Result<String> {
    let ChainsArgs {
        linelist,
        contacts,
        preset,
        format: Json::Json,
    } = args;
    let options = Options::new(Zoned::now().date());
    let cases = cases_of(linelist, preset.as_deref(), options)
        .with_context(|| linelist.display().to_string())?;
    let stated =
        links_of(contacts, &cases, options).with_context(|| contacts.display().to_string())?;
    let pack = Pack::shipped(PACK)?;
    let interval = OnsetInterval::from(&pack.serial_interval);
    let found = grow(&cases.taken, &stated.links, Some(&interval))?;
    let answer = Answer {
        cases: &cases,
        stated: &stated,
        found: &found,
        offspring: found.offspring(),
        negative: marked(&found, Mark::NegativeInterval),
    };
    let mut json = answer.json();
    json["pack"] = json!({ "id": pack.id, "version": pack.version });
    Ok(serde_json::to_string_pretty(&json)?)
}

fn marked(found: &Chains, wanted: Mark) -> HashSet<usize> {
    let marks = found.marks.iter().filter(|(_, mark)| *mark == wanted);
    marks.map(|(link, _)| *link).collect()
}

fn cases_of(path: &Path, preset: Option<&str>, options: Options) -> anyhow::Result<Cases> {
    let preset = if let Some(name) = preset {
        Preset::find(name)?
    } else {
        let table = TableReader::open(Source::path(path)?, options.limits)?;
        Preset::recognised(table.header())?
    };
    let mut cases = Cases {
        taken: Vec::new(),
        rows_read: 0,
        excluded: HashSet::new(),
        refused: Vec::new(),
        preset: preset.name().to_owned(),
    };
    let preset = preset.only(&FIELDS, &[Field::ExternalId], Classification::Confirmed);
    let mut known = HashSet::new();
    for entry in LineList::open(Source::path(path)?, &preset, options)? {
        cases.rows_read += 1;
        match entry? {
            Entry::Taken(taken) => cases.take(taken.row, &mut known),
            Entry::Refused(refused) => cases.refused.push(Left::of(&refused)),
        }
    }
    if cases.taken.is_empty() {
        bail!("no case could be taken: chains need a line list with an id in each row");
    }
    Ok(cases)
}

impl Cases {
    fn take(&mut self, row: LineListRow, known: &mut HashSet<String>) {
        let left = |code: &str, message: &str| Left {
            row: row.row,
            code: code.to_owned(),
            message: message.to_owned(),
        };
        let Some(id) = row.external_id else {
            let message = "the case has no id: links could not name it";
            self.refused.push(left("missing_value", message));
            return;
        };
        if !known.insert(id.clone()) {
            let message = "an earlier row has the same id: each case is given once";
            self.refused.push(left("repeated_case", message));
            return;
        }
        if row.classification == Classification::Excluded {
            self.excluded.insert(id);
            return;
        }
        self.taken.push(Case {
            id,
            onset: row.onset,
            day: row
                .reported
                .or(row.diagnosed)
                .or(row.sampled)
                .or(row.hospitalised),
            setting: None,
        });
    }
}

fn links_of(path: &Path, cases: &Cases, options: Options) -> anyhow::Result<Stated> {
    let list = Links::open(Source::path(path)?, options)?;
    let among_contacts = list.has_contacts();
    let ids: HashSet<&str> = cases.taken.iter().map(|case| case.id.as_str()).collect();
    let mut stated = Stated {
        links: Vec::new(),
        rows: Vec::new(),
        rows_read: 0,
        to_contacts: 0,
        settings: Vec::new(),
        refused: Vec::new(),
    };
    let mut numbers = HashMap::new();
    for entry in list {
        stated.rows_read += 1;
        match entry? {
            Entry::Refused(refused) => stated.refused.push(Left::of(&refused)),
            Entry::Taken(taken)
                if among_contacts
                    && !ids.contains(taken.row.infectee.as_str())
                    && !cases.excluded.contains(&taken.row.infectee) =>
            {
                stated.to_contacts += 1;
            }
            Entry::Taken(taken) => stated.take(taken.row, &mut numbers),
        }
    }
    Ok(stated)
}

impl Stated {
    fn take(&mut self, row: LinkRow, numbers: &mut HashMap<String, Setting>) {
        let setting = row.setting.map(|name| {
            *numbers.entry(name).or_insert_with_key(|name| {
                self.settings.push(name.clone());
                Setting(self.settings.len() as u32 - 1)
            })
        });
        self.rows.push(row.row);
        self.links.push(Link {
            infector: row.infector,
            infectee: row.infectee,
            certainty: match row.sureness {
                Some(Sureness::Confirmed) => Certainty::Confirmed,
                Some(Sureness::Probable) => Certainty::Probable,
                Some(Sureness::Possible) | None => Certainty::Possible,
            },
            setting,
            met: row.met.map(Met::On).or(row.last_met.map(Met::Until)),
        });
    }
}

/// The answer's parts.
struct Answer<'a> {
    cases: &'a Cases,
    stated: &'a Stated,
    found: &'a Chains,
    offspring: Offspring,
    /// Links whose infectee fell ill first.
    negative: HashSet<usize>,
}

impl Answer<'_> {
    fn json(&self) -> Value {
        json!({
            "cases": self.cases_json(),
            "links": self.links(),
            "generations": self.generations(),
            "serial_interval": self.serial_interval(),
            "offspring": self.offspring(),
            "superspreaders": self.superspreaders(),
            "clusters": self.clusters(),
            "trees": self.trees(),
        })
    }

    fn id(&self, case: usize) -> &str {
        &self.cases.taken[case].id
    }

    fn setting(&self, setting: Setting) -> &str {
        &self.stated.settings[setting.0 as usize]
    }

    fn cases_json(&self) -> Value {
        let cases = &self.cases.taken;
        let mut linked: HashSet<usize> = HashSet::new();
        for node in &self.found.nodes {
            linked.extend(
                node.infector
                    .iter()
                    .chain(node.infector.map(|_| &node.case)),
            );
        }
        json!({
            "rows_read": self.cases.rows_read,
            "taken": cases.len(),
            "with_onset": cases.iter().filter(|case| case.onset.is_some()).count(),
            "linked": linked.len(),
            "excluded": self.cases.excluded.len(),
            "refused": self.cases.refused.iter().map(Left::json).collect::<Vec<_>>(),
            "preset": self.cases.preset,
        })
    }

    fn links(&self) -> Value {
        let count = |standing: Standing| {
            self.found
                .standings
                .iter()
                .filter(|s| **s == standing)
                .count()
        };
        let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
        let mut refused: Vec<Value> = Vec::new();
        let mut alternatives = Vec::new();
        for left in &self.stated.refused {
            *by_reason.entry(left.code.as_str()).or_default() += 1;
            refused.push(left.json());
        }
        for (at, standing) in self.found.standings.iter().enumerate() {
            match standing {
                Standing::Refused(refusal) => {
                    let json = self.refused_link(at, *refusal);
                    *by_reason.entry(self.reason(at, *refusal).0).or_default() += 1;
                    refused.push(json);
                }
                Standing::Alternative => alternatives.push(self.link(at)),
                Standing::Taken | Standing::Repeated => {}
            }
        }
        let marks = self.found.marks.iter().map(|(at, mark)| {
            json!({ "row": self.stated.rows[*at], "mark": mark, "taken": self.found.standings[*at] == Standing::Taken })
        });
        json!({
            "rows_read": self.stated.rows_read,
            "taken": count(Standing::Taken),
            "alternative": count(Standing::Alternative),
            "repeated": count(Standing::Repeated),
            "to_contacts": self.stated.to_contacts,
            "refused": refused.len(),
            "refused_by_reason": by_reason,
            "refusals": refused,
            "alternatives": alternatives,
            "marks": marks.collect::<Vec<_>>(),
        })
    }

    fn link(&self, at: usize) -> Value {
        let link = &self.stated.links[at];
        json!({
            "row": self.stated.rows[at],
            "infector": link.infector,
            "infectee": link.infectee,
            "certainty": link.certainty,
        })
    }

    /// Word and sentence of a refusal; somebody found not to be a case is told from somebody not known.
    fn reason(&self, at: usize, refusal: Refusal) -> (&'static str, String) {
        let link = &self.stated.links[at];
        let end = match refusal {
            Refusal::UnknownInfector => Some(&link.infector),
            Refusal::UnknownInfectee => Some(&link.infectee),
            _ => None,
        };
        if end.is_some_and(|id| self.cases.excluded.contains(id)) {
            let message = "infector or infectee was found not to be a case";
            return ("excluded", message.to_owned());
        }
        (refusal.word(), refusal.to_string())
    }

    fn refused_link(&self, at: usize, refusal: Refusal) -> Value {
        let (reason, message) = self.reason(at, refusal);
        let mut json = self.link(at);
        json["reason"] = reason.into();
        json["message"] = message.into();
        if let Refusal::Loop(place) = refusal {
            let found = &self.found.loops[place];
            let ids: Vec<&str> = found.cases.iter().map(|&case| self.id(case)).collect();
            json["loop"] = json!(ids);
            json["loop_cut"] = found.cut.into();
        }
        json
    }

    fn generations(&self) -> Value {
        let generations = self.found.generations().into_iter().enumerate();
        generations
            .map(|(generation, cases)| json!({ "generation": generation, "cases": cases }))
            .collect()
    }

    fn serial_interval(&self) -> Value {
        let found = self.found.serial_intervals();
        json!({
            "n": found.days.len(),
            "mean": found.mean,
            "sd": found.sd,
            "median": found.median,
            "negative": found.negative,
            "days": found.days,
        })
    }

    fn offspring(&self) -> Value {
        let found = &self.offspring;
        let counts = found
            .counts
            .iter()
            .enumerate()
            .filter(|(_, cases)| **cases > 0);
        let counts: Vec<Value> = counts
            .map(|(infectees, cases)| json!({ "infectees": infectees, "cases": cases }))
            .collect();
        let fit = found.fit.as_ref();
        let nobody = found.counts.len() == 1;
        json!({
            "R": fit.map_or(nobody.then_some(0.0), |fit| Some(fit.r)),
            "R_low": fit.ok().map(|fit| fit.r_low),
            "R_high": fit.ok().map(|fit| fit.r_high),
            "k": fit.ok().and_then(|fit| fit.k),
            "k_low": fit.ok().map(|fit| fit.k_low),
            "k_high": fit.ok().and_then(|fit| fit.k_high),
            "level": 0.95,
            "n": self.cases.taken.len(),
            "why_not": fit.err().map(ToString::to_string),
            "zero_share": found.zero_share,
            "top_20_share": found.top_20_share,
            "counts": counts,
        })
    }

    fn superspreaders(&self) -> Value {
        let found = &self.offspring;
        let cases: Vec<Value> = found
            .superspreaders
            .iter()
            .map(|&case| json!({ "case": self.id(case), "infectees": self.found.infectees[case] }))
            .collect();
        json!({ "above": found.superspreading_above, "cases": cases })
    }

    fn clusters(&self) -> Value {
        let clusters = self.found.clusters.iter();
        clusters
            .map(|cluster| {
                let ids: Vec<&str> = cluster.cases.iter().map(|&case| self.id(case)).collect();
                json!({
                    "setting": self.setting(cluster.setting),
                    "size": ids.len(),
                    "first_day": cluster.first_day,
                    "last_day": cluster.last_day,
                    "cases": ids,
                })
            })
            .collect()
    }

    /// Trees of two cases and more; the others are counted.
    fn trees(&self) -> Value {
        let trees = self.found.trees.iter().filter(|tree| tree.cases > 1);
        trees
            .map(|tree| {
                let nodes = &self.found.nodes[tree.first_node..tree.first_node + tree.cases];
                json!({
                    "root": self.id(tree.root),
                    "size": tree.cases,
                    "generations": tree.generations,
                    "first_day": tree.first_day,
                    "last_day": tree.last_day,
                    "nodes": nodes.iter().map(|node| self.node(node)).collect::<Vec<_>>(),
                })
            })
            .collect()
    }

    fn node(&self, node: &Node) -> Value {
        let case = &self.cases.taken[node.case];
        let link = node.link.map(|at| &self.stated.links[at]);
        json!({
            "case": case.id,
            "generation": node.generation,
            "onset": case.onset,
            "infector": node.infector.map(|infector| self.id(infector)),
            "certainty": link.map(|link| link.certainty),
            "setting": link.and_then(|link| link.setting).map(|setting| self.setting(setting)),
            "row": node.link.map(|at| self.stated.rows[at]),
            "negative_interval": node.link.is_some_and(|at| self.negative.contains(&at)),
        })
    }
}
