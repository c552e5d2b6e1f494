//! Wishes about users and what belongs to them. Whoever makes one has the dice and the slow hashes: only hashes come
//! here.

use crate::domain::api_token::TokenHash;
use crate::domain::names::{FlagName, ProjectId, RoleId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::user::{
    AccountKind, Feedback, Invitation, PasswordHash, PasswordReset, Session,
};

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Person or program.
    pub kind: AccountKind,
    /// A name to sign in with.
    pub username: Option<String>,
    /// An address to sign in with.
    pub email: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// What it may do everywhere.
    pub root_role: RoleId,
    /// Its password, if it has one already.
    pub password: Option<PasswordHash>,
    /// A link with which it chooses one.
    pub reset: Option<PasswordReset>,
}

/// What is to be different about a user; none leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// An address to sign in with.
    pub email: Option<String>,
    /// A name to sign in with.
    pub username: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// What it may do everywhere.
    pub root_role: Option<RoleId>,
}

/// A token to be made that acts as its user.
#[derive(Clone, Debug)]
pub struct NewPersonalToken {
    /// Whom it acts for.
    pub user: UserId,
    /// Keyed hash of the secret.
    pub hash: TokenHash,
    /// Tells the tokens of a user apart.
    pub description: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Something one may mark.
#[derive(Clone, Debug)]
pub enum Favorite {
    /// A flag, in its project.
    Flag(ProjectId, FlagName),
    /// A project.
    Project(ProjectId),
}

/// Something a user said to the admin page.
#[derive(Clone, Debug)]
pub enum PageNote {
    /// An answer to a question.
    Feedback(String, Feedback),
    /// That an announcement was seen.
    Seen(String),
}

/// Wishes about users.
#[derive(Clone, Debug)]
pub enum AccountCommand {
    /// Make a user.
    Create(NewUser),
    /// Change a user.
    Change(UserId, UserChange),
    /// Delete users, their tokens, sessions and roles.
    Delete(Vec<UserId>),
    /// Set a password. Sessions end, but for the one given.
    SetPassword(UserId, PasswordHash, Option<TokenHash>),
    /// Offer a link to choose a password, in place of an older one.
    OfferReset(UserId, PasswordReset),
    /// Choose a password through the link with this hash. The link is used up.
    UseReset(TokenHash, PasswordHash),
    /// Sign in; of the user's sessions only the newest so many stay.
    SignIn(Session, usize),
    /// Note that somebody could not sign in, as whom if that is known, and why.
    FailSignIn(Option<UserId>, &'static str),
    /// Sign out. Nothing happens to an unknown session.
    SignOut(TokenHash),
    /// Mark something, or no longer.
    Mark(UserId, Favorite, bool),
    /// Remember what a user said to the admin page.
    Note(UserId, PageNote),
    /// Make a token that acts as its user.
    CreateToken(NewPersonalToken),
    /// Delete a token of a user. Nothing happens to an unknown one.
    DeleteToken(UserId, i64),
    /// Make a link with which people make accounts.
    Invite(Invitation),
    /// Change such a link.
    ChangeInvitation(TokenHash, Option<bool>, Option<Timestamp>),
    /// Make an account through the link with this hash.
    SignUp(TokenHash, NewUser),
}
