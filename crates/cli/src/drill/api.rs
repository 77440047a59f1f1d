//! Asking the system under drill over HTTP, as phones and pages do, with the time that each request took.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::locked;

/// How often a request that did not reach the server is tried again, before it counts as gone.
const TRIES: u32 = 6;
/// The first wait before that, doubled each time.
const WAIT: Duration = Duration::from_millis(100);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often a request that came too soon is sent again.
const TOO_SOON: u32 = 600;

/// Why a drill cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// The server does not answer any more.
    #[error("the server at {address} does not answer: {reason}")]
    Gone {
        /// Where it was.
        address: String,
        /// What the network says.
        reason: String,
    },
    /// It answers that it failed.
    #[error("{route}: the server failed with status {status}")]
    Failed {
        /// What was asked.
        route: &'static str,
        /// The status.
        status: u16,
    },
    /// It refuses what the drill cannot do without.
    #[error("{route}: refused ({code}): {message}")]
    Refused {
        /// What was asked.
        route: &'static str,
        /// The refusal's word.
        code: String,
        /// The reason.
        message: String,
    },
    /// It answers otherwise than its document says.
    #[error("{route}: the answer has no {what}")]
    Answer {
        /// What was asked.
        route: &'static str,
        /// What it lacks.
        what: &'static str,
    },
    /// The truth could not be made.
    #[error(transparent)]
    Drill(#[from] lianfang_city::drill::DrillError),
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
}

/// Who asks.
#[derive(Debug, Clone, Default)]
pub(super) struct Who {
    token: Option<String>,
    session: Option<(String, String)>,
}

impl Who {
    /// Nobody is signed in.
    pub(super) const NOBODY: Self = Self {
        token: None,
        session: None,
    };

    /// By a token.
    pub(super) fn token(token: String) -> Self {
        Self {
            token: Some(token),
            session: None,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    route: &'static str,
    pub(super) status: u16,
    pub(super) json: Value,
    cookie: Option<String>,
}

impl Answer {
    /// Whether it was done.
    pub(super) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The refusal's word.
    pub(super) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or("unknown")
    }

    /// The answer, where a refusal ends the drill.
    pub(super) fn needed(self) -> Result<Value, Stop> {
        if self.is_done() {
            return Ok(self.json);
        }
        Err(Stop::Refused {
            route: self.route,
            code: self.code().to_owned(),
            message: self.json["message"]["en"]
                .as_str()
                .unwrap_or_default()
                .into(),
        })
    }
}

/// A text of an answer.
pub(super) fn text(json: &Value, what: &'static str, route: &'static str) -> Result<String, Stop> {
    let text = json[what].as_str().map(str::to_owned);
    text.ok_or(Stop::Answer { route, what })
}

/// Milliseconds that requests of a route took.
#[derive(Debug, Default)]
struct Taken(Vec<f32>);

/// How long requests of a route took.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct RouteTimes {
    /// The route.
    pub(super) route: String,
    /// Requests.
    pub(super) requests: u64,
    /// The median, in milliseconds.
    pub(super) p50_ms: f64,
    /// 99 in 100 were faster.
    pub(super) p99_ms: f64,
    /// The slowest.
    pub(super) most_ms: f64,
}

/// The server under drill.
pub(super) struct Api {
    agent: ureq::Agent,
    address: String,
    taken: Mutex<BTreeMap<&'static str, Taken>>,
    /// Requests that were asked to come later.
    too_soon: AtomicU64,
    /// Requests that did not get through and were sent again.
    again: AtomicU64,
    stopped: &'static AtomicBool,
}

impl Api {
    /// The server at an address, such as `http://127.0.0.1:8080`.
    pub(super) fn at(address: &str, connections: usize, stopped: &'static AtomicBool) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_idle_connections(connections * 2)
            .max_idle_connections_per_host(connections * 2)
            .proxy(None)
            .build()
            .new_agent();
        Self {
            agent,
            address: address.trim_end_matches('/').to_owned(),
            taken: Mutex::default(),
            too_soon: AtomicU64::new(0),
            again: AtomicU64::new(0),
            stopped,
        }
    }

    /// Where it is.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    fn once(
        &self,
        who: &Who,
        method: &str,
        path: &str,
        content: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>, Option<String>, u64), ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("content-type", content);
        if let Some(token) = &who.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some((cookie, csrf)) = &who.session {
            request = request
                .header("cookie", cookie)
                .header("x-csrf-token", csrf);
        }
        let mut answer = if method == "GET" {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body)?)?
        };
        let header = |name: &str| {
            let value = answer.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let cookie = header("set-cookie");
        let later = header("retry-after").and_then(|text| text.parse().ok());
        let status = answer.status().as_u16();
        let body = answer
            .body_mut()
            .with_config()
            .limit(256 * 1024 * 1024)
            .read_to_vec()?;
        Ok((status, body, cookie, later.unwrap_or(1)))
    }

    /// Asks, and waits for the answer: again where it did not get through, and later where it came too soon.
    pub(super) fn send(
        &self,
        who: &Who,
        method: &'static str,
        (route, path): (&'static str, &str),
        content: &str,
        body: &[u8],
    ) -> Result<Answer, Stop> {
        let (mut tries, mut too_soon) = (0, 0);
        loop {
            self.goes_on()?;
            let begun = Instant::now();
            match self.once(who, method, path, content, body) {
                Ok((429, _, _, seconds)) if too_soon < TOO_SOON => {
                    too_soon += 1;
                    self.too_soon.fetch_add(1, Ordering::Relaxed);
                    // Those who came too soon do not all come back at the same moment.
                    let later = u64::from(too_soon) * 7 % 250;
                    std::thread::sleep(Duration::from_millis(seconds.min(60) * 500 + later));
                }
                Ok((status, body, cookie, _)) => {
                    let took = begun.elapsed().as_secs_f32() * 1e3;
                    locked(&self.taken).entry(route).or_default().0.push(took);
                    if status >= 500 {
                        return Err(Stop::Failed { route, status });
                    }
                    let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
                    return Ok(Answer {
                        route,
                        status,
                        json,
                        cookie,
                    });
                }
                Err(error) => {
                    tries += 1;
                    if tries >= TRIES {
                        return Err(Stop::Gone {
                            address: self.address.clone(),
                            reason: error.to_string(),
                        });
                    }
                    self.again.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(WAIT * 2_u32.pow(tries - 1));
                }
            }
        }
    }

    /// Refuses to go on where somebody stopped it.
    pub(super) fn goes_on(&self) -> Result<(), Stop> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(Stop::Stopped);
        }
        Ok(())
    }

    /// Reads what stands at a path.
    pub(super) fn get(&self, who: &Who, route: &'static str, path: &str) -> Result<Answer, Stop> {
        self.send(who, "GET", (route, path), "application/json", &[])
    }

    /// Sends a value.
    pub(super) fn post(
        &self,
        who: &Who,
        route: &'static str,
        path: &str,
        body: &Value,
    ) -> Result<Answer, Stop> {
        let body = body.to_string();
        self.send(
            who,
            "POST",
            (route, path),
            "application/json",
            body.as_bytes(),
        )
    }

    /// All rows of a list that comes in pages; `rows` and `next` are the fields of a page.
    pub(super) fn pages(
        &self,
        who: &Who,
        route: &'static str,
        query: &str,
        (rows, next, cursor): (&'static str, &str, &str),
    ) -> Result<Vec<Value>, Stop> {
        let mut all = Vec::new();
        let mut from = String::new();
        loop {
            let mut page = self
                .get(who, route, &format!("{route}?{query}{from}"))?
                .needed()?;
            let more = match &page[next] {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            };
            match page[rows].take() {
                Value::Array(found) => all.extend(found),
                _ => return Err(Stop::Answer { route, what: rows }),
            }
            match more {
                Some(more) => from = format!("&{cursor}={more}"),
                None => return Ok(all),
            }
        }
    }

    /// Signs in with a password.
    pub(super) fn sign_in(&self, login: &str, password: &str) -> Result<(Who, Value), Stop> {
        const ROUTE: &str = "/api/session";
        let body = serde_json::json!({ "login": login, "password": password });
        let answer = self.post(&Who::NOBODY, ROUTE, ROUTE, &body)?;
        let cookie = answer.cookie.clone();
        let me = answer.needed()?;
        let who = Self::session(cookie.as_deref(), &me)?;
        Ok((who, me))
    }

    fn session(cookie: Option<&str>, me: &Value) -> Result<Who, Stop> {
        const ROUTE: &str = "/api/session";
        let cookie = cookie
            .and_then(|cookie| cookie.split(';').next())
            .map(str::to_owned)
            .ok_or(Stop::Answer {
                route: ROUTE,
                what: "cookie",
            })?;
        Ok(Who {
            token: None,
            session: Some((cookie, text(me, "csrf", ROUTE)?)),
        })
    }

    /// Changes one's own password; the session that the answer begins.
    pub(super) fn change_password(&self, who: &Who, old: &str, new: &str) -> Result<Who, Stop> {
        const ROUTE: &str = "/api/session/password";
        let body = serde_json::json!({ "old": old, "new": new });
        let answer = self.post(who, ROUTE, ROUTE, &body)?;
        let cookie = answer.cookie.clone();
        answer.needed()?;
        let bare = Who {
            token: None,
            session: Some((
                cookie
                    .as_deref()
                    .and_then(|cookie| cookie.split(';').next())
                    .unwrap_or_default()
                    .to_owned(),
                String::new(),
            )),
        };
        let me = self.get(&bare, "/api/session", "/api/session")?.needed()?;
        Self::session(cookie.as_deref(), &me)
    }

    /// How long the requests of each route took.
    pub(super) fn times(&self) -> Vec<RouteTimes> {
        let taken = locked(&self.taken);
        taken
            .iter()
            .map(|(route, taken)| times((*route).to_owned(), &taken.0))
            .collect()
    }

    /// How long all requests took together.
    pub(super) fn all_times(&self) -> RouteTimes {
        let taken = locked(&self.taken);
        let all: Vec<f32> = taken
            .values()
            .flat_map(|one| one.0.iter().copied())
            .collect();
        times("all".into(), &all)
    }

    /// Requests that were asked to come later, and those that did not get through at first.
    pub(super) fn repeated(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.too_soon), read(&self.again))
    }
}

fn times(route: String, taken: &[f32]) -> RouteTimes {
    let mut sorted = taken.to_vec();
    sorted.sort_by(f32::total_cmp);
    // The nearest rank: so many of a hundred are no slower.
    let at = |share: f64| {
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    let shown = |ms: f32| (f64::from(ms) * 100.0).round() / 100.0;
    RouteTimes {
        route,
        requests: sorted.len() as u64,
        p50_ms: shown(at(0.5)),
        p99_ms: shown(at(0.99)),
        most_ms: shown(at(1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::times;

    #[test]
    fn quantiles_are_those_of_the_nearest_rank() {
        let taken: Vec<f32> = (1..=200_u16).map(f32::from).collect();
        let found = times("x".into(), &taken);
        assert_eq!(found.requests, 200);
        assert!((found.p50_ms - 100.0).abs() < 1e-9 && (found.p99_ms - 198.0).abs() < 1e-9);
        assert!((found.most_ms - 200.0).abs() < 1e-9);
        assert_eq!(times("y".into(), &[]).requests, 0);
    }
}
