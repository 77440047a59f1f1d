//! Jobs: one at a time, with the lowest priority, stopped when asked to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use lianfang_city::population::Population;
use lianfang_city::whatif::{Arm, WhatIf, WhatIfError};
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::FactId;
use lianfang_core::text::Text;
use serde::Serialize;

use super::asked::{Question, WhatIfAsked};
use super::shown::{self, WhatIfResult};
use crate::{Actor, House, Refusal, locked};

/// Finished jobs kept at hand.
const KEPT: usize = 8;
/// Lowest priority of a thread.
const NICE: i32 = 19;
/// From which a city and its people follow.
const CITY_SEED: u64 = 1;

lianfang_core::words! {
    /// How far a job is.
    JobState {
        /// The city is being built.
        Building = "building", "building the city", "构建城市";
        /// It runs.
        Running = "running", "running", "运行中";
        /// It is done.
        Done = "done", "done", "已完成";
        /// It was stopped.
        Stopped = "stopped", "stopped", "已停止";
        /// It could not be done.
        Failed = "failed", "could not be done", "无法完成";
    }
}

/// A job as it stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WhatIfJob {
    /// Its id.
    pub job: String,
    /// How far it is.
    pub state: JobState,
    /// Runs done.
    pub done: u64,
    /// Runs in all; with rules switched off they become more once it is known which rules decided anything.
    pub all: u64,
    /// What was asked.
    pub asked: WhatIfAsked,
    /// Why it could not be done.
    pub problem: Option<Text>,
    /// What came of it.
    pub result: Option<WhatIfResult>,
}

/// How a job ended.
enum End {
    Done(Arc<WhatIfResult>),
    Stopped,
    Failed(Text),
}

/// A job that runs or has run.
struct Job {
    id: String,
    area: AreaCode,
    asked: WhatIfAsked,
    done: AtomicU64,
    all: AtomicU64,
    built: AtomicBool,
    stop: AtomicBool,
    end: Mutex<Option<End>>,
}

/// All jobs that are kept, the newest last.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<VecDeque<Arc<Job>>>);

impl Job {
    fn is_over(&self) -> bool {
        locked(&self.end).is_some()
    }

    fn shown(&self) -> WhatIfJob {
        let end = locked(&self.end);
        let (state, problem, result) = match &*end {
            None if self.built.load(Ordering::Relaxed) => (JobState::Running, None, None),
            None => (JobState::Building, None, None),
            Some(End::Done(result)) => (JobState::Done, None, Some(WhatIfResult::clone(result))),
            Some(End::Stopped) => (JobState::Stopped, None, None),
            Some(End::Failed(why)) => (JobState::Failed, Some(why.clone()), None),
        };
        WhatIfJob {
            job: self.id.clone(),
            state,
            done: self.done.load(Ordering::Relaxed),
            all: self.all.load(Ordering::Relaxed),
            asked: self.asked.clone(),
            problem,
            result,
        }
    }

    /// Does it; whatever happens, it is over then.
    fn run(&self, question: &Question) {
        let answered =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.answer(question)));
        let end = match answered {
            Ok(Ok(result)) => End::Done(Arc::new(result)),
            Ok(Err(WhatIfError::Stopped)) => End::Stopped,
            Ok(Err(error)) => End::Failed(Text::new(
                format!("This cannot be run: {error}."),
                format!("无法运行：{error}。"),
            )),
            Err(_) => {
                tracing::error!(job = %self.id, "a what-if broke off");
                End::Failed(Text::new(
                    "It broke off; see the log.",
                    "运行中断，详见日志。",
                ))
            }
        };
        *locked(&self.end) = Some(end);
    }

    fn answer(&self, question: &Question) -> Result<WhatIfResult, WhatIfError> {
        let city = Population::build(&question.description, CITY_SEED)
            .map_err(|error| WhatIfError::City(error.to_string()))?;
        self.built.store(true, Ordering::Relaxed);
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let what = WhatIf {
            city: &city,
            scenario: &question.scenario,
            start: question.start.as_ref().map(|state| &state.start),
            days: question.days,
            first: 1,
            last: u64::from(question.seeds),
            // One core stays with those who work.
            threads: (threads - 1).max(1),
        };
        let mut arms: Vec<Arm<'_>> = question
            .tried
            .iter()
            .map(|tried| Arm::of(&tried.label, &tried.pack))
            .collect();
        if question.asked.with_nothing {
            arms.push(Arm::nothing("nothing", &question.tried[0].pack));
        }
        let named = arms.len();
        let first = AtomicU64::new(0);
        let go_on = |done: u64, all: u64| {
            let before = first.load(Ordering::Relaxed);
            self.done.fetch_max(before + done, Ordering::Relaxed);
            self.all.store(before + all, Ordering::Relaxed);
            !self.stop.load(Ordering::Relaxed)
        };
        if !go_on(0, arms.len() as u64 * u64::from(question.seeds)) {
            return Err(WhatIfError::Stopped);
        }
        let mut compared = what.run(&arms, &go_on)?;
        let switched_off = if question.asked.ablate {
            first.store(self.done.load(Ordering::Relaxed), Ordering::Relaxed);
            what.ablate(&question.tried[0].pack, &mut compared, &go_on)?
        } else {
            Vec::new()
        };
        Ok(shown::result(question, &compared, named, &switched_off))
    }
}

impl Jobs {
    /// The newest job of an area.
    pub(super) fn newest(&self, area: AreaCode) -> Option<String> {
        let kept = locked(&self.0);
        let of_area = kept.iter().rev().find(|job| job.area == area);
        of_area.map(|job| job.id.clone())
    }

    fn get(&self, id: &str) -> Option<Arc<Job>> {
        let kept = locked(&self.0);
        kept.iter().find(|job| job.id == id).cloned()
    }
}

impl House {
    /// Begins a job; its id is answered, and its state is asked for with it.
    ///
    /// # Errors
    /// What of the question cannot be answered; or that another job runs.
    pub fn ask_whatif(&self, actor: &Actor, asked: &WhatIfAsked) -> Result<WhatIfJob, Refusal> {
        let question = self.question(actor, asked)?;
        let job = Arc::new(Job {
            id: FactId::to_string(&self.new_id()),
            area: question.area.code,
            asked: asked.clone(),
            done: AtomicU64::new(0),
            all: AtomicU64::new(0),
            built: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            end: Mutex::new(None),
        });
        {
            let mut kept = locked(&self.jobs.0);
            if kept.iter().any(|other| !other.is_over()) {
                return Err(Refusal::Conflict(Text::new(
                    "Another what-if is running. Wait until it is done, or stop it.",
                    "另一推演正在运行，请等待其完成或先停止。",
                )));
            }
            while kept.len() >= KEPT {
                kept.pop_front();
            }
            kept.push_back(Arc::clone(&job));
        }
        let at_work = Arc::clone(&job);
        let started = std::thread::Builder::new()
            .name("what-if".into())
            .spawn(move || {
                step_back();
                at_work.run(&question);
            });
        if let Err(error) = started {
            tracing::error!(%error, "no thread for a what-if");
            *locked(&job.end) = Some(End::Failed(Text::new(
                "There is no thread for it now.",
                "目前没有可用线程。",
            )));
        }
        Ok(job.shown())
    }

    /// A job as it stands.
    ///
    /// # Errors
    /// Where there is none, or it is of an area that is none of the asker's.
    pub fn whatif(&self, actor: &Actor, id: &str) -> Result<WhatIfJob, Refusal> {
        Ok(self.job_of(actor, id)?.shown())
    }

    /// Stops a job. One that is over stays as it is.
    ///
    /// # Errors
    /// As for [`House::whatif`].
    pub fn stop_whatif(&self, actor: &Actor, id: &str) -> Result<(), Refusal> {
        self.job_of(actor, id)?.stop.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn job_of(&self, actor: &Actor, id: &str) -> Result<Arc<Job>, Refusal> {
        let job = self.jobs.get(id).ok_or(Refusal::NotFound("job"))?;
        self.area_planned(actor, Some(job.area))?;
        Ok(job)
    }
}

/// Lets all other threads go first; those that it starts do so, too.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "a what-if keeps its priority");
    }
}
