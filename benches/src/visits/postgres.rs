//! PostgreSQL: a throw-away cluster in a temporary folder, a table with two covering indexes, and
//! LATERAL queries.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

use super::city::City;
use super::peers::{Answer, Peer, first_order, people, questions, sorted};

/// Keeps the planner from pulling the inner query up: the plan that it then chooses takes seconds.
const FENCE: &str = "OFFSET 0";

/// Where the newest version's programs are.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    folders
        .filter(|folder| folder.join("initdb").exists() && folder.join("psql").exists())
        .max()
}

/// It does not run as root.
fn unprivileged(program: &Path) -> Command {
    let root =
        fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// A cluster that stops when it is dropped.
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    fn start(programs: PathBuf, home: &Path) -> anyhow::Result<Self> {
        let folder = home.join("postgres");
        fs::create_dir(&folder)?;
        fs::set_permissions(home, fs::Permissions::from_mode(0o755))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777))?;
        let data = folder.join("data");
        let made = unprivileged(&programs.join("initdb"))
            .args(["-N", "-A", "trust", "-U", "bench", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        ensure!(made.success(), "initdb failed");
        let options = format!(
            "-k {} -c listen_addresses= -c fsync=off -c shared_buffers=2GB -c work_mem=256MB \
             -c maintenance_work_mem=1GB -c max_wal_size=8GB -c wal_level=minimal -c max_wal_senders=0",
            folder.display()
        );
        let started = unprivileged(&programs.join("pg_ctl"))
            .args(["-w", "-s", "-o", &options, "-l"])
            .arg(folder.join("messages"))
            .arg("-D")
            .arg(&data)
            .arg("start")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        let cluster = Self { programs, folder };
        ensure!(started.success(), "PostgreSQL did not start");
        Ok(cluster)
    }

    /// The lines that a script prints.
    fn run(&self, script: &str) -> anyhow::Result<Vec<String>> {
        let mut psql = Command::new(self.programs.join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "bench",
                "-d",
                "postgres",
                "-h",
            ])
            .arg(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = psql.stdin.take().context("psql takes input")?;
        let script = script.to_owned();
        let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
        let output = psql.wait_with_output()?;
        ensure!(output.status.success(), "psql failed");
        writer.join().ok().context("psql took no input")??;
        Ok(String::from_utf8(output.stdout)?
            .lines()
            .map(str::to_owned)
            .collect())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = unprivileged(&self.programs.join("pg_ctl"))
            .args(["-s", "-m", "immediate", "-D"])
            .arg(self.folder.join("data"))
            .arg("stop")
            .status();
    }
}

/// Loads and asks, where PostgreSQL is there and can be started.
pub(crate) fn measure(city: &City, csv: &Path, home: &Path) -> anyhow::Result<Option<Peer>> {
    let Some(programs) = programs() else {
        return Ok(None);
    };
    let Ok(cluster) = Cluster::start(programs, home) else {
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
