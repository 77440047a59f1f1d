//! The ledger, for those who audit: read, verified, signed.

use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::facts::{Body, Fact};
use lianfang_core::ids::AccountId;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::facts::{self, FactFilter};
use lianfang_store::{AuditReport, Checkpoint};
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// A fact, as auditors read it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FactShown {
    /// Its place in this node's order.
    pub seq: u64,
    /// Its id.
    pub id: String,
    /// The chain it is in.
    #[schema(value_type = String)]
    pub chain: AreaCode,
    /// Its place there.
    pub chain_seq: u64,
    /// The area it is about.
    pub area: Area,
    /// Who recorded it.
    pub actor: String,
    /// With what.
    pub device: String,
    /// When it happened.
    pub happened_at: String,
    /// When the ledger took it.
    pub recorded_at: String,
    /// Its kind.
    pub kind: String,
    /// What it says, in a line.
    pub summary: Text,
    /// Its hash.
    pub hash: String,
}

/// Which facts are asked for.
#[derive(Debug, Clone, Default)]
pub struct FactQuery {
    /// About areas within this one.
    pub area: Option<AreaCode>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Recorded by this account.
    pub actor: Option<AccountId>,
    /// About this case, matter, person or account.
    pub subject: Option<[u8; 16]>,
    /// Before this place.
    pub before: Option<u64>,
    /// At most.
    pub limit: usize,
}

pub(crate) fn summary(body: &Body) -> Text {
    match body {
        Body::HouseFounded(b) => Text::new(
            format!("Ledger founded for {}", b.root),
            format!("为{}建立账本", b.root),
        ),
        Body::AreaDefined(b) => Text::new(format!("Area {}", b.name), format!("区域 {}", b.name)),
        Body::PolicyAdopted(b) => Text::new(
            format!("Policy {} {} in force", b.pack, b.version),
            format!("政策包 {} {} 生效", b.pack, b.version),
        ),
        Body::PolicyProposed(b) => Text::new(
            format!("Policy {} {} proposed: {}", b.pack, b.version, b.note),
            format!("提交政策包 {} {}：{}", b.pack, b.version, b.note),
        ),
        Body::PolicyApproved(b) => Text::new(
            format!("Policy version {} approved", b.policy),
            format!("批准政策包版本 {}", b.policy),
        ),
        Body::PolicyDeclined(b) => Text::new(
            format!("Policy version {} declined: {}", b.policy, b.note),
            format!("不予批准政策包版本 {}：{}", b.policy, b.note),
        ),
        Body::ForecastMade(b) => Text::new(
            format!(
                "Forecast of {} made of {}: {}",
                b.target.label().en,
                b.as_of,
                b.model.label().en
            ),
            format!(
                "对{}作出{}预测：{}",
                b.as_of,
                b.target.label().zh,
                b.model.label().zh
            ),
        ),
        Body::TotalsReported(b) => Text::new(
            format!("Totals of {}: {} confirmed", b.day, b.confirmed),
            format!("{}累计确诊{}例", b.day, b.confirmed),
        ),
        Body::DailyReportFiled(b) => Text::new(
            format!("Daily report of {}: {} new", b.day, b.new_cases),
            format!("{}日报：新增{}例", b.day, b.new_cases),
        ),
        Body::CaseReported(b) => Text::new(
            format!("Case reported, {}", b.record.details.classification.word()),
            format!("报告病例（{}）", b.record.details.classification.word()),
        ),
        Body::CaseRevised(b) => Text::new(
            format!(
                "Case corrected, now {}",
                b.record.details.classification.word()
            ),
            format!("订正病例（现为{}）", b.record.details.classification.word()),
        ),
        Body::PersonLooked(b) => Text::new(
            format!("Looked at a person's data: {}", b.reason),
            format!("查看个人信息：{}", b.reason),
        ),
        Body::PeopleExported(b) => Text::new(
            format!(
                "Personal data exported ({}, {}): {}",
                b.what, b.format, b.reason
            ),
            format!("导出个人信息（{}，{}）：{}", b.what, b.format, b.reason),
        ),
        Body::PersonForgotten(b) => Text::new(
            format!("Person forgotten: {}", b.reason),
            format!("个人信息已销毁：{}", b.reason),
        ),
        Body::MatterOpened(b) => Text::new(
            format!("Matter opened: {}", b.title),
            format!("发起事项：{}", b.title),
        ),
        Body::MatterActed(b) => Text::new(
            format!("Matter: {} → {}", b.from, b.to),
            format!("事项办理：{} → {}", b.from, b.to),
        ),
        Body::MatterEscalated(b) => Text::new(
            format!("Late matter climbed to {}", b.to),
            format!("逾期事项上报至{}", b.to),
        ),
        Body::AccountOpened(_) => Text::new("Account opened", "开立账户"),
        Body::RoleGranted(b) => Text::new(
            format!("Role {} in {} granted", b.grant.role.word(), b.grant.area),
            format!("授予{}的{}角色", b.grant.area, b.grant.role.word()),
        ),
        Body::RoleWithdrawn(b) => Text::new(
            format!("Role {} in {} withdrawn", b.grant.role.word(), b.grant.area),
            format!("撤销{}的{}角色", b.grant.area, b.grant.role.word()),
        ),
        Body::PasswordChanged(_) => Text::new("Password changed", "修改密码"),
        Body::AccountClosed(_) => Text::new("Account closed", "注销账户"),
        Body::TokenIssued(b) => Text::new(
            format!("Token issued for {}", b.scopes.join(", ")),
            format!("签发令牌：{}", b.scopes.join("、")),
        ),
        Body::TokenRevoked(_) => Text::new("Token revoked", "吊销令牌"),
        Body::ImportMade(b) => Text::new(
            format!(
                "Import {}: {} rows, {} refused",
                b.kind, b.rows_read, b.rows_refused
            ),
            format!(
                "导入{}：{}行，拒绝{}行",
                b.kind, b.rows_read, b.rows_refused
            ),
        ),
        Body::CheckpointDefined(_)
        | Body::ShiftSet(_)
        | Body::EntrantFound(_)
        | Body::EntrantsAlike(_)
        | Body::EntrantJoined(_)
        | Body::EntrantParted(_)
        | Body::EntrantsToldApart(_)
        | Body::EntrantChecked(_)
        | Body::EntrantNotCome(_)
        | Body::EntrantSettled(_)
        | Body::HandOverBegun(_)
        | Body::HandOverReceived(_)
        | Body::ClinicAnswered(_)
        | Body::ResidentPassed(_) => of_entry(body),
        Body::SiteDefined(_)
        | Body::OrderMade(_)
        | Body::OrderMoved(_)
        | Body::OrderChangeProposed(_)
        | Body::OrderChangeDecided(_)
        | Body::OrderEnded(_)
        | Body::CheckMade(_)
        | Body::AbsenceFound(_)
        | Body::AbsenceEnded(_)
        | Body::SampleTaken(_)
        | Body::SampleResulted(_)
        | Body::NeedStated(_) => of_quarantine(body),
        Body::CaseMerged(_)
        | Body::CaseParted(_)
        | Body::CasesToldApart(_)
        | Body::CaseDeletionRefused(_)
        | Body::CasesEdited(_)
        | Body::ViewSaved(_)
        | Body::CaseSampled(_)
        | Body::CaseResulted(_)
        | Body::CaseStayRecorded(_)
        | Body::CaseInvestigated(_)
        | Body::ContactNamed(_)
        | Body::ContactListed(_)
        | Body::ContactStepped(_)
        | Body::ContactFollowed(_)
        | Body::LinkStated(_)
        | Body::LinkWithdrawn(_) => of_cases(body),
        Body::HouseholdRecorded(b) => {
            let name = b.dwelling.label();
            Text::new(
                format!("Household recorded: {}, {} people", name.en, b.people),
                format!("登记住户：{}，{}人", name.zh, b.people),
            )
        }
        Body::ResidentRecorded(b) if b.living => Text::new("Resident recorded", "登记居民"),
        Body::ResidentRecorded(_) => Text::new("Resident moved out", "居民迁出"),
        Body::HouseholdVisited(b) => Text::new(
            format!("Household visited, {} people met", b.people),
            format!("入户走访，见到{}人", b.people),
        ),
        Body::PlaceDefined(_)
        | Body::PlaceLooked(_)
        | Body::VisitsTaken(_)
        | Body::VisitsSealed(_)
        | Body::VisitsDropped(_) => of_visits(body),
        Body::PassAsked(_)
        | Body::PassConfirmed(_)
        | Body::PassCodeEnded(_)
        | Body::PassAssessed(_)
        | Body::HealthReported(_)
        | Body::CertificateTaken(_)
        | Body::PassKeyListed(_)
        | Body::PassKeyRevoked(_)
        | Body::SignerTrusted(_) => of_passes(body),
    }
}

fn of_passes(body: &Body) -> Text {
    match body {
        Body::PassAsked(b) => said("A pass was asked for", "申领健康码", b.by),
        Body::PassConfirmed(_) => Text::new("A pass's holder was seen", "健康码身份已核验"),
        Body::PassCodeEnded(_) => Text::new("A pass's code ended", "健康码访问码停用"),
        Body::PassAssessed(b) => {
            let colour = b.colour.label();
            Text::new(
                format!("Pass computed: {} by {} of {}", colour.en, b.rule, b.pack),
                format!("健康码判定：{}（{}，{}）", colour.zh, b.rule, b.pack),
            )
        }
        Body::HealthReported(b) if b.abnormal => {
            Text::new("Health report, abnormal", "健康打卡异常")
        }
        Body::HealthReported(_) => Text::new("Health report", "健康打卡"),
        Body::CertificateTaken(b) => said("Health certificate taken", "收录健康证明", b.kind),
        Body::PassKeyListed(b) => Text::new(
            format!("Key {} of {} is trusted", b.kid, b.issuer),
            format!("信任密钥{}（{}）", b.kid, b.issuer),
        ),
        Body::PassKeyRevoked(b) => Text::new(
            format!("Key {} revoked: {}", b.kid, b.reason),
            format!("吊销密钥{}：{}", b.kid, b.reason),
        ),
        Body::SignerTrusted(b) if b.trusted => Text::new(
            format!("Signer {} of health certificates is trusted", b.kid),
            format!("信任健康证明签发者{}", b.kid),
        ),
        Body::SignerTrusted(b) => Text::new(
            format!("Signer {} of health certificates is trusted no more", b.kid),
            format!("不再信任健康证明签发者{}", b.kid),
        ),
        _ => Text::new("", ""),
    }
}

fn of_visits(body: &Body) -> Text {
    match body {
        Body::PlaceDefined(b) => {
            let kind = b.kind.label();
            Text::new(
                format!("Place {}: {}", b.name, kind.en),
                format!("场所 {}：{}", b.name, kind.zh),
            )
        }
        Body::PlaceLooked(b) => Text::new(
            format!("Asked who was at a place: {}", b.reason),
            format!("查询场所到访人员：{}", b.reason),
        ),
        Body::VisitsTaken(b) => Text::new(
            format!("{} visits taken", b.visits),
            format!("收录{}条到访记录", b.visits),
        ),
        Body::VisitsSealed(b) => said("Visit log", "到访日志", b.how),
        Body::VisitsDropped(b) => Text::new(
            format!("Visits before {} dropped", b.kept_from),
            format!("删除{}以前的到访记录", b.kept_from),
        ),
        _ => Text::new("", ""),
    }
}

/// A sentence with a word of the vocabulary in it.
fn said<W: Word>(en: &str, zh: &str, word: W) -> Text {
    let name = word.label();
    Text::new(format!("{en}: {}", name.en), format!("{zh}：{}", name.zh))
}

fn of_entry(body: &Body) -> Text {
    match body {
        Body::CheckpointDefined(b) => Text::new(
            format!("Checkpoint {}, {} lanes", b.name, b.lanes),
            format!("卡口 {}，{}条通道", b.name, b.lanes),
        ),
        Body::ShiftSet(b) => Text::new(
            format!("Shift of {} people, {} lanes", b.staff, b.lanes),
            format!("排班：{}人，{}条通道", b.staff, b.lanes),
        ),
        Body::EntrantFound(b) => said("Arrival known by", "发现来人", b.source),
        Body::EntrantsAlike(b) => Text::new(
            format!("Two records look alike: {}", b.same.join(", ")),
            format!("两条记录疑似同一人：{}", b.same.join("、")),
        ),
        Body::EntrantJoined(_) => Text::new("Two records taken for one", "合并两条来人记录"),
        Body::EntrantParted(b) => Text::new(
            format!("Record stands alone again: {}", b.reason),
            format!("撤销合并：{}", b.reason),
        ),
        Body::EntrantsToldApart(_) => {
            Text::new("Two records are of two people", "认定两条记录非同一人")
        }
        Body::EntrantChecked(b) => said("Checked at a checkpoint", "卡口检查", b.outcome),
        Body::EntrantNotCome(b) => Text::new(
            format!("Did not come: {}", b.reason),
            format!("未抵达：{}", b.reason),
        ),
        Body::EntrantSettled(b) => said("Whereabouts settled", "核实去向", b.stage),
        Body::HandOverBegun(b) => said("Sent on to", "移交至", b.receiver),
        Body::HandOverReceived(b) => Text::new(
            format!("{} received, {} missing", b.entrants.len(), b.missing.len()),
            format!("接收{}人，未到{}人", b.entrants.len(), b.missing.len()),
        ),
        Body::ClinicAnswered(b) if b.case => {
            Text::new("Fever clinic: a case", "发热门诊：判定为病例")
        }
        Body::ClinicAnswered(_) => Text::new("Fever clinic: no case", "发热门诊：排除"),
        Body::ResidentPassed(_) => Text::new("Resident went through the gate", "居民出入"),
        _ => Text::new("", ""),
    }
}

fn of_cases(body: &Body) -> Text {
    match body {
        Body::CaseMerged(b) if b.at_once => Text::new(
            "Taken into another report: the same document",
            "合并入另一报告：证件相同",
        ),
        Body::CaseMerged(_) => Text::new("Two reports taken for one case", "合并重复报告"),
        Body::CaseParted(b) => Text::new(
            format!("Report stands alone again: {}", b.reason),
            format!("撤销合并：{}", b.reason),
        ),
        Body::CasesToldApart(_) => {
            Text::new("Two reports are of two cases", "认定两份报告非同一病例")
        }
        Body::CaseDeletionRefused(b) => Text::new(
            format!("Deletion asked for and refused: {}", b.reason),
            format!("请求删除病例，已拒绝：{}", b.reason),
        ),
        Body::ViewSaved(b) if b.kept => {
            Text::new("View of the line list saved", "保存病例列表视图")
        }
        Body::ViewSaved(_) => Text::new("View of the line list removed", "删除病例列表视图"),
        Body::CasesEdited(b) if b.undoes.is_some() => Text::new(
            format!("Edit of {} cases taken back: {}", b.cases.len(), b.reason),
            format!("撤销对{}例的批量修改：{}", b.cases.len(), b.reason),
        ),
        Body::CasesEdited(b) => Text::new(
            format!("{} cases changed at once: {}", b.cases.len(), b.reason),
            format!("批量修改{}例：{}", b.cases.len(), b.reason),
        ),
        Body::CaseSampled(b) => Text::new(
            format!("Sample of {} taken", b.day),
            format!("{}采样", b.day),
        ),
        Body::CaseResulted(b) => said("Result of a sample", "检测结果", b.result),
        Body::CaseStayRecorded(b) if b.withdrawn => Text::new(
            format!("Stay of {} taken back", b.day),
            format!("撤销{}的行程", b.day),
        ),
        Body::CaseStayRecorded(b) => Text::new(
            format!("Itinerary of {}", b.day),
            format!("登记{}的行程", b.day),
        ),
        Body::CaseInvestigated(b) if b.complete => {
            Text::new("Investigation complete", "流行病学调查完成")
        }
        Body::CaseInvestigated(_) => Text::new("Investigation open again", "重新开展流调"),
        Body::ContactNamed(b) => said("Contact named", "登记接触者", b.class),
        Body::ContactListed(_) => {
            Text::new("Listed as a contact elsewhere", "其他系统登记的接触者")
        }
        Body::ContactStepped(b) => said("Contact", "接触者", b.step),
        Body::ContactFollowed(b) => said("Follow-up", "随访", b.status),
        Body::LinkStated(b) => said("Infection stated", "传播关联", b.certainty),
        Body::LinkWithdrawn(b) => Text::new(
            format!("Link withdrawn: {}", b.reason),
            format!("撤销传播关联：{}", b.reason),
        ),
        _ => Text::new("", ""),
    }
}

fn of_quarantine(body: &Body) -> Text {
    match body {
        Body::SiteDefined(b) => Text::new(
            format!("Quarantine site {}, {} rooms", b.name, b.rooms.len()),
            format!("集中隔离点 {}，{}间", b.name, b.rooms.len()),
        ),
        Body::OrderMade(b) => {
            let name = b.watch.label();
            Text::new(
                format!("Order: {}, until {}", name.en, b.until),
                format!("{}，至{}", name.zh, b.until),
            )
        }
        Body::OrderMoved(b) => Text::new(
            format!("Moved to room {}", b.bed.room),
            format!("调换至{}房", b.bed.room),
        ),
        Body::OrderChangeProposed(b) => {
            let name = b.kind.label();
            Text::new(
                format!("{} to {} proposed: {}", name.en, b.until, b.reason),
                format!("申请{}至{}：{}", name.zh, b.until, b.reason),
            )
        }
        Body::OrderChangeDecided(b) if b.approved => Text::new("Change approved", "同意变更"),
        Body::OrderChangeDecided(_) => Text::new("Change declined", "不同意变更"),
        Body::OrderEnded(b) => said("Order ended", "隔离令终止", b.how),
        Body::CheckMade(b) if b.abnormal => Text::new("Health check, abnormal", "健康监测：异常"),
        Body::CheckMade(_) => Text::new("Health check", "健康监测"),
        Body::AbsenceFound(b) => said("Not where they should be", "脱离隔离", b.how),
        Body::AbsenceEnded(_) => Text::new("Is back", "已返回"),
        Body::SampleTaken(_) => Text::new("Sample taken", "采样"),
        Body::SampleResulted(b) => said("Result of a sample", "检测结果", b.result),
        Body::NeedStated(b) => said("Need", "需求", b.need),
        _ => Text::new("", ""),
    }
}

impl House {
    pub(crate) fn fact_shown(&self, fact: &Fact) -> Result<FactShown, Refusal> {
        let offset = self.store.utc_offset();
        Ok(FactShown {
            seq: fact.seq,
            id: fact.id.to_string(),
            chain: fact.chain,
            chain_seq: fact.chain_seq,
            area: self.tree()?.get_or_unnamed(fact.area),
            actor: self.account_name(fact.actor)?,
            device: fact.device.clone(),
            happened_at: offset.rfc3339(fact.happened_at),
            recorded_at: offset.rfc3339(fact.recorded_at),
            kind: fact.kind.clone(),
            summary: fact.read_body().map_or_else(
                |e| Text::new(e.to_string(), e.to_string()),
                |body| summary(&body),
            ),
            hash: blake3_hex(&fact.hash),
        })
    }

    /// Facts, newest first, and where the next page begins.
    pub fn facts(
        &self,
        actor: &Actor,
        query: &FactQuery,
    ) -> Result<(Vec<FactShown>, Option<u64>), Refusal> {
        let top = actor.area_of(Right::ReadAudit).ok_or(Refusal::Forbidden)?;
        let area = query.area.unwrap_or(top);
        actor.require(Right::ReadAudit, area)?;
        let filter = FactFilter {
            area: Some(area),
            kind: query.kind.clone(),
            actor: query.actor,
            subject: query.subject,
            before: query.before,
        };
        let facts = self
            .store
            .read(|connection| facts::list(connection, &filter, query.limit + 1))?;
        let page = &facts[..facts.len().min(query.limit)];
        let next = (facts.len() > query.limit)
            .then(|| page.last().map(|fact| fact.seq))
            .flatten();
        Ok((
            page.iter()
                .map(|fact| self.fact_shown(fact))
                .collect::<Result<_, _>>()?,
            next,
        ))
    }

    /// Verifies everything that can be verified.
    pub fn verify(&self, actor: &Actor) -> Result<AuditReport, Refusal> {
        actor.require(Right::ReadAudit, self.store.root())?;
        let mut report = self.store.audit()?;
        self.audit_visits(&mut report)?;
        Ok(report)
    }

    /// Signs a checkpoint of the ledger as it stands.
    pub fn checkpoint(&self, actor: &Actor) -> Result<Checkpoint, Refusal> {
        actor.require(Right::CheckpointLedger, self.store.root())?;
        Ok(self.store.checkpoint()?)
    }

    /// The checkpoints kept, with their signatures.
    pub fn checkpoints(&self, actor: &Actor) -> Result<Vec<(Checkpoint, String)>, Refusal> {
        actor.require(Right::ReadAudit, self.store.root())?;
        Ok(self.store.checkpoints()?)
    }
}

fn blake3_hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}
