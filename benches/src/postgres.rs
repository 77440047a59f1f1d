//! PostgreSQL: a throw-away cluster in a temporary folder.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// Where the newest version's programs are.
pub(crate) fn programs() -> Option<PathBuf> {
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
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    /// `sync` is whether a commit waits for the disk.
    pub(crate) fn start(programs: PathBuf, home: &Path, sync: bool) -> anyhow::Result<Self> {
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
            "-k {} -c listen_addresses= -c fsync={} -c shared_buffers=2GB -c work_mem=256MB \
             -c maintenance_work_mem=1GB -c max_wal_size=8GB -c wal_level=minimal -c max_wal_senders=0",
            folder.display(),
            if sync { "on" } else { "off" }
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

    /// Runs `pgbench` with a script for each of so many clients: transactions in a second.
    pub(crate) fn transactions(
        &self,
        script: &Path,
        clients: u32,
        seconds: u32,
    ) -> anyhow::Result<f64> {
        let out = Command::new(self.programs.join("pgbench"))
            .args(["-n", "-M", "prepared", "-j", "2", "-U", "bench"])
            .args(["-c", &clients.to_string(), "-T", &seconds.to_string(), "-f"])
            .arg(script)
            .arg("-h")
            .arg(&self.folder)
            .arg("postgres")
            .stderr(Stdio::null())
            .output()?;
        ensure!(out.status.success(), "pgbench failed");
        let text = String::from_utf8(out.stdout)?;
        let rate = text
            .lines()
            .find_map(|line| line.strip_prefix("tps = "))
            .and_then(|rest| rest.split(' ').next())
            .context("pgbench said no rate")?;
        Ok(rate.parse()?)
    }

    /// The lines that a script prints.
    pub(crate) fn run(&self, script: &str) -> anyhow::Result<Vec<String>> {
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
