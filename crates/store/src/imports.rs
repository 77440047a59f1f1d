//! Reports of imports, kept beside the ledger for those who made them.

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::ImportId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::keys::Keys;
use crate::vault;
use crate::writer::ImportRecord;

pub(crate) fn put(connection: &Connection, import: &ImportRecord) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO import_reports (import, at, area, report, refused) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            import.import.to_bytes(),
            import.at.as_millisecond(),
            import.area.as_u64() as i64,
            import.report,
            import.refused
        ])?;
    Ok(())
}

pub(crate) fn drop_refused(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE import_reports SET refused = x'' WHERE at < ?1 AND length(refused) > 0",
        )?
        .execute([before.as_millisecond()])?;
    Ok(())
}

pub(crate) fn list(
    connection: &Connection,
    area: AreaCode,
    limit: usize,
) -> Result<Vec<(ImportId, AreaCode, String)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT import, area, report FROM import_reports WHERE area BETWEEN ?1 AND ?2
         ORDER BY at DESC, import DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(
        params![
            area.as_u64() as i64,
            area.last().as_u64() as i64,
            limit as i64
        ],
        |row| {
            Ok((
                ImportId::from_bytes(row.get(0)?),
                row.get::<_, i64>(1)? as u64,
                row.get(2)?,
            ))
        },
    )?;
    rows.map(|row| {
        let (import, area, report) = row?;
        let area = AreaCode::from_u64(area).map_err(|_| StoreError::Malformed("area code"))?;
        Ok((import, area, report))
    })
    .collect()
}

pub(crate) fn get(
    connection: &Connection,
    keys: &Keys,
    import: ImportId,
) -> Result<Option<(AreaCode, String, Vec<u8>)>, StoreError> {
    let found = connection
        .prepare_cached("SELECT area, report, refused FROM import_reports WHERE import = ?1")?
        .query_row([import.to_bytes()], |row| {
            Ok((
                row.get::<_, i64>(0)? as u64,
                row.get(1)?,
                row.get::<_, Vec<u8>>(2)?,
            ))
        })
        .optional()?;
    let Some((area, report, refused)) = found else {
        return Ok(None);
    };
    let area = AreaCode::from_u64(area).map_err(|_| StoreError::Malformed("area code"))?;
    let refused = if refused.is_empty() {
        refused
    } else {
        vault::open_file(keys, import, &refused)?
    };
    Ok(Some((area, report, refused)))
}
