//! Parquet files, row by row as text: numbers as digits, moments as RFC 3339, or without a distance
//! from UTC where the file says that they are local.
//!
//! Only from a path: such a file is read from its end, and more than one column at a time.

use std::fs::File;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use super::{Format, RawRow, TableInfo};
use crate::error::{FileError, What};
use crate::limits::Limits;

/// Columns that are read as moments.
#[derive(Debug, Clone, Copy)]
struct Moments {
    per_second: i64,
    in_utc: bool,
}

pub(super) struct Columnar {
    rows: RowIter<'static>,
    moments: Vec<Option<Moments>>,
    row: u64,
    header: Option<Vec<String>>,
}

impl Columnar {
    pub(super) fn open(file: File, limits: Limits) -> Result<(Self, TableInfo), FileError> {
        let reader = SerializedFileReader::new(file).map_err(|_| FileError::DamagedParquet)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        // Columns of columns, and types that are no text, number or moment, are not read.
        let fields: Vec<Arc<Type>> = schema
            .root_schema()
            .get_fields()
            .iter()
            .filter(|field| is_read(field))
            .cloned()
            .collect();
        if fields.is_empty() {
            return Err(FileError::Empty);
        }
        if fields.len() > limits.columns {
            return Err(FileError::TooMuch {
                what: What::Columns,
                limit: limits.columns as u64,
            });
        }
        let moments = fields.iter().map(|field| moments(field)).collect();
        let header = fields.iter().map(|field| field.name().to_owned()).collect();
        let projection = Type::group_type_builder(schema.root_schema().name())
            .with_fields(fields)
            .build()
            .map_err(|_| FileError::DamagedParquet)?;
        let rows = RowIter::from_file_into(Box::new(reader))
            .project(Some(projection))
            .map_err(|_| FileError::DamagedParquet)?;
        let info = TableInfo {
            format: Format::Parquet,
            encoding: None,
            delimiter: None,
            sheet: None,
            other_sheets: Vec::new(),
        };
        let columnar = Self {
            rows,
            moments,
            row: 0,
            header: Some(header),
        };
        Ok((columnar, info))
    }

    /// The names of the columns, then the rows.
    pub(super) fn next_row(&mut self, raw: &mut RawRow) -> Result<bool, FileError> {
        self.row += 1;
        raw.row = self.row;
        raw.cells.clear();
        if let Some(header) = self.header.take() {
            for name in header {
                raw.cells.push_field(&name);
            }
            return Ok(true);
        }
        let Some(row) = self.rows.next() else {
            return Ok(false);
        };
        let row = row.map_err(|_| FileError::DamagedParquet)?;
        for ((_, field), moments) in row.get_column_iter().zip(&self.moments) {
            raw.cells.push_field(&text(field, *moments));
        }
        Ok(true)
    }
}

fn is_read(field: &Type) -> bool {
    let info = field.get_basic_info();
    if !field.is_primitive() || (info.has_repetition() && info.repetition() == Repetition::REPEATED)
    {
        return false;
    }
    let plain = matches!(
        info.converted_type(),
        ConvertedType::NONE
            | ConvertedType::UTF8
            | ConvertedType::ENUM
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
            | ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64
            | ConvertedType::TIMESTAMP_MILLIS
            | ConvertedType::TIMESTAMP_MICROS
    );
    let known = matches!(
        field.get_physical_type(),
        Physical::BOOLEAN
            | Physical::INT32
            | Physical::INT64
            | Physical::INT96
            | Physical::FLOAT
            | Physical::DOUBLE
            | Physical::BYTE_ARRAY
    );
    plain && known
}

fn moments(field: &Type) -> Option<Moments> {
    let info = field.get_basic_info();
    match info.logical_type_ref() {
        Some(LogicalType::Timestamp(of)) => Some(Moments {
            per_second: match of.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            },
            in_utc: of.is_adjusted_to_u_t_c,
        }),
        _ => match (info.converted_type(), field.get_physical_type()) {
            (ConvertedType::TIMESTAMP_MILLIS, _) => Some(Moments {
                per_second: 1_000,
                in_utc: true,
            }),
            (ConvertedType::TIMESTAMP_MICROS, _) => Some(Moments {
                per_second: 1_000_000,
                in_utc: true,
            }),
            // The form of older programs, without a word on the clock: read as local.
            (_, Physical::INT96) => Some(Moments {
                per_second: 1_000,
                in_utc: false,
            }),
            _ => None,
        },
    }
}

fn text(field: &Field, moments: Option<Moments>) -> String {
    match (field, moments) {
        (Field::Null, _) => String::new(),
        (
            Field::Long(at) | Field::TimestampMillis(at) | Field::TimestampMicros(at),
            Some(moments),
        ) => moments.text(*at),
        (Field::Str(text), _) => text.clone(),
        (Field::Bytes(bytes), _) => String::from_utf8_lossy(bytes.data()).into_owned(),
        (other, _) => other.to_string(),
    }
}

impl Moments {
    fn text(self, at: i64) -> String {
        let Ok(moment) = Timestamp::from_second(at.div_euclid(self.per_second)) else {
            return String::new();
        };
        let moment = moment.to_zoned(TimeZone::UTC);
        let form = if self.in_utc {
            "%Y-%m-%dT%H:%M:%SZ"
        } else {
            "%Y-%m-%dT%H:%M:%S"
        };
        moment.strftime(form).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::{Entry, Options};
    use crate::{Source, Visits};
    use jiff::civil::Date;
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    /// 9 February 2020, 00:30 UTC.
    const AT: i64 = 1_581_208_200;

    fn write(file: File, message: &str, of_second: i64) {
        let schema = Arc::new(parse_message_type(message).unwrap());
        let properties = WriterProperties::builder()
            .set_compression(parquet::basic::Compression::SNAPPY)
            .build();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[100, 200], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[AT * of_second, (AT + 60) * of_second], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[(AT + 600) * of_second], Some(&[0, 1]), None)
            .unwrap();
        column.close().unwrap();
        let people = ["A", "B"].map(|person| ByteArray::from(person.as_bytes().to_vec()));
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&people, None, None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn visits_are_read_as_from_a_table() {
        for (unit, of_second, local) in [
            ("MILLIS,true", 1_000, false),
            ("MICROS,false", 1_000_000, true),
            ("NANOS,true", 1_000_000_000, false),
        ] {
            let message = format!(
                "message visits {{ required int64 place; required int64 time (TIMESTAMP({unit}));
                 optional int64 until (TIMESTAMP({unit})); required binary person (STRING); }}"
            );
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("visits.parquet");
            write(File::create(&path).unwrap(), &message, of_second);
            let options = Options::new(Date::constant(2020, 2, 9));
            let file = Visits::open(Source::path(&path).unwrap(), options).unwrap();
            let rows: Vec<_> = file
                .map(|entry| match entry.unwrap() {
                    Entry::Taken(taken) => taken.row,
                    Entry::Refused(refused) => panic!("{refused:?}"),
                })
                .collect();
            assert_eq!(rows.len(), 2);
            assert_eq!((rows[0].row, rows[0].place.as_str()), (2, "100"));
            assert_eq!((rows[0].from.minute, rows[0].until), (30, None));
            assert_eq!(rows[0].from.offset.is_none(), local, "{unit}");
            assert_eq!(rows[1].until.unwrap().minute, 40);
            assert_eq!(rows[1].person, "B");
        }
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visits.parquet");
        std::fs::write(&path, b"PAR1 and nothing that follows from it PAR1").unwrap();
        let options = Options::new(Date::constant(2020, 2, 9));
        let open = |source| Visits::open(source, options).map(drop).unwrap_err();
        let error = open(Source::path(&path).unwrap());
        assert!(matches!(error, FileError::DamagedParquet), "{error}");
        let sent = Source::bytes("visits.parquet", b"PAR1....PAR1".to_vec());
        assert!(matches!(open(sent), FileError::UnknownType));
    }
}
