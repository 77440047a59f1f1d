//! Accounts, sign-in, sessions and tokens.

use std::collections::VecDeque;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::{Grant, Right, Role};
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::facts::{
    AccountChange, AccountOpened, Body, RoleChange, TokenIssued, TokenRevoked,
};
use lianfang_core::ids::AccountId;
use lianfang_core::matters::Asker;
use lianfang_core::text::bounded;
use lianfang_store::{AccessWrite, Batch, Credentials, SessionRow, TokenRow, views};
use serde::Serialize;

use crate::{House, Refusal, locked};

/// How long a session lasts: a shift and its hand-over.
pub(crate) const SESSION: SignedDuration = SignedDuration::from_hours(12);
/// Wrong passwords in a row before an account is locked.
const FAILURES: u32 = 5;
/// How long it is locked then.
const LOCK: SignedDuration = SignedDuration::from_mins(15);
/// Sign-ins that may fail in a minute with one login: guessing must stay dear, and whoever
/// guesses at one login must not keep others out.
const SIGN_INS_PER_LOGIN: usize = 10;
/// Sign-ins that may be tried in a minute over all logins: checking a password costs 20 MB and
/// some 20 ms.
const SIGN_INS_PER_MINUTE: usize = 1_200;
/// Fewest characters of a password.
const PASSWORD: usize = 10;
/// Longest life of a token, in days.
const TOKEN_DAYS: u32 = 366;

/// Who is asking, with what rights.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// With what it asks.
    pub device: String,
    /// The rights that its token is limited to; all of its roles' where it has none.
    scopes: Option<Vec<Right>>,
    /// The operator at the machine itself.
    house: bool,
}

impl Actor {
    /// The operator at the machine itself: the command line, the clock, the demo.
    pub fn house(device: &str) -> Self {
        Self {
            account: AccountId::house(),
            grants: Vec::new(),
            device: device.to_owned(),
            scopes: None,
            house: true,
        }
    }

    /// An account with roles, as the ledger has them.
    pub fn of(account: AccountId, grants: Vec<Grant>, device: &str) -> Self {
        Self {
            account,
            grants,
            device: device.to_owned(),
            scopes: None,
            house: false,
        }
    }

    /// Whether it is the operator at the machine itself.
    pub fn is_house(&self) -> bool {
        self.house
    }

    /// Whether a role of it gives `right` in `area`.
    pub fn may(&self, right: Right, area: AreaCode) -> bool {
        self.house
            || (self.in_scope(right) && self.grants.iter().any(|grant| grant.allows(right, area)))
    }

    /// Whether its token, if it asks with one, is not limited to other rights.
    pub(crate) fn in_scope(&self, right: Right) -> bool {
        self.scopes
            .as_ref()
            .is_none_or(|scopes| scopes.contains(&right))
    }

    /// Refuses unless a role of it gives `right` in `area`.
    pub fn require(&self, right: Right, area: AreaCode) -> Result<(), Refusal> {
        if self.may(right, area) {
            Ok(())
        } else {
            Err(Refusal::Forbidden)
        }
    }

    /// The highest area in which it has `right`.
    pub fn area_of(&self, right: Right) -> Option<AreaCode> {
        if self.house {
            return Some(AreaCode::COUNTRY);
        }
        self.grants
            .iter()
            .filter(|grant| self.in_scope(right) && grant.role.rights().contains(&right))
            .map(|grant| grant.area)
            .min_by_key(|area| (area.level(), *area))
    }

    /// Whether it has `right` in any area.
    pub(crate) fn in_any(&self, right: Right) -> bool {
        self.area_of(right).is_some()
    }

    /// Whether it sees `area` at all: the area lies in a granted one.
    pub fn sees(&self, area: AreaCode) -> bool {
        self.house || self.grants.iter().any(|grant| grant.area.contains(area))
    }

    /// All rights it has anywhere.
    pub fn rights(&self) -> Vec<Right> {
        Right::ALL
            .iter()
            .copied()
            .filter(|right| self.area_of(*right).is_some())
            .collect()
    }

    pub(crate) fn asker(&self) -> Asker {
        Asker {
            account: self.account,
            grants: self.grants.clone(),
        }
    }
}

/// The sign-ins tried in the last minute: when, and the digest of the login.
#[derive(Debug, Default)]
pub(crate) struct SignIns(VecDeque<(Timestamp, [u8; 32])>);

impl SignIns {
    fn admit(&mut self, login: &str, now: Timestamp) -> Result<(), Refusal> {
        let minute = SignedDuration::from_mins(1);
        while self
            .0
            .front()
            .is_some_and(|(first, _)| now.duration_since(*first) > minute)
        {
            self.0.pop_front();
        }
        let login = digest(login);
        let with_login = self.0.iter().filter(|(_, tried)| *tried == login).count();
        if with_login >= SIGN_INS_PER_LOGIN || self.0.len() >= SIGN_INS_PER_MINUTE {
            return Err(Refusal::TooManyRequests { seconds: 60 });
        }
        self.0.push_back((now, login));
        Ok(())
    }

    /// A right password starts the count of its login anew, not the count over all.
    fn succeeded(&mut self, login: &str) {
        let login = digest(login);
        for (_, tried) in self.0.iter_mut().filter(|(_, tried)| *tried == login) {
            *tried = [0; 32];
        }
    }
}

/// A session just begun: the cookie is shown once.
#[derive(Debug)]
pub struct Session {
    /// What the browser keeps.
    pub cookie: String,
    /// What every write must show.
    pub csrf: String,
    /// Whose it is.
    pub actor: Actor,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A role in an area, as shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GrantShown {
    /// The role.
    pub role: Role,
    /// The area.
    pub area: Area,
}

/// An account, as its administrator sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AccountShown {
    /// Its id.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// What it signs in with.
    pub login: String,
    /// What it is shown with.
    pub name: String,
    /// Its roles.
    pub grants: Vec<GrantShown>,
    /// Whether it is closed.
    pub closed: bool,
    /// Until when it is locked out.
    pub locked_until: Option<String>,
    /// When it last signed in.
    pub last_seen: Option<String>,
}

/// A token, as its owner sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TokenShown {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The rights it is limited to.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: String,
    /// When it ends.
    pub expires_at: String,
}

fn secret() -> String {
    let bytes: [u8; 32] = rand::random();
    blake3::Hash::from_bytes(bytes).to_hex().to_string()
}

fn digest(secret: &str) -> [u8; 32] {
    *blake3::hash(secret.as_bytes()).as_bytes()
}

/// A session for `actor`, and what begins it.
fn new_session(actor: Actor, now: Timestamp, length: SignedDuration) -> (Session, AccessWrite) {
    let session = Session {
        cookie: secret(),
        csrf: secret(),
        actor,
        expires_at: now + length,
    };
    let begin = AccessWrite::Begin(SessionRow {
        digest: digest(&session.cookie),
        account: session.actor.account,
        csrf: session.csrf.clone(),
        created_at: now,
        expires_at: session.expires_at,
    });
    (session, begin)
}

/// A password that can be read out over the phone: no look-alike letters.
fn readable_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789W";
    let bytes: [u8; 16] = rand::random();
    bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}

fn hash_password(password: &str) -> Result<String, Refusal> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Refusal::Pack(error.to_string()))
}

fn password_fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| {
        Argon2::default()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok()
    })
}

fn check_password(password: &str) -> Result<(), Refusal> {
    if (PASSWORD..=128).contains(&password.chars().count()) {
        Ok(())
    } else {
        Err(Refusal::invalid(
            "new",
            format!("A password has {PASSWORD} to 128 characters."),
            format!("密码长度须为{PASSWORD}至128个字符。"),
        ))
    }
}

/// A hash that no password fits, so that an unknown login takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGlhbmZhbmdub2JvZHk$xCW1CPhVZJ3iqZQmDKvSLqlRm8yLrBSrVaNJ1mI6uRw";

impl House {
    /// Signs in.
    pub fn sign_in(&self, login: &str, password: &str, device: &str) -> Result<Session, Refusal> {
        let now = self.now();
        locked(&self.sign_ins).admit(login, now)?;
        let Some(credentials) = self.store.credentials_of_login(login)? else {
            password_fits(password, NOBODY);
            return Err(Refusal::WrongLogin);
        };
        if let Some(until) = credentials.locked_until.filter(|until| *until > now) {
            let seconds = until.duration_since(now).as_secs().unsigned_abs();
            return Err(Refusal::LockedOut { seconds });
        }
        let account = credentials.account;
        if !password_fits(password, &credentials.password) {
            self.store.append(Batch::access(AccessWrite::Failed {
                account,
                limit: FAILURES,
                lock_until: now + LOCK,
            }))?;
            return Err(Refusal::WrongLogin);
        }
        locked(&self.sign_ins).succeeded(login);
        let actor = self.actor(account, device)?.ok_or(Refusal::WrongLogin)?;
        let (session, begin) = new_session(actor, now, self.session);
        self.store.append(Batch {
            access: vec![
                AccessWrite::Sweep {
                    now,
                    passes: self.late_from(now),
                },
                begin,
            ],
            ..Batch::default()
        })?;
        Ok(session)
    }

    fn actor(&self, account: AccountId, device: &str) -> Result<Option<Actor>, Refusal> {
        let grants = self
            .store
            .read(|connection| views::access::grants_of(connection, account))?;
        Ok(grants.map(|grants| Actor {
            account,
            grants,
            device: device.to_owned(),
            scopes: None,
            house: false,
        }))
    }

    /// Who a session's cookie belongs to, with the token that its writes must show.
    pub fn resume(&self, cookie: &str, device: &str) -> Result<(Actor, String), Refusal> {
        let session = self
            .store
            .session(&digest(cookie))?
            .ok_or(Refusal::NotSignedIn)?;
        let actor = self
            .actor(session.account, device)?
            .ok_or(Refusal::NotSignedIn)?;
        Ok((actor, session.csrf))
    }

    /// Who an API token belongs to.
    pub fn bearer(&self, token: &str) -> Result<Actor, Refusal> {
        let token = self
            .store
            .token(&digest(token))?
            .ok_or(Refusal::NotSignedIn)?;
        let actor = self
            .actor(token.account, &format!("token:{}", token.id))?
            .ok_or(Refusal::NotSignedIn)?;
        let scopes = token
            .scopes
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect();
        Ok(Actor {
            scopes: Some(scopes),
            ..actor
        })
    }

    /// Ends a session.
    pub fn sign_out(&self, cookie: &str) -> Result<(), Refusal> {
        self.store
            .append(Batch::access(AccessWrite::End(digest(cookie))))?;
        Ok(())
    }

    /// The asker's own login, name and whether the password must be changed.
    pub fn own_credentials(&self, actor: &Actor) -> Result<Credentials, Refusal> {
        self.store
            .credentials(actor.account)?
            .ok_or(Refusal::NotSignedIn)
    }

    /// Grants with their areas' names.
    pub fn grants_shown(&self, grants: &[Grant]) -> Result<Vec<GrantShown>, Refusal> {
        let tree = self.tree()?;
        Ok(grants
            .iter()
            .map(|g| GrantShown {
                role: g.role,
                area: tree.get_or_unnamed(g.area),
            })
            .collect())
    }

    /// Changes the asker's own password. All sessions and tokens of the account end; a new session
    /// begins for the asker.
    pub fn change_password(&self, actor: &Actor, old: &str, new: &str) -> Result<Session, Refusal> {
        let now = self.now();
        let credentials = self.own_credentials(actor)?;
        locked(&self.sign_ins).admit(&credentials.login, now)?;
        if !password_fits(old, &credentials.password) {
            return Err(Refusal::invalid(
                "old",
                "The old password is wrong.",
                "原密码错误。",
            ));
        }
        check_password(new)?;
        if old == new {
            return Err(Refusal::invalid(
                "new",
                "The new password is the old one.",
                "新密码不能与原密码相同。",
            ));
        }
        let (session, begin) = new_session(actor.clone(), now, self.session);
        self.set_password(actor, actor.account, new, false, Some(begin))?;
        Ok(session)
    }

    /// Sets a password and ends what was signed in with the old one, but for `begin`.
    fn set_password(
        &self,
        actor: &Actor,
        account: AccountId,
        new: &str,
        must_change: bool,
        begin: Option<AccessWrite>,
    ) -> Result<(), Refusal> {
        let body = Body::PasswordChanged(AccountChange { account });
        let mut batch = Batch::of([self.draft(actor, self.store.root(), body)]);
        batch.access.push(AccessWrite::Password {
            account,
            password: hash_password(new)?,
            must_change,
        });
        batch.access.push(AccessWrite::EndAll(account));
        batch.access.extend(begin);
        self.store.append(batch)?;
        Ok(())
    }

    /// The first administrator's account, made on the first start only: its password, to be
    /// shown once and changed at the first sign-in.
    pub fn first_administrator(&self) -> Result<Option<String>, Refusal> {
        if self.store.read(views::access::any_account)? {
            return Ok(None);
        }
        let grant = Grant {
            role: Role::Administrator,
            area: self.store.root(),
        };
        let password = readable_password();
        self.open_with_password(
            &Actor::house("init"),
            "admin",
            "Administrator",
            &password,
            true,
            &[grant],
        )?;
        Ok(Some(password))
    }

    fn open_with_password(
        &self,
        actor: &Actor,
        login: &str,
        name: &str,
        password: &str,
        must_change: bool,
        grants: &[Grant],
    ) -> Result<AccountId, Refusal> {
        let account = AccountId::from_bytes(self.new_id().to_bytes());
        let home = grants.first().map_or(self.store.root(), |grant| grant.area);
        let mut facts =
            vec![self.draft(actor, home, Body::AccountOpened(AccountOpened { account }))];
        facts.extend(grants.iter().map(|grant| {
            self.draft(
                actor,
                grant.area,
                Body::RoleGranted(RoleChange {
                    account,
                    grant: *grant,
                }),
            )
        }));
        let mut batch = Batch::of(facts);
        batch.access.push(AccessWrite::Open(Credentials {
            account,
            login: login.to_owned(),
            name: name.to_owned(),
            password: hash_password(password)?,
            must_change,
            failures: 0,
            locked_until: None,
            last_seen: None,
        }));
        self.store.append(batch)?;
        Ok(account)
    }

    fn check_grant(&self, actor: &Actor, grant: Grant) -> Result<(), Refusal> {
        actor.require(Right::ManageAccounts, grant.area)?;
        self.known_area(grant.area)
    }

    /// Opens an account with one role, and returns its first password, to be shown once.
    pub fn open_account(
        &self,
        actor: &Actor,
        login: &str,
        name: &str,
        grant: Grant,
    ) -> Result<(AccountId, String), Refusal> {
        self.check_grant(actor, grant)?;
        let login = login.trim();
        let proper = (3..=32).contains(&login.len())
            && login
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        if !proper {
            return Err(Refusal::invalid(
                "login",
                "A login has 3 to 32 letters, digits, dots, dashes or underscores.",
                "用户名为3至32个字母、数字、点、横线或下划线。",
            ));
        }
        let name = bounded(name, 1, 60).map_err(|_| {
            Refusal::invalid(
                "name",
                "A name has 1 to 60 characters.",
                "姓名为1至60个字符。",
            )
        })?;
        let password = readable_password();
        let account = self.open_with_password(actor, login, &name, &password, true, &[grant])?;
        Ok((account, password))
    }

    /// Opens a demo's account, whose password is known to all.
    pub fn open_demo_account(
        &self,
        login: &str,
        name: &str,
        password: &str,
        grant: Grant,
    ) -> Result<AccountId, Refusal> {
        self.open_with_password(
            &Actor::house("demo"),
            login,
            name,
            password,
            false,
            &[grant],
        )
    }

    /// Refuses unless the asker administers every area in which the account holds a role.
    fn manage(&self, actor: &Actor, account: AccountId) -> Result<Vec<Grant>, Refusal> {
        let grants = self
            .store
            .read(|connection| views::access::grants_of(connection, account))?
            .ok_or(Refusal::NotFound("account"))?;
        let home = self.store.root();
        let areas = if grants.is_empty() {
            vec![home]
        } else {
            grants.iter().map(|g| g.area).collect()
        };
        for area in areas {
            actor.require(Right::ManageAccounts, area)?;
        }
        Ok(grants)
    }

    /// Gives an account a role.
    pub fn grant(&self, actor: &Actor, account: AccountId, grant: Grant) -> Result<(), Refusal> {
        self.check_grant(actor, grant)?;
        self.manage(actor, account)?;
        Self::not_oneself(actor, account)?;
        self.append(
            actor,
            [(grant.area, Body::RoleGranted(RoleChange { account, grant }))],
        )
    }

    /// Takes a role from an account.
    pub fn withdraw(&self, actor: &Actor, account: AccountId, grant: Grant) -> Result<(), Refusal> {
        let grants = self.manage(actor, account)?;
        if !grants.contains(&grant) {
            return Err(Refusal::NotFound("role"));
        }
        Self::not_oneself(actor, account)?;
        self.append(
            actor,
            [(
                grant.area,
                Body::RoleWithdrawn(RoleChange { account, grant }),
            )],
        )
    }

    fn not_oneself(actor: &Actor, account: AccountId) -> Result<(), Refusal> {
        if actor.account == account {
            return Err(Refusal::Conflict(lianfang_core::text::Text::new(
                "Not for your own account: ask another administrator.",
                "不能对本人账户操作，请由其他管理员办理。",
            )));
        }
        Ok(())
    }

    /// Closes an account: its sessions and tokens end at once.
    pub fn close_account(&self, actor: &Actor, account: AccountId) -> Result<(), Refusal> {
        self.manage(actor, account)?;
        Self::not_oneself(actor, account)?;
        let body = Body::AccountClosed(AccountChange { account });
        let mut batch = Batch::of([self.draft(actor, self.store.root(), body)]);
        batch.access.push(AccessWrite::EndAll(account));
        self.store.append(batch)?;
        Ok(())
    }

    /// Gives an account a new first password, to be shown once; its sessions end.
    pub fn reset_password(&self, actor: &Actor, account: AccountId) -> Result<String, Refusal> {
        self.manage(actor, account)?;
        let password = readable_password();
        self.set_password(actor, account, &password, true, None)?;
        Ok(password)
    }

    /// The accounts whose roles lie within the asker's areas.
    pub fn accounts(&self, actor: &Actor) -> Result<Vec<AccountShown>, Refusal> {
        let root = actor
            .area_of(Right::ManageAccounts)
            .ok_or(Refusal::Forbidden)?;
        let offset = self.store.utc_offset();
        let mut shown = Vec::new();
        for credentials in self.store.all_credentials()? {
            let grants = self
                .store
                .read(|connection| views::access::grants_of(connection, credentials.account))?;
            let closed = grants.is_none();
            let grants = grants.unwrap_or_default();
            // An account without a role, as one that is closed, is for the whole house to manage.
            let within = if grants.is_empty() {
                root.contains(self.store.root())
            } else {
                grants.iter().all(|grant| root.contains(grant.area))
            };
            if !within {
                continue;
            }
            shown.push(AccountShown {
                account: credentials.account,
                login: credentials.login,
                name: credentials.name,
                grants: self.grants_shown(&grants)?,
                closed,
                locked_until: credentials
                    .locked_until
                    .filter(|until| *until > self.now())
                    .map(|until| offset.rfc3339(until)),
                last_seen: credentials.last_seen.map(|at| offset.rfc3339(at)),
            });
        }
        Ok(shown)
    }

    /// Issues a token that uses some of the asker's own rights; shown once.
    pub fn issue_token(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[Right],
        days: u32,
    ) -> Result<(String, String), Refusal> {
        if actor.scopes.is_some() {
            return Err(Refusal::Forbidden);
        }
        let name = bounded(name, 1, 60).map_err(|_| {
            Refusal::invalid(
                "name",
                "A name has 1 to 60 characters.",
                "名称为1至60个字符。",
            )
        })?;
        if !(1..=TOKEN_DAYS).contains(&days) {
            return Err(Refusal::invalid(
                "days",
                format!("A token lives 1 to {TOKEN_DAYS} days."),
                format!("令牌有效期为1至{TOKEN_DAYS}天。"),
            ));
        }
        let own = actor.rights();
        if scopes.is_empty() || !scopes.iter().all(|scope| own.contains(scope)) {
            return Err(Refusal::invalid(
                "scopes",
                "A token takes one or more of your own rights.",
                "令牌只能包含您本人拥有的一项或多项权限。",
            ));
        }
        let (id, token) = (self.new_id().to_string(), format!("lf_{}", secret()));
        let now = self.now();
        let words: Vec<String> = scopes.iter().map(|s| s.word().to_owned()).collect();
        let row = TokenRow {
            id: id.clone(),
            digest: digest(&token),
            account: actor.account,
            name,
            scopes: words.join(" "),
            created_at: now,
            expires_at: now + SignedDuration::from_hours(24 * i64::from(days)),
        };
        let body = Body::TokenIssued(TokenIssued {
            token: id.clone(),
            account: actor.account,
            scopes: words,
            expires_at: row.expires_at,
        });
        let mut batch = Batch::of([self.draft(actor, self.store.root(), body)]);
        batch.access.push(AccessWrite::Issue(row));
        self.store.append(batch)?;
        Ok((id, token))
    }

    /// The asker's own tokens.
    pub fn tokens(&self, actor: &Actor) -> Result<Vec<TokenShown>, Refusal> {
        let offset = self.store.utc_offset();
        Ok(self
            .store
            .tokens_of(actor.account)?
            .into_iter()
            .map(|token| TokenShown {
                id: token.id,
                name: token.name,
                scopes: token.scopes.split(' ').map(str::to_owned).collect(),
                created_at: offset.rfc3339(token.created_at),
                expires_at: offset.rfc3339(token.expires_at),
            })
            .collect())
    }

    /// Revokes one of the asker's own tokens.
    pub fn revoke_token(&self, actor: &Actor, id: &str) -> Result<(), Refusal> {
        if !self
            .store
            .tokens_of(actor.account)?
            .iter()
            .any(|token| token.id == id)
        {
            return Err(Refusal::NotFound("token"));
        }
        let body = Body::TokenRevoked(TokenRevoked {
            token: id.to_owned(),
        });
        let mut batch = Batch::of([self.draft(actor, self.store.root(), body)]);
        batch.access.push(AccessWrite::Revoke(id.to_owned()));
        self.store.append(batch)?;
        Ok(())
    }
}
