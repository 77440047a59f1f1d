//! The disease as a pack describes it, made ready to be drawn from.

use lianfang_core::words::Word;
use lianfang_policy::{NaturalHistory, Share, Span};

use super::SimulationError;
use crate::quantiles::Quantiles;
use crate::random::{Purpose, Stream};

/// Ages that have values of their own.
const AGES: usize = 101;

/// The course of disease.
#[derive(Debug, Clone)]
pub(crate) struct Disease {
    /// Infection to infectious.
    pub(crate) latent: Quantiles,
    /// Infectious to first symptoms.
    pub(crate) presymptomatic: Quantiles,
    /// First symptoms to no longer infectious.
    pub(crate) infectious: Quantiles,
    /// Shows symptoms, by age.
    pub(crate) symptomatic: Vec<f32>,
    /// Infectiousness without symptoms, by age.
    pub(crate) silent: Vec<f32>,
    /// The group of susceptibility of each age.
    pub(crate) group: Vec<u8>,
    /// Susceptibility of each group, over the greatest.
    pub(crate) susceptibility: Vec<f32>,
    /// What follows on severe disease, where the pack gives it.
    pub(crate) severity: Option<Severity>,
    /// How many one case infects where nothing is done.
    pub(crate) reproduction_number: f64,
    /// Dispersion of that number.
    pub(crate) k: f64,
    /// Infected by a case in the household, of those who live with it; none where the pack does not say.
    pub(crate) household_attack: Option<f64>,
}

/// Severe disease and what follows.
#[derive(Debug, Clone)]
pub(crate) struct Severity {
    /// Severely ill, of those with symptoms, by age.
    pub(crate) severe: Vec<f32>,
    /// Critically ill, of those severely ill, by age.
    pub(crate) critical: Vec<f32>,
    /// Dies, of those infected, by age.
    pub(crate) fatal: Vec<f32>,
    /// First symptoms to severe disease.
    pub(crate) onset_to_severe: Quantiles,
    /// First symptoms to recovery.
    pub(crate) onset_to_recovery: Quantiles,
    /// First symptoms to death.
    pub(crate) onset_to_death: Option<Quantiles>,
}

/// What is drawn of an infection first, by seed and person alone, and what its other draws go on from.
pub(crate) struct Drawn {
    pub(crate) latent: f32,
    pub(crate) presymptomatic: f32,
    pub(crate) infectious: f32,
    pub(crate) symptomatic: bool,
    /// Bits for the factor by which individuals differ.
    pub(crate) individual: u32,
    /// Bits for severe disease.
    pub(crate) severity: u64,
    pub(crate) stream: Stream,
}

impl Disease {
    /// Draws the times of somebody's course.
    #[inline]
    pub(crate) fn draw(&self, seed: u64, person: u32, age: usize) -> Drawn {
        let mut stream = Stream::new(seed, Purpose::Infection, u64::from(person));
        let (a, b, c) = (stream.bits(), stream.bits(), stream.bits());
        let share = (c & 0xffff) as f32 * (1.0 / 65_536.0);
        Drawn {
            latent: self.latent.draw(a as u32),
            presymptomatic: self.presymptomatic.draw((a >> 32) as u32),
            infectious: self.infectious.draw(b as u32),
            symptomatic: share < self.symptomatic[age],
            individual: (b >> 32) as u32,
            severity: c >> 16,
            stream,
        }
    }

    /// Reads what the simulation needs of a pack; `reproduction_number` counts in place of the pack's.
    pub(crate) fn of(
        history: &NaturalHistory,
        reproduction_number: Option<f64>,
    ) -> Result<Self, SimulationError> {
        let span = |span: Span| {
            history
                .span(span)
                .map(|known| Quantiles::of(&known.distribution))
                .ok_or_else(|| SimulationError::NotInPack(format!("spans.{}", span.word())))
        };
        let by_age = |share: Share| {
            history.share(share).map(|known| -> Vec<f32> {
                (0..AGES).map(|age| known.at(age as u32) as f32).collect()
            })
        };
        let needed = |share: Share| {
            by_age(share)
                .ok_or_else(|| SimulationError::NotInPack(format!("shares.{}", share.word())))
        };
        let unmitigated = history
            .unmitigated
            .as_ref()
            .ok_or_else(|| SimulationError::NotInPack("unmitigated".into()))?;
        let severity = match by_age(Share::Severe) {
            None => None,
            Some(severe) => Some(Severity {
                severe,
                critical: by_age(Share::Critical).unwrap_or_else(|| vec![0.0; AGES]),
                fatal: by_age(Share::Fatal).unwrap_or_else(|| vec![0.0; AGES]),
                onset_to_severe: span(Span::OnsetToSevere)?,
                onset_to_recovery: span(Span::OnsetToRecovery)?,
                onset_to_death: history
                    .share(Share::Fatal)
                    .map(|_| span(Span::OnsetToDeath))
                    .transpose()?,
            }),
        };
        let (group, susceptibility) =
            groups(&by_age(Share::Susceptibility).unwrap_or_else(|| vec![1.0; AGES]))?;
        Ok(Self {
            latent: span(Span::Latent)?,
            presymptomatic: span(Span::Presymptomatic)?,
            infectious: span(Span::Infectious)?,
            symptomatic: needed(Share::Symptomatic)?,
            silent: by_age(Share::InfectiousnessWithoutSymptoms).unwrap_or_else(|| vec![1.0; AGES]),
            group,
            susceptibility,
            severity,
            reproduction_number: reproduction_number.unwrap_or(unmitigated.mean),
            k: unmitigated.k,
            household_attack: history
                .share(Share::HouseholdAttack)
                .map(|known| known.at(0)),
        })
    }

    /// Mean infectious time, in days.
    pub(crate) fn mean_infectious(&self) -> f64 {
        self.presymptomatic.mean() + self.infectious.mean()
    }
}

/// Groups of ages that are equally susceptible, and how susceptible each is over the greatest.
fn groups(by_age: &[f32]) -> Result<(Vec<u8>, Vec<f32>), SimulationError> {
    let most = by_age.iter().copied().fold(0.0, f32::max);
    if most <= 0.0 {
        return Err(SimulationError::NotInPack(
            "shares.susceptibility above 0".into(),
        ));
    }
    let mut values: Vec<f32> = Vec::new();
    let mut group = Vec::with_capacity(by_age.len());
    for value in by_age {
        let value = value / most;
        let place = values
            .iter()
            .position(|known| known.to_bits() == value.to_bits());
        group.push(place.unwrap_or(values.len()) as u8);
        if place.is_none() {
            values.push(value);
        }
    }
    Ok((group, values))
}
