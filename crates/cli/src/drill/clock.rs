//! The drill's clock: moved by the drill over the server's API, at the chosen speed, or the real one against a live city.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::api::{Api, Stop, Who};

/// How often the clock is moved while it is waited for.
const STEP: Duration = Duration::from_millis(500);
/// How often a live city's own clock is looked at.
const LOOK: Duration = Duration::from_millis(200);
const DAY: f64 = 86_400.0;

/// How fast the drill goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Speed {
    /// As fast as all that is to be done gets done.
    Top,
    /// So many real seconds a day, if all that is to be done gets done in them.
    Day(f64),
    /// By the real clock: against a live city.
    Real,
}

/// Reads `max`, or such as `1day=2s`, `1day=10min`, `1day=1h`.
pub(super) fn speed(text: &str) -> Result<Speed, String> {
    let accepted = || {
        format!(
            "`{text}` is no speed: it takes `max`, or `1day=` with seconds, minutes or hours, such as 1day=2s, 1day=10min, 1day=1h"
        )
    };
    if text == "max" {
        return Ok(Speed::Top);
    }
    let span = text.strip_prefix("1day=").ok_or_else(accepted)?;
    let units = [("min", 60.0), ("s", 1.0), ("h", 3_600.0)];
    let (number, unit) = units
        .iter()
        .find_map(|(unit, seconds)| Some((span.strip_suffix(unit)?, seconds)))
        .ok_or_else(accepted)?;
    let seconds = number.parse::<f64>().map_err(|_| accepted())? * unit;
    if seconds.is_finite() && seconds > 0.0 && seconds <= DAY {
        return Ok(Speed::Day(seconds));
    }
    Err(accepted())
}

/// Where the clock stands, and how it goes on.
pub(super) struct Pace {
    speed: Speed,
    now: Timestamp,
    /// When, really, the clock stood at `since.1`.
    since: (Instant, Timestamp),
    /// Seconds for which the clock waited for those who play.
    pub(super) waited: f64,
}

impl Pace {
    /// A clock that stands at a moment.
    pub(super) fn new(speed: Speed, now: Timestamp) -> Self {
        Self {
            speed,
            now,
            since: (Instant::now(), now),
            waited: 0.0,
        }
    }

    /// What it shows.
    pub(super) fn now(&self) -> Timestamp {
        match self.speed {
            Speed::Real => Timestamp::now(),
            Speed::Top | Speed::Day(_) => self.now,
        }
    }

    /// Moves on to a moment, at the clock's speed. Where those who play were too slow for it, the time is not made up for:
    /// the clock goes on from there at its speed.
    pub(super) fn until(&mut self, api: &Api, admin: &Who, to: Timestamp) -> Result<(), Stop> {
        match self.speed {
            Speed::Real => {
                while Timestamp::now() < to {
                    api.goes_on()?;
                    std::thread::sleep(LOOK);
                }
                Ok(())
            }
            Speed::Top => self.set(api, admin, to),
            Speed::Day(seconds) => self.pass(api, admin, to, seconds),
        }
    }

    fn pass(&mut self, api: &Api, admin: &Who, to: Timestamp, seconds: f64) -> Result<(), Stop> {
        let (began, from) = self.since;
        let planned = |to: Timestamp| {
            let span = to.duration_since(from).as_secs_f64();
            Duration::from_secs_f64((span / DAY * seconds).max(0.0))
        };
        if let Some(late) = began.elapsed().checked_sub(planned(to)) {
            self.waited += late.as_secs_f64();
            self.set(api, admin, to)?;
            self.since = (Instant::now(), to);
            return Ok(());
        }
        while let Some(left) = planned(to).checked_sub(began.elapsed()) {
            std::thread::sleep(left.min(STEP));
            let passed = began.elapsed().as_secs_f64() / seconds * DAY;
            let now = from + SignedDuration::from_secs_f64(passed);
            self.set(api, admin, now.min(to).max(self.now))?;
        }
        self.set(api, admin, to)
    }

    fn set(&mut self, api: &Api, admin: &Who, to: Timestamp) -> Result<(), Stop> {
        const ROUTE: &str = "/api/drill/clock";
        if to <= self.now {
            return Ok(());
        }
        api.post(admin, ROUTE, ROUTE, &json!({ "to": to }))?
            .needed()?;
        self.now = to;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Speed, speed};

    #[test]
    fn speeds_are_read() {
        assert_eq!(speed("max"), Ok(Speed::Top));
        assert_eq!(speed("1day=2s"), Ok(Speed::Day(2.0)));
        assert_eq!(speed("1day=1.5min"), Ok(Speed::Day(90.0)));
        assert_eq!(speed("1day=1h"), Ok(Speed::Day(3_600.0)));
        for wrong in [
            "",
            "fast",
            "1day",
            "1day=",
            "1day=-2s",
            "1day=0s",
            "1day=25h",
            "1day=NaNs",
            "2s",
        ] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }
}
