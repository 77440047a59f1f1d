//! The report in words.

use std::fmt::Write as _;

use super::{Days, Report};

/// Routes of the text: the most asked ones.
const ROUTES: usize = 12;

/// The report as text.
pub(in crate::drill) fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write(&mut out, report);
    out
}

fn percent(part: u64, of: u64) -> String {
    if of == 0 {
        return "–".into();
    }
    format!("{:.1} %", part as f64 / of as f64 * 100.0)
}

fn days(of: &Days) -> String {
    format!(
        "median {}, mean {}, 90 % within {} (n = {})",
        of.median, of.mean, of.p90, of.n
    )
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    let drill = &report.drill;
    writeln!(
        out,
        "Drill of {} people, {} of {} days from {}, seed {}: {} s",
        drill.people, drill.days_played, drill.days, drill.first_day, drill.seed, drill.seconds
    )?;
    if let Some(reason) = &drill.broken_off {
        writeln!(out, "BROKEN OFF: {reason}")?;
        writeln!(out, "What follows is the report so far.")?;
    }
    if drill.clock_waited > 0.0 {
        let waited = drill.clock_waited;
        writeln!(out, "The clock waited {waited} s for those who play.")?;
    }
    for surprise in &report.surprises {
        writeln!(out, "Surprise: {surprise}")?;
    }
    let truth = &report.truth;
    writeln!(
        out,
        "\nTruth: {} infected, {} of them here, {} at the superspreading; {} with symptoms; {} people arrived",
        truth.infected,
        truth.infected_here,
        truth.by_superspreading,
        truth.with_symptoms,
        truth.arrived
    )?;
    if let Some(found) = &report.discovery {
        writeln!(
            out,
            "Infection to report, days: {}",
            days(&found.infection_to_report)
        )?;
        writeln!(
            out,
            "First symptoms to report, days: {}",
            days(&found.onset_to_report)
        )?;
    }
    if let Some(missed) = &report.missed {
        writeln!(
            out,
            "Cases: {} known, {} missed ({}), {} of them with symptoms; {} on the list were never infected",
            missed.known,
            missed.missed,
            percent(missed.missed, missed.known + missed.missed),
            missed.missed_with_symptoms,
            missed.false_cases
        )?;
    }
    if let Some(contacts) = &report.contacts {
        writeln!(
            out,
            "Contacts: {} named; of {} infections from one to another {} named, {} missed (recall {}); of the {} with a known case {} named ({})",
            contacts.named,
            contacts.pairs,
            contacts.pairs_named,
            contacts.pairs_missed,
            percent(contacts.pairs_named, contacts.pairs),
            contacts.pairs_of_known,
            contacts.pairs_of_known_named,
            percent(contacts.pairs_of_known_named, contacts.pairs_of_known)
        )?;
    }
    let colours = &report.colours;
    writeln!(
        out,
        "Colours, person-evenings: infectious {}, of these green {} ({}); red or yellow {}, of these at no risk {} ({})",
        colours.infectious,
        colours.infectious_green,
        percent(colours.infectious_green, colours.infectious),
        colours.limited,
        colours.limited_not_at_risk,
        percent(colours.limited_not_at_risk, colours.limited)
    )?;
    if let Some(loops) = &report.loops {
        writeln!(
            out,
            "Matters: {} opened, {} closed, {} late",
            loops.opened, loops.closed, loops.late
        )?;
    }
    entries(out, report)?;
    requests(out, report)
}

fn entries(out: &mut String, report: &Report) -> std::fmt::Result {
    let entries = &report.entries;
    writeln!(
        out,
        "\nEntries: {} made, sent {} times; {} acknowledged, {} answered as there already, {} refused, {} without an answer",
        entries.made,
        entries.sent,
        entries.accepted,
        entries.repeated,
        entries.refused,
        entries.unanswered
    )?;
    match (
        entries.in_ledger,
        entries.lost,
        entries.doubled,
        entries.refused_in_ledger,
    ) {
        (Some(there), Some(lost), Some(doubled), Some(refused)) => writeln!(
            out,
            "Ledger: {there} of the acknowledged stand in it once, {lost} are lost, {doubled} stand twice, {refused} refused ones stand in it"
        )?,
        _ => writeln!(out, "Ledger: could not be read")?,
    }
    for (what, times) in &entries.refusals {
        writeln!(out, "  refused: {what}: {times}")?;
    }
    writeln!(
        out,
        "Check-ins at markets: {} sent, {} taken",
        report.check_ins.sent, report.check_ins.taken
    )
}

fn requests(out: &mut String, report: &Report) -> std::fmt::Result {
    let requests = &report.requests;
    writeln!(
        out,
        "\nRequests: {} ({} a second), p50 {} ms, p99 {} ms; {} asked to come later, {} sent again",
        requests.all.requests,
        requests.per_second,
        requests.all.p50_ms,
        requests.all.p99_ms,
        requests.too_soon,
        requests.again
    )?;
    let mut routes: Vec<_> = requests.routes.iter().collect();
    routes.sort_by_key(|route| std::cmp::Reverse(route.requests));
    for route in routes.iter().take(ROUTES) {
        writeln!(
            out,
            "  {:<38} {:>8}  p50 {:>8} ms  p99 {:>8} ms",
            route.route, route.requests, route.p50_ms, route.p99_ms
        )?;
    }
    Ok(())
}
