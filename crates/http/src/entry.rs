//! Checkpoints, people who arrive, hand-overs.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Source, Stage, Triage};
use lianfang_core::ids::{CheckpointId, EntrantId, MatterId, PartyId};
use lianfang_service::entry::{
    AlikeShown, ArrivalsForeseen, ChosenEntrants, EntrantCursor, EntrantShown, EntrantWhole,
    EntryNumbers, GateKit, GateQueue, GateShown, HandOverShown, HandOversShown,
};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

const PAGE: usize = 50;

/// Within which area; the highest of the asker's where none is named.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Within {
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// A day; today where none is named.
    #[param(value_type = Option<String>)]
    day: Option<Date>,
}

/// Checkpoints.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Gates {
    gates: Vec<GateShown>,
}

/// Checkpoints within an area, as they stand.
#[utoipa::path(get, operation_id = "gates_list", path = "/api/gates", tag = "entry", params(Within),
    responses((status = 200, body = Gates), (status = 403, body = ErrorBody)))]
pub(crate) async fn gates(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Within>, QueryRejection>,
) -> Result<Json<Gates>, Failure> {
    let Query(within) = query?;
    let gates = service
        .run(move |house| house.gates(&signed_in.actor, within.area))
        .await?;
    Ok(Json(Gates { gates }))
}

/// All that a phone needs to check people without the network.
#[utoipa::path(get, operation_id = "gates_kit", path = "/api/gates/{checkpoint}/kit", tag = "entry",
    params(("checkpoint" = String, Path)),
    responses((status = 200, body = GateKit), (status = 404, body = ErrorBody)))]
pub(crate) async fn kit(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CheckpointId>, PathRejection>,
) -> Result<Json<GateKit>, Failure> {
    let Path(checkpoint) = path?;
    Ok(Json(
        service
            .run(move |house| house.gate_kit(&signed_in.actor, checkpoint))
            .await?,
    ))
}

/// The queue at a checkpoint: measured, foreseen, and the lanes it needs.
#[utoipa::path(get, operation_id = "gates_queue", path = "/api/gates/{checkpoint}/queue", tag = "entry",
    params(("checkpoint" = String, Path)),
    responses((status = 200, body = GateQueue), (status = 404, body = ErrorBody)))]
pub(crate) async fn queue(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<CheckpointId>, PathRejection>,
) -> Result<Json<GateQueue>, Failure> {
    let Path(checkpoint) = path?;
    Ok(Json(
        service
            .run(move |house| house.gate_queue(&signed_in.actor, checkpoint))
            .await?,
    ))
}

/// Which people.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichEntrants {
    /// Within this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// In one of these places of the process, words with commas between.
    stage: Option<String>,
    /// First found by this source.
    source: Option<Source>,
    /// Arriving on or after this day.
    #[param(value_type = Option<String>)]
    from: Option<Date>,
    /// Arriving on or before this day.
    #[param(value_type = Option<String>)]
    to: Option<Date>,
    /// Last seen at this checkpoint.
    #[param(value_type = Option<String>)]
    checkpoint: Option<CheckpointId>,
    /// Travelling together.
    #[param(value_type = Option<String>)]
    party: Option<PartyId>,
    /// Decided so by the last gate.
    triage: Option<Triage>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

/// A page of people who arrive.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EntrantPage {
    rows: Vec<EntrantShown>,
    total: u64,
    next: Option<String>,
}

fn stages(words: Option<&str>) -> Result<Vec<Stage>, Failure> {
    words
        .unwrap_or_default()
        .split(',')
        .filter(|word| !word.is_empty())
        .map(|word| {
            serde_json::from_value(serde_json::Value::String(word.to_owned()))
                .map_err(|_| Failure::malformed("stage", "no such place of the process"))
        })
        .collect()
}

fn cursor(text: Option<&str>) -> Result<Option<EntrantCursor>, Failure> {
    let Some(text) = text else { return Ok(None) };
    text.split_once('.')
        .and_then(|(arrival, id)| {
            Some(EntrantCursor {
                arrival: arrival.parse().ok()?,
                id: id.parse().ok()?,
            })
        })
        .map(Some)
        .ok_or_else(|| Failure::malformed("cursor", "the `next` of the page before"))
}

async fn page(
    service: Service,
    signed_in: SignedIn,
    chosen: ChosenEntrants,
) -> Result<Json<EntrantPage>, Failure> {
    let (rows, total, next) = service
        .run(move |house| house.entrants(&signed_in.actor, &chosen))
        .await?;
    Ok(Json(EntrantPage {
        rows,
        total,
        next: next.map(|at| format!("{}.{}", at.arrival, at.id)),
    }))
}

fn chosen(which: &WhichEntrants) -> Result<ChosenEntrants, Failure> {
    Ok(ChosenEntrants {
        area: which.area,
        stages: stages(which.stage.as_deref())?,
        source: which.source,
        from: which.from,
        to: which.to,
        checkpoint: which.checkpoint,
        party: which.party,
        triage: which.triage,
        text: None,
        cursor: cursor(which.cursor.as_deref())?,
        limit: which.limit.unwrap_or(PAGE),
    })
}

/// People who arrive, the newest arrival first.
#[utoipa::path(get, operation_id = "entrants_list", path = "/api/entrants", tag = "entry", params(WhichEntrants),
    responses((status = 200, body = EntrantPage), (status = 403, body = ErrorBody)))]
pub(crate) async fn entrants(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichEntrants>, QueryRejection>,
) -> Result<Json<EntrantPage>, Failure> {
    let Query(which) = query?;
    page(service, signed_in, chosen(&which)?).await
}

/// Whom to look for. What identifies people does not stand in an address.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntrantSought {
    /// A document, phone or whole name.
    text: String,
    /// Within this area.
    #[schema(value_type = Option<String>)]
    area: Option<AreaCode>,
}

/// People who arrive, found by document, phone or whole name.
#[utoipa::path(post, operation_id = "entrants_find", path = "/api/entrants/find", tag = "entry",
    request_body = EntrantSought, responses((status = 200, body = EntrantPage), (status = 403, body = ErrorBody)))]
pub(crate) async fn find(
    State(service): State<Service>,
    signed_in: SignedIn,
    body: Result<Json<EntrantSought>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<EntrantPage>, Failure> {
    let Json(sought) = body?;
    let chosen = ChosenEntrants {
        area: sought.area,
        text: Some(sought.text),
        limit: PAGE,
        ..ChosenEntrants::default()
    };
    page(service, signed_in, chosen).await
}

/// Somebody who arrives, with all that is known of the way.
#[utoipa::path(get, operation_id = "entrants_one", path = "/api/entrants/{entrant}", tag = "entry",
    params(("entrant" = String, Path)),
    responses((status = 200, body = EntrantWhole), (status = 404, body = ErrorBody)))]
pub(crate) async fn entrant(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<EntrantId>, PathRejection>,
) -> Result<Json<EntrantWhole>, Failure> {
    let Path(entrant) = path?;
    Ok(Json(
        service
            .run(move |house| house.entrant(&signed_in.actor, entrant))
            .await?,
    ))
}

/// Pairs of records that look alike.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AlikePairs {
    pairs: Vec<AlikeShown>,
}

/// Pairs of records that look alike and wait for somebody's word, the newest first.
#[utoipa::path(get, operation_id = "entrants_alike", path = "/api/alike", tag = "entry", params(Within),
    responses((status = 200, body = AlikePairs), (status = 403, body = ErrorBody)))]
pub(crate) async fn alike(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Within>, QueryRejection>,
) -> Result<Json<AlikePairs>, Failure> {
    let Query(within) = query?;
    let pairs = service
        .run(move |house| house.alike(&signed_in.actor, within.area))
        .await?;
    Ok(Json(AlikePairs { pairs }))
}

/// Which hand-overs.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichHandOvers {
    /// To or from this area.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// Also those that ended.
    #[serde(default)]
    all: bool,
    /// Rows to pass over.
    skip: Option<usize>,
}

/// Hand-overs to or from an area, those not ended first, the most pressing on top.
#[utoipa::path(get, operation_id = "handovers_list", path = "/api/handovers", tag = "entry", params(WhichHandOvers),
    responses((status = 200, body = HandOversShown), (status = 403, body = ErrorBody)))]
pub(crate) async fn handovers(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<WhichHandOvers>, QueryRejection>,
) -> Result<Json<HandOversShown>, Failure> {
    let Query(which) = query?;
    Ok(Json(
        service
            .run(move |house| {
                let skip = which.skip.unwrap_or(0);
                house.handovers(&signed_in.actor, which.area, !which.all, skip)
            })
            .await?,
    ))
}

/// One hand-over with its people.
#[utoipa::path(get, operation_id = "handovers_one", path = "/api/handovers/{handover}", tag = "entry",
    params(("handover" = String, Path)),
    responses((status = 200, body = HandOverShown), (status = 404, body = ErrorBody)))]
pub(crate) async fn handover(
    State(service): State<Service>,
    signed_in: SignedIn,
    path: Result<Path<MatterId>, PathRejection>,
) -> Result<Json<HandOverShown>, Failure> {
    let Path(handover) = path?;
    Ok(Json(
        service
            .run(move |house| house.handover(&signed_in.actor, handover))
            .await?,
    ))
}

/// Numbers of entry: those who arrived on a day, by who found them, and where everybody stands.
#[utoipa::path(get, operation_id = "entry_numbers", path = "/api/entry/numbers", tag = "entry", params(Within),
    responses((status = 200, body = EntryNumbers), (status = 403, body = ErrorBody)))]
pub(crate) async fn numbers(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Within>, QueryRejection>,
) -> Result<Json<EntryNumbers>, Failure> {
    let Query(within) = query?;
    Ok(Json(
        service
            .run(move |house| house.entry_numbers(&signed_in.actor, within.area, within.day))
            .await?,
    ))
}

/// The coming days' arrivals with an interval, and what they need against what is there.
#[utoipa::path(get, operation_id = "entry_foreseen", path = "/api/entry/foreseen", tag = "entry", params(Within),
    responses((status = 200, body = ArrivalsForeseen), (status = 403, body = ErrorBody)))]
pub(crate) async fn foreseen(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Within>, QueryRejection>,
) -> Result<Json<ArrivalsForeseen>, Failure> {
    let Query(within) = query?;
    Ok(Json(
        service
            .run(move |house| house.arrivals_foreseen(&signed_in.actor, within.area))
            .await?,
    ))
}
