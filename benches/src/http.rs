//! Asking a running server, as a browser does.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

/// The program under measure.
pub(crate) const PROGRAM: &str = "target/release/lianfang";

/// A server that ends with the value.
pub(crate) struct Server {
    child: Child,
    address: String,
    agent: ureq::Agent,
    cookie: String,
    csrf: String,
    /// Seconds from start to the first answer.
    pub(crate) started_in: f64,
}

impl Server {
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{PROGRAM}: run `make bench`"))?;
        let mut line = String::new();
        let out = child.stdout.take().context("the server's output")?;
        BufReader::new(out).read_line(&mut line)?;
        let said: serde_json::Value = serde_json::from_str(&line)?;
        let address = said["address"]
            .as_str()
            .context("the server's address")?
            .to_owned();
        let agent = ureq::Agent::new_with_defaults();
        agent.get(&format!("{address}/healthz")).call()?;
        let started_in = begun.elapsed().as_secs_f64();
        Ok(Self {
            child,
            address,
            agent,
            cookie: String::new(),
            csrf: String::new(),
            started_in,
        })
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> anyhow::Result<std::net::SocketAddr> {
        let (_, socket) = self
            .address
            .split_once("//")
            .context("the server's address")?;
        Ok(socket.parse()?)
    }

    pub(crate) fn sign_in(&mut self, login: &str, password: &str) -> anyhow::Result<()> {
        let body = serde_json::json!({ "login": login, "password": password });
        let mut answer = self
            .agent
            .post(&format!("{}/api/session", self.address))
            .send_json(body)?;
        let cookie = answer
            .headers()
            .get("set-cookie")
            .context("a session")?
            .to_str()?;
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let me: serde_json::Value = answer.body_mut().read_json()?;
        self.csrf = me["csrf"].as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// Sends a body and reads the answer.
    pub(crate) fn send(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> anyhow::Result<serde_json::Value> {
        let mut answer = self
            .agent
            .post(&format!("{}{path}", self.address))
            .header("cookie", &self.cookie)
            .header("x-csrf-token", &self.csrf)
            .send_json(body)?;
        Ok(answer.body_mut().read_json()?)
    }

    /// Sends a body under a token and reads the answer.
    pub(crate) fn send_as(
        &self,
        token: &str,
        path: &str,
        body: &str,
    ) -> anyhow::Result<serde_json::Value> {
        let mut answer = self
            .agent
            .post(&format!("{}{path}", self.address))
            .header("authorization", &format!("Bearer {token}"))
            .header("content-type", "application/json")
            .send(body)?;
        Ok(answer
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_json()?)
    }

    /// Milliseconds until the whole answer is here.
    pub(crate) fn ask(&self, path: &str) -> anyhow::Result<f64> {
        let begun = Instant::now();
        let mut answer = self
            .agent
            .get(&format!("{}{path}", self.address))
            .header("cookie", &self.cookie)
            .call()?;
        let body = answer.body_mut().read_to_vec()?;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        if body.is_empty() {
            bail!("{path}: an empty answer");
        }
        Ok(took)
    }

    /// Resident memory in MB.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .context("VmRSS")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context("VmRSS")?.parse()?;
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is measured any more; a server that has ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
