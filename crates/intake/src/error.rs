//! Why a whole file is refused. What is wrong with one row is a [`Finding`](crate::Finding).

use lianfang_core::text::Text;

/// A problem with the file as a whole, or one after which it cannot be read on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file could not be read.
    #[error("the file could not be read: {0}")]
    Read(#[source] std::io::Error),
    /// Nothing in it.
    #[error("the file is empty; it needs a header and rows below it")]
    Empty,
    /// Neither text nor a workbook.
    #[error("this is neither a text file (CSV) nor an .xlsx workbook; export it as one of these")]
    UnknownType,
    /// The format of Excel before 2007, or a workbook with a password: both have the same outside.
    #[error(
        "this is an .xls workbook or one with a password; save it as .xlsx without a password, or as CSV"
    )]
    OldWorkbook,
    /// Bytes that are in none of the encodings.
    #[error(
        "the text is neither UTF-8, GB18030 (GBK) nor UTF-16 with a byte order mark: byte {offset} fits none; save it as CSV UTF-8"
    )]
    Encoding {
        /// Where, in bytes from the start of the file.
        offset: u64,
    },
    /// Text that began in one encoding and breaks it later.
    #[error("the text is {encoding} but breaks off at byte {offset}; save it again as CSV UTF-8")]
    BrokenText {
        /// The encoding it began in.
        encoding: &'static str,
        /// Where, in bytes from the start of the file.
        offset: u64,
    },
    /// Control or replacement characters: not text, or decoded wrongly before.
    #[error(
        "this is no text, or was damaged by a wrong conversion: it is full of control or replacement characters near byte {offset}"
    )]
    NotText {
        /// Where, in bytes from the start of the file.
        offset: u64,
    },
    /// More than a limit allows.
    #[error("the file has more {what} than the {limit} that are accepted; split it")]
    TooMuch {
        /// What there is too much of.
        what: What,
        /// How much is accepted.
        limit: u64,
    },
    /// A workbook that grows beyond reason when unpacked.
    #[error(
        "the workbook becomes more than {ratio} times larger when unpacked, as only files made to do harm do"
    )]
    Bomb {
        /// The ratio accepted.
        ratio: u64,
    },
    /// A workbook that cannot be read.
    #[error(
        "the workbook is damaged or is no .xlsx; open it in a spreadsheet program and save it again"
    )]
    DamagedWorkbook,
    /// A Parquet file that cannot be read.
    #[error(
        "the Parquet file is damaged, or packed in a way that is not read; write it anew, not packed or packed with snappy"
    )]
    DamagedParquet,
    /// One row is too long to be one.
    #[error(
        "the row that begins at row {row} has more than {limit} bytes; most likely a quotation mark was left open there"
    )]
    EndlessRow {
        /// The row as a spreadsheet counts.
        row: u64,
        /// Bytes accepted.
        limit: u64,
    },
    /// A column that the preset needs is not there.
    #[error("no column for {field}; its header is one of: {accepted}")]
    MissingColumn {
        /// The field.
        field: String,
        /// Headers accepted.
        accepted: String,
    },
    /// Two columns of the same name.
    #[error("two columns have the header {column}; which one counts? Rename or remove one")]
    DuplicateColumn {
        /// The header, as the preset writes it.
        column: String,
    },
}

/// What a file can have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Bytes.
    Bytes,
    /// Bytes when unpacked.
    UnpackedBytes,
    /// Parts of a workbook.
    Parts,
    /// Rows.
    Rows,
    /// Columns.
    Columns,
}

impl What {
    fn zh(self) -> &'static str {
        match self {
            Self::Bytes => "字节",
            Self::UnpackedBytes => "解压后字节",
            Self::Parts => "内部文件",
            Self::Rows => "行",
            Self::Columns => "列",
        }
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::UnpackedBytes => "bytes when unpacked",
            Self::Parts => "parts",
            Self::Rows => "rows",
            Self::Columns => "columns",
        })
    }
}

impl FileError {
    /// The message in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Read(_) => "文件无法读取。".to_owned(),
            Self::Empty => "文件是空的；应有表头和数据行。".to_owned(),
            Self::UnknownType => {
                "既不是文本文件（CSV），也不是 .xlsx 工作簿；请另存为其中一种。".to_owned()
            }
            Self::OldWorkbook => {
                "这是 .xls 或带密码的工作簿；请另存为不带密码的 .xlsx 或 CSV。".to_owned()
            }
            Self::Encoding { offset } => format!(
                "文本既不是 UTF-8、GB18030（GBK），也不是带字节序标记的 UTF-16：第 {offset} 字节不符；请另存为 CSV UTF-8。"
            ),
            Self::BrokenText { encoding, offset } => {
                format!(
                    "文本编码为 {encoding}，但在第 {offset} 字节处损坏；请重新另存为 CSV UTF-8。"
                )
            }
            Self::NotText { offset } => {
                format!("这不是文本，或曾被错误转码：第 {offset} 字节附近有大量控制符或替换符。")
            }
            Self::TooMuch { what, limit } => {
                format!("文件的{}超过上限 {limit}；请拆分后导入。", what.zh())
            }
            Self::Bomb { ratio } => {
                format!("工作簿解压后膨胀超过 {ratio} 倍，只有恶意文件才会如此，已拒绝。")
            }
            Self::DamagedWorkbook => {
                "工作簿已损坏或不是 .xlsx；请用表格软件打开后重新保存。".to_owned()
            }
            Self::DamagedParquet => {
                "Parquet 文件已损坏，或使用了不支持的压缩方式；请重新写出，不压缩或用 snappy 压缩。"
                    .to_owned()
            }
            Self::EndlessRow { row, limit } => {
                format!("从第 {row} 行开始的一行超过 {limit} 字节；很可能是该处引号没有闭合。")
            }
            Self::MissingColumn { field, accepted } => {
                format!("缺少字段 {field} 对应的列；可用的表头：{accepted}。")
            }
            Self::DuplicateColumn { column } => {
                format!("有两列的表头都是“{column}”，无法判断用哪一列；请改名或删除一列。")
            }
        };
        Text::new(self.to_string(), zh)
    }

    /// Wraps for passage through a reader; [`Self::from_io`] takes it out again.
    pub(crate) fn into_io(self) -> std::io::Error {
        std::io::Error::other(self)
    }

    pub(crate) fn from_io(error: std::io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Read)
    }
}
