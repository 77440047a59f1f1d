//! The same questions in PostgreSQL: a table with two covering indexes, and LATERAL queries.

use std::path::Path;
use std::time::Instant;

use super::city::City;
use super::peers::{Answer, Peer, first_order, people, questions, sorted};
use crate::postgres::{Cluster, programs};

/// Keeps the planner from pulling the inner query up: the plan that it then chooses takes seconds.
const FENCE: &str = "OFFSET 0";

/// Loads and asks, where PostgreSQL is there and can be started.
pub(crate) fn measure(city: &City, csv: &Path, home: &Path) -> anyhow::Result<Option<Peer>> {
    let Some(programs) = programs() else {
        return Ok(None);
    };
    let Ok(cluster) = Cluster::start(programs, home, false) else {
        return Ok(None);
    };
    let begun = Instant::now();
    cluster.run(&format!(
        "BEGIN; CREATE TABLE visits (person int4, place int4, since int4, until int4);\n\
         COPY visits FROM '{}' WITH (FORMAT csv, FREEZE); COMMIT;\n\
         CREATE INDEX by_place ON visits (place, since) INCLUDE (until, person);\n\
         CREATE INDEX by_person ON visits (person) INCLUDE (place, since, until);\n\
         ANALYZE visits;",
        csv.display()
    ))?;
    let load_seconds = begun.elapsed().as_secs_f64();
    let sizes =
        cluster.run("SELECT pg_relation_size('visits'); SELECT pg_indexes_size('visits');")?;
    let [table, indexes] = sizes.as_slice() else {
        anyhow::bail!("two sizes were expected");
    };
    let (table, indexes): (u64, u64) = (table.parse()?, indexes.parse()?);
    let prepared = first_order("c.person = $1", FENCE);
    let mut script = format!("PREPARE one(int4) AS {prepared};\n\\timing on\n");
    for question in questions(city, |case| format!("EXECUTE one({case})"), FENCE) {
        script.push_str(&question);
        script.push_str(";\n");
    }
    let mut answers = Vec::new();
    let mut found = 0;
    for line in cluster.run(&script)? {
        match line.strip_prefix("Time: ") {
            Some(time) => answers.push(Answer {
                seconds: time.split(' ').next().unwrap_or_default().parse::<f64>()? / 1e3,
                people: found,
            }),
            None => found = people(&line)?,
        }
    }
    let visits = city.visits_in_all();
    Ok(Some(Peer {
        answers: sorted(answers)?,
        load_seconds,
        bytes: table + indexes,
        remark: format!(
            "table {} and two covering indexes {} bytes a visit; 4-byte ids; no sync",
            table / visits,
            indexes / visits
        ),
    }))
}
