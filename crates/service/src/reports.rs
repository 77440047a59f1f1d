//! Daily reports of areas, zero reports (零报告) included.

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, DailyReportFiled};

use crate::{Actor, House, Refusal};

impl House {
    /// Files an area's report of its new cases of a day. Filing again corrects the number.
    pub fn file_daily_report(
        &self,
        actor: &Actor,
        area: AreaCode,
        day: Date,
        new_cases: u32,
    ) -> Result<(), Refusal> {
        actor.require(Right::ReportCase, area)?;
        self.known_area(area)?;
        if day > self.today() {
            return Err(Refusal::invalid(
                "date",
                "A report is for today or a past day.",
                "只能报送今日或以往日期。",
            ));
        }
        self.append(
            actor,
            [(
                area,
                Body::DailyReportFiled(DailyReportFiled { day, new_cases }),
            )],
        )
    }
}
