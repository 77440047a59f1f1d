//! The ledger, for auditors.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::{AccountId, PersonId};
use lianfang_core::text::Text;
use lianfang_service::audit::{FactQuery, FactShown};
use lianfang_store::Checkpoint;
use serde::{Deserialize, Serialize};

use crate::cases::MOST;
use crate::error::{ErrorBody, Failure};
use crate::session::SignedIn;
use crate::state::Service;

const PAGE: usize = 50;

/// Which facts.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// About areas within this one.
    #[param(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// Of this kind and version, such as `person.looked/1`.
    kind: Option<String>,
    /// Recorded by this account.
    #[param(value_type = Option<String>)]
    actor: Option<AccountId>,
    /// About this person, case, matter or account.
    #[param(value_type = Option<String>)]
    person: Option<PersonId>,
    /// The `next` of the page before: a place in the ledger.
    cursor: Option<u64>,
    /// Rows, at most 200.
    limit: Option<usize>,
}

/// A page of facts.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = FactPage)]
pub(crate) struct Page {
    rows: Vec<FactShown>,
    next: Option<String>,
}

/// Facts, newest first.
#[utoipa::path(get, operation_id = "audit_facts", path = "/api/audit/facts", tag = "audit", params(Which),
    responses((status = 200, body = Page), (status = 403, body = ErrorBody)))]
pub(crate) async fn facts(
    State(service): State<Service>,
    signed_in: SignedIn,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Page>, Failure> {
    let Query(which) = query?;
    let query = FactQuery {
        area: which.area,
        kind: which.kind,
        actor: which.actor,
        subject: which.person.map(PersonId::to_bytes),
        before: which.cursor,
        limit: which.limit.unwrap_or(PAGE).clamp(1, MOST),
    };
    let (rows, next) = service
        .run(move |house| house.facts(&signed_in.actor, &query))
        .await?;
    Ok(Json(Page {
        rows,
        next: next.map(|seq| seq.to_string()),
    }))
}

/// Something that does not hold.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ProblemShown {
    kind: &'static str,
    #[schema(value_type = Option<String>)]
    chain: Option<AreaCode>,
    seq: Option<u64>,
    message: Text,
}

/// What an audit found.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Verified {
    ok: bool,
    facts: u64,
    chains: u64,
    checkpoints: u64,
    problems: Vec<ProblemShown>,
    problems_total: u64,
    seconds: f64,
}

fn kind_in_chinese(kind: &str) -> &'static str {
    match kind {
        "file" => "数据库文件损坏",
        "unreadable" => "事实无法读取",
        "altered" => "事实被改动",
        "missing" => "事实缺失",
        "out_of_order" => "事实顺序颠倒或被插入",
        "broken_link" => "哈希链断开",
        "wrong_chain" => "事实不在所属辖区的链上",
        "head" => "链头与最后一条事实不符",
        "head_signature" => "链头签名无效，链尾被改写",
        "checkpoint" => "与检查点不符",
        "vault" => "密封的个人信息无法打开",
        _ => "视图与重建结果不符",
    }
}

/// Proves chains, signatures, checkpoints, seals, and that views equal a rebuild.
#[utoipa::path(post, operation_id = "audit_verify", path = "/api/audit/verify", tag = "audit",
    responses((status = 200, body = Verified), (status = 403, body = ErrorBody)))]
pub(crate) async fn verify(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<Verified>, Failure> {
    let report = service
        .run(move |house| house.verify(&signed_in.actor))
        .await?;
    let problems = report
        .problems
        .into_iter()
        .map(|problem| ProblemShown {
            message: Text::new(
                problem.message.clone(),
                format!("{}：{}", kind_in_chinese(problem.kind), problem.message),
            ),
            kind: problem.kind,
            chain: problem.chain,
            seq: problem.seq,
        })
        .collect();
    Ok(Json(Verified {
        ok: report.ok,
        facts: report.facts,
        chains: report.chains,
        checkpoints: report.checkpoints,
        problems,
        problems_total: report.problems_total,
        seconds: report.seconds,
    }))
}

/// A signed checkpoint.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CheckpointShown {
    /// When it was made.
    at: String,
    /// The newest fact's place.
    seq: u64,
    /// Chains in it.
    chains: usize,
    /// BLAKE3 of its content.
    digest: String,
    /// Its signature, in hex.
    signature: String,
}

fn shown(checkpoint: &Checkpoint, signature: String) -> CheckpointShown {
    let content = serde_json::to_vec(checkpoint).unwrap_or_default();
    CheckpointShown {
        at: checkpoint.at.to_string(),
        seq: checkpoint.seq,
        chains: checkpoint.heads.len(),
        digest: blake3::hash(&content).to_hex().to_string(),
        signature,
    }
}

/// Checkpoints.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Checkpoints {
    rows: Vec<CheckpointShown>,
}

/// The checkpoints kept, newest first.
#[utoipa::path(get, operation_id = "audit_checkpoints", path = "/api/audit/checkpoints", tag = "audit",
    responses((status = 200, body = Checkpoints), (status = 403, body = ErrorBody)))]
pub(crate) async fn checkpoints(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<Json<Checkpoints>, Failure> {
    let kept = service
        .run(move |house| house.checkpoints(&signed_in.actor))
        .await?;
    let rows = kept
        .into_iter()
        .map(|(checkpoint, signature)| shown(&checkpoint, signature))
        .collect();
    Ok(Json(Checkpoints { rows }))
}

/// Signs a checkpoint of the ledger as it stands.
#[utoipa::path(post, operation_id = "audit_make_checkpoint", path = "/api/audit/checkpoints", tag = "audit",
    responses((status = 201, body = CheckpointShown), (status = 403, body = ErrorBody)))]
pub(crate) async fn make_checkpoint(
    State(service): State<Service>,
    signed_in: SignedIn,
) -> Result<(StatusCode, Json<CheckpointShown>), Failure> {
    let (checkpoint, signature) = service
        .run(move |house| {
            let made = house.checkpoint(&signed_in.actor)?;
            Ok(house
                .store()
                .checkpoints()?
                .into_iter()
                .find(|(kept, _)| kept.seq == made.seq)
                .unwrap_or((made, String::new())))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(shown(&checkpoint, signature))))
}
