//! The records, one for each table.

use jiff::civil::Date;
use lianfang_core::contacts::{ContactClass, Setting};
use lianfang_core::entry::{CheckpointKind, Destination, OriginRisk, Symptom, Temperature, Triage};
use lianfang_core::passes::{CaseStanding, Colour, PassShown};
use lianfang_core::quarantine::Watch;
use lianfang_core::reopening::{Opening, Sector};
use lianfang_core::surveillance::RiskLevel;
use lianfang_core::text::Text;
use lianfang_core::time::day_number;
use lianfang_core::words::{Word, Words};

use super::{
    Evidence, EvidenceError, Field, FieldKind, Fill, FilledSlots, Schema, Single, Table, ahead,
    named,
};

evidence! {
    /// What is known of a person at a checkpoint.
    EntryEvidence, Entry, Triage, false,
    "What is done with a person at a checkpoint", "检查点对来人的处置";
    fields {
        checkpoint = "checkpoint": (choice CheckpointKind), stays, "kind of checkpoint", "检查点类型";
        resident = "resident": (flag), stays, "lives behind this gate", "本处居民";
        destination = "destination": (word Destination), stays, "where the person is going", "去向";
        origin = "origin": (word OriginRisk), stays, "where the person comes from", "来源地风险";
        left_origin = "left_origin": (day), stays, "departure from there", "离开来源地";
        abroad = "abroad": (flag), stays, "comes from abroad", "境外来人";
        temperature = "temperature": (temperature), moves, "temperature", "体温";
        symptoms = "symptoms": (words Symptom), moves, "symptoms", "症状";
        case = "case": (word CaseStanding), moves, "stands as a case", "病例情况";
        contact = "contact": (word ContactClass), stays, "contact of a case", "接触者情况";
        last_exposure = "last_exposure": (day), stays, "last exposure", "最后暴露";
        watch = "watch": (word Watch), moves, "is watched already", "正在接受的观察";
        pass = "pass": (word PassShown), moves, "pass shown", "出示的健康码";
        neighbour_pass = "neighbour_pass": (flag), moves, "the pass is a trusted neighbour's", "健康码由互认地区签发";
        immune = "immune": (flag), moves, "proved to be immune", "有免疫证明";
        age = "age": (maybe_number 120), stays, "age in years", "年龄";
        pregnant = "pregnant": (flag), stays, "is pregnant", "孕妇";
        needs_care = "needs_care": (flag), stays, "needs another's care", "需他人照护";
        home_suitable = "home_suitable": (flag), moves, "has a home fit for quarantine", "具备居家隔离条件";
    }
    invariants {
        "contact == 'none' || days_since_last_exposure < never",
        "a contact needs `last_exposure`, the day of it", "接触者须有“last_exposure”（最后暴露日期）";
    }
}

evidence! {
    /// What is known of a meeting between a case and a person.
    ContactEvidence, Contact, ContactClass, false,
    "What a meeting with a case makes of a person", "与病例接触者的判定";
    fields {
        case = "case": (choice CaseStanding), moves, "what the case is, or the case behind the contact met", "病例类别（次密接则为其源头病例）";
        has_onset = "has_onset": (flag), stays, "the case has a day of first symptoms", "病例有发病日期";
        days_before = "days_before": (number 60), stays, "days from the meeting to the case's first symptoms, or to its first positive sample where it has none; 0 if later", "接触日距病例发病（无症状者为采样）的天数，之后为0";
        days_after = "days_after": (number 60), stays, "days from the case's first symptoms or sample to the meeting; 0 if earlier", "病例发病（或采样）距接触日的天数，之前为0";
        isolated = "isolated": (flag), stays, "the case was isolated already", "病例当时已隔离";
        setting = "setting": (choice Setting), stays, "setting", "接触场景";
        minutes = "minutes": (maybe_number 1440), stays, "minutes together", "共处分钟数";
        metres = "metres": (maybe_number 1000), stays, "least distance in metres", "最近距离（米）";
        same_room = "same_room": (flag), stays, "breathed the air of one room or vehicle", "同处一室或同乘";
        minutes_after_case = "minutes_after_case": (number 1440), stays, "minutes between the case's leaving and the person's coming; 0 if they met", "病例离开到本人到达的分钟数，同时在场为0";
        rows_apart = "rows_apart": (maybe_number 100), stays, "rows apart in a vehicle", "乘坐相隔排数";
        protected = "protected": (flag), stays, "was protected as the setting asks for", "当时有有效防护";
        immune = "immune": (flag), moves, "proved to be immune", "有免疫证明";
        of_contact = "of_contact": (flag), stays, "met a close contact, not the case", "接触的是密接而非病例";
    }
    invariants {
        "days_before == 0 || days_after == 0",
        "`days_before` and `days_after`: one of them is 0", "“days_before”与“days_after”至少一项为0";
    }
}

evidence! {
    /// What is known of a person who may have to be watched.
    QuarantineEvidence, Quarantine, Watch, true,
    "Who is watched, how, and for how long", "隔离观察的方式与期限";
    fields {
        contact = "contact": (word ContactClass), stays, "contact of a case", "接触者情况";
        first_exposure = "first_exposure": (day), stays, "first exposure", "首次暴露";
        last_exposure = "last_exposure": (day), stays, "last exposure", "最后暴露";
        origin = "origin": (word OriginRisk), stays, "where the person comes from", "来源地风险";
        abroad = "abroad": (flag), stays, "comes from abroad", "境外来人";
        entered = "entered": (day), stays, "entry", "进入本地";
        left_origin = "left_origin": (day), stays, "departure from the place of origin", "离开来源地";
        case = "case": (word CaseStanding), moves, "stands as a case", "病例情况";
        case_since = "case_since": (day), stays, "day found to be a case", "判定为病例";
        onset = "onset": (day), stays, "first symptoms", "发病";
        recovered = "recovered": (day), moves, "discharge", "出院";
        immune = "immune": (flag), moves, "proved to be immune", "有免疫证明";
        prophylaxis = "prophylaxis": (day), moves, "vaccination after exposure, in time", "暴露后及时接种";
        immunoglobulin = "immunoglobulin": (day), moves, "immunoglobulin", "注射免疫球蛋白";
        negative_tests = "negative_tests": (number 50), moves, "negative tests in a row", "连续阴性次数";
        symptoms = "symptoms": (words Symptom), moves, "symptoms", "症状";
        health_worker = "health_worker": (flag), stays, "works in health care", "医务人员";
        age = "age": (maybe_number 120), stays, "age in years", "年龄";
        pregnant = "pregnant": (flag), stays, "is pregnant", "孕妇";
        needs_care = "needs_care": (flag), stays, "needs another's care", "需他人照护";
        home_suitable = "home_suitable": (flag), moves, "has a home fit for quarantine", "具备居家隔离条件";
        healthy_reports = "healthy_reports": (daily 400), moves, "healthy daily reports in a row", "连续健康打卡天数";
    }
    invariants {
        "contact == 'none' || days_since_last_exposure < never",
        "a contact needs `last_exposure`, the day of it", "接触者须有“last_exposure”（最后暴露日期）";
        "!abroad && !(origin in ['medium', 'high', 'severe']) || days_since_entered < never",
        "who came from abroad or from an area of risk needs `entered`, the day of entry", "境外或风险地区来人须有“entered”（进入日期）";
        "case != 'recovered' || days_since_recovered < never",
        "who recovered needs `recovered`, the day of discharge", "治愈者须有“recovered”（出院日期）";
    }
}

evidence! {
    /// What is known of a person who holds a pass.
    PassEvidence, Pass, Colour, true,
    "The colour of a person's pass", "个人健康码的颜色";
    fields {
        case = "case": (word CaseStanding), moves, "stands as a case", "病例情况";
        case_since = "case_since": (day), stays, "day found to be a case", "判定为病例";
        onset = "onset": (day), stays, "first symptoms", "发病";
        recovered = "recovered": (day), moves, "discharge", "出院";
        contact = "contact": (word ContactClass), stays, "contact of a case", "接触者情况";
        last_exposure = "last_exposure": (day), stays, "last exposure", "最后暴露";
        origin = "origin": (word OriginRisk), stays, "where the person came from", "来源地风险";
        abroad = "abroad": (flag), stays, "came from abroad", "境外来人";
        entered = "entered": (day), stays, "entry", "进入本地";
        watch = "watch": (word Watch), moves, "is watched", "正在接受的观察";
        watch_since = "watch_since": (day), stays, "beginning of the watch", "观察开始";
        left_watch = "left_watch": (day), moves, "leaving quarantine without leave", "擅自离开隔离";
        temperature = "temperature": (temperature), moves, "temperature of the newest report", "最近一次体温";
        symptoms = "symptoms": (words Symptom), moves, "symptoms of the newest report", "最近一次症状";
        last_symptoms = "last_symptoms": (day), moves, "newest report with any symptom", "最近一次有症状打卡";
        reported = "reported": (day), moves, "newest report", "最近一次打卡";
        healthy_reports = "healthy_reports": (daily 400), moves, "healthy daily reports in a row", "连续健康打卡天数";
        negative_tests = "negative_tests": (number 50), moves, "negative tests in a row", "连续阴性次数";
        tested = "tested": (day), moves, "newest test", "最近一次检测";
        immune = "immune": (flag), moves, "proved to be immune", "有免疫证明";
        area_risk = "area_risk": (word OriginRisk), moves, "risk of the area of residence", "居住地风险等级";
        prophylaxis = "prophylaxis": (day), moves, "vaccination after exposure, in time", "暴露后及时接种";
        immunoglobulin = "immunoglobulin": (day), moves, "immunoglobulin", "注射免疫球蛋白";
        health_worker = "health_worker": (flag), stays, "works in health care", "医务人员";
        age = "age": (maybe_number 120), stays, "age in years", "年龄";
    }
    invariants {
        "contact == 'none' || days_since_last_exposure < never",
        "a contact needs `last_exposure`, the day of it", "接触者须有“last_exposure”（最后暴露日期）";
        "!abroad && !(origin in ['medium', 'high', 'severe']) || days_since_entered < never",
        "who came from abroad or from an area of risk needs `entered`, the day of entry", "境外或风险地区来人须有“entered”（进入日期）";
        "case != 'recovered' || days_since_recovered < never",
        "who recovered needs `recovered`, the day of discharge", "治愈者须有“recovered”（出院日期）";
        "watch == 'none' || days_since_watch_since < never",
        "who is watched needs `watch_since`, the day it began", "被观察者须有“watch_since”（开始日期）";
    }
}

evidence! {
    /// What is known of an area.
    RiskEvidence, Risk, RiskLevel, true,
    "The risk level of an area", "区域风险等级";
    fields {
        confirmed_total = "confirmed_total": (number 2_000_000_000), stays, "confirmed cases in all, clinically diagnosed ones among them", "累计确诊病例（含临床诊断）";
        new_recent = "new_recent": (number 2_000_000_000), moves, "new ones in the days that count as recent", "近期新增确诊病例";
        cluster = "cluster": (maybe_flag), moves, "a cluster in the days that count as recent", "近期有聚集性疫情";
        last_case = "last_case": (day), stays, "newest case", "最近一例";
    }
    invariants {
        "new_recent <= confirmed_total",
        "`new_recent` is at most `confirmed_total`", "“new_recent”不大于“confirmed_total”";
    }
}

evidence! {
    /// What is known of a workplace, school or place.
    ReopeningEvidence, Reopening, Opening, true,
    "What may open, and how far", "何处可以开放及其限度";
    fields {
        sector = "sector": (choice Sector), stays, "what it does", "行业类别";
        area_risk = "area_risk": (choice RiskLevel), moves, "risk level of its area", "所在地风险等级";
        risk_since = "risk_since": (day), stays, "beginning of that risk level", "风险等级起始";
        measures = "measures": (number 20), moves, "protective measures in place", "已落实的防控措施项数";
        filed = "filed": (flag), moves, "has filed for reopening", "已备案";
        inspected = "inspected": (flag), moves, "passed the inspection on site", "现场核查合格";
        promised = "promised": (flag), moves, "has signed the promise", "已签承诺书";
        workers_cleared = "workers_cleared": (number 100), moves, "percent of workers cleared to return", "可返岗员工百分比";
        last_case = "last_case": (day), stays, "newest case there", "本单位最近一例";
    }
    invariants {}
}
