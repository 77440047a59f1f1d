//! Why something asked for is not done, in words for the one who asked.

use lianfang_core::matters::StepRefusal;
use lianfang_core::text::Text;
use lianfang_intake::FileError;
use lianfang_store::StoreError;
use lianfang_store::views::FoldError;
use lianfang_visits::VisitsError;

/// Why something asked for is not done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody is signed in.
    #[error("sign in first")]
    NotSignedIn,
    /// Login or password is wrong.
    #[error("login or password is wrong")]
    WrongLogin,
    /// Too many wrong passwords.
    #[error("too many wrong passwords: locked for {seconds} s")]
    LockedOut {
        /// Seconds until it may be tried again.
        seconds: u64,
    },
    /// Too many attempts from all sides.
    #[error("too many requests: try again in {seconds} s")]
    TooManyRequests {
        /// Seconds until it may be tried again.
        seconds: u64,
    },
    /// The role does not reach.
    #[error("none of your roles allows this here")]
    Forbidden,
    /// The write did not show its session's token.
    #[error("the request does not carry its session's token")]
    Csrf,
    /// There is no such thing, or not within the asker's areas.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The person's key was destroyed.
    #[error("this person's data was deleted when its retention ended")]
    Forgotten,
    /// A value is not accepted.
    #[error("{field}: {}", message.en)]
    Invalid {
        /// The field.
        field: &'static str,
        /// What would be accepted.
        message: Text,
    },
    /// Whoever did the work may not confirm it.
    #[error("whoever did the work may not confirm it: another must")]
    SamePerson,
    /// It has moved on since it was last seen.
    #[error("{}", .0.en)]
    Conflict(Text),
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The policy pack cannot be used.
    #[error("policy pack: {0}")]
    Pack(String),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// The visit log failed.
    #[error(transparent)]
    Visits(VisitsError),
}

impl Refusal {
    /// A value is not accepted.
    pub fn invalid(field: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: Text::new(en, zh),
        }
    }

    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::WrongLogin => "wrong_login",
            Self::LockedOut { .. } => "locked_out",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Forbidden => "forbidden",
            Self::Csrf => "csrf",
            Self::NotFound(_) => "not_found",
            Self::Forgotten => "forgotten",
            Self::Invalid { .. } | Self::File(_) => "invalid",
            Self::SamePerson => "same_person",
            Self::Conflict(_) => "conflict",
            Self::Pack(_) | Self::Store(_) | Self::Visits(_) => "internal",
        }
    }

    /// The field that is not accepted.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            Self::File(_) => Some("file"),
            _ => None,
        }
    }

    /// The reason, for people.
    pub fn message(&self) -> Text {
        match self {
            Self::NotSignedIn => Text::new("Sign in first.", "请先登录。"),
            Self::WrongLogin => Text::new("Login or password is wrong.", "用户名或密码错误。"),
            Self::LockedOut { seconds } => Text::new(
                format!(
                    "Too many wrong passwords. Try again in {} min.",
                    seconds.div_ceil(60)
                ),
                format!("密码错误次数过多，请{}分钟后再试。", seconds.div_ceil(60)),
            ),
            Self::TooManyRequests { seconds } => Text::new(
                format!("Too many requests. Try again in {seconds} s."),
                format!("请求过于频繁，请{seconds}秒后再试。"),
            ),
            Self::Forbidden => Text::new(
                "None of your roles allows this here.",
                "您的角色在此区域无此权限。",
            ),
            Self::Csrf => Text::new(
                "The request does not carry its session's token. Load the page again.",
                "请求未带会话令牌，请刷新页面。",
            ),
            Self::NotFound(_) => Text::new(
                "There is no such thing, or not within your areas.",
                "不存在，或不在您的辖区内。",
            ),
            Self::Forgotten => Text::new(
                "This person's data was deleted when its retention ended.",
                "该人员信息保存期满，已销毁。",
            ),
            Self::Invalid { message, .. } | Self::Conflict(message) => message.clone(),
            Self::SamePerson => Text::new(
                "Whoever did the work may not confirm it: another must.",
                "办理人不得自行核实，须由他人确认。",
            ),
            Self::File(error) => error.text(),
            Self::Pack(_) | Self::Store(_) | Self::Visits(_) => Text::new(
                "The system could not do this. Nothing was recorded; try again, and tell the operator if it stays.",
                "系统未能完成，未记录任何内容；请重试，如仍不行请联系管理员。",
            ),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fold(FoldError::MovedOn(_)) => Self::Conflict(Text::new(
                "Somebody else has moved this on. Look at it again.",
                "该事项已被他人处理，请刷新查看。",
            )),
            StoreError::Fold(FoldError::NotThere(what)) => Self::NotFound(what),
            StoreError::Fold(FoldError::Unfit(message)) => Self::Conflict(message),
            StoreError::IdReused(_) => Self::Conflict(Text::new(
                "This id was used for something else. Send it under a new id.",
                "该编号已用于其他内容，请使用新编号。",
            )),
            StoreError::LoginTaken => Self::invalid(
                "login",
                "This login is taken; choose another.",
                "该用户名已被占用，请另选。",
            ),
            other => Self::Store(other),
        }
    }
}

impl From<VisitsError> for Refusal {
    fn from(error: VisitsError) -> Self {
        match error {
            VisitsError::Locked(_) => Self::Conflict(Text::new(
                "Another process takes visits into this data folder. It lets go a minute or two after its last visit; try again then, or stop it.",
                "另一进程正在向此数据目录收录到访记录，最后一条收录一两分钟后即释放；请稍后再试，或先停止该进程。",
            )),
            other => Self::Visits(other),
        }
    }
}

impl From<StepRefusal> for Refusal {
    fn from(refusal: StepRefusal) -> Self {
        match refusal {
            StepRefusal::NotFromHere { .. } => Self::Conflict(Text::new(
                "This step does not lead on from where the matter stands now. Look at it again.",
                "该事项当前状态不能执行此操作，请刷新查看。",
            )),
            StepRefusal::NotYours(_) => Self::Forbidden,
            StepRefusal::SamePerson => Self::SamePerson,
            StepRefusal::Needs("a note") => Self::invalid(
                "note",
                "This step needs a note: say why.",
                "此操作须填写说明。",
            ),
            StepRefusal::Needs(_) => Self::invalid(
                "evidence",
                "This step needs evidence: what was done, and where it can be checked.",
                "此操作须提供佐证：做了什么、可在何处查验。",
            ),
        }
    }
}
