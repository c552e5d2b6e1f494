//! Wishes about the import of somebody else's configuration.

use super::{ContextFieldWish, NewStrategy, TagKindWish};
use crate::domain::constraint::Constraint;
use crate::domain::flag::{Link, Tag};
use crate::domain::names::{ContextFieldName, EnvironmentName, FlagKindId, ProjectId, TagKindName};
use crate::domain::variant::Variant;

/// Wishes about the import of somebody else's configuration.
#[derive(Clone, Debug)]
pub enum ImportCommand {
    /// Bring flags into a project and one of its environments, over those that are there.
    Flags(Box<ImportWish>),
    /// Note that flags were exported. Nothing changes.
    NoteExport {
        /// The environment they were exported from.
        environment: EnvironmentName,
        /// The flags.
        flags: Vec<String>,
    },
}

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct ImportWish {
    /// Where the flags shall be.
    pub project: ProjectId,
    /// The environment their strategies and switches are for.
    pub environment: EnvironmentName,
    /// Kinds of tags; those that are there stay as they are.
    pub tag_kinds: Vec<(TagKindName, TagKindWish)>,
    /// Context fields; those that are there stay as they are.
    pub context_fields: Vec<(ContextFieldName, ContextFieldWish)>,
    /// The segments that strategies name by number.
    pub segments: Vec<ImportedSegment>,
    /// The flags.
    pub flags: Vec<ImportedFlag>,
}

/// A segment as the file numbers it.
#[derive(Clone, Debug)]
pub struct ImportedSegment {
    /// Its number in the file, which is not its number here.
    pub number: i32,
    /// Its name, by which it is found here.
    pub name: String,
    /// When given, the segment is made if it is not there.
    pub constraints: Option<Vec<Constraint>>,
}

/// A flag to be imported.
#[derive(Clone, Debug)]
pub struct ImportedFlag {
    /// Its name, not yet checked.
    pub name: String,
    /// The kind.
    pub kind: FlagKindId,
    /// For people.
    pub description: Option<String>,
    /// Whether SDKs tell the application about each evaluation.
    pub impression_data: bool,
    /// Marked for removal.
    pub stale: bool,
    /// Whether it was archived where it comes from.
    pub archived: bool,
    /// Its strategies; segments by their numbers in the file.
    pub strategies: Vec<NewStrategy>,
    /// The switch and the variants of the flag itself; none leaves them as they are.
    pub settings: Option<ImportedSettings>,
    /// Its tags from now on; none leaves them as they are.
    pub tags: Option<Vec<Tag>>,
    /// Links to be added.
    pub links: Vec<Link>,
    /// What it depends on; none leaves that as it is.
    pub dependencies: Vec<ImportedDependency>,
}

/// The switch of a flag in an environment, and its own variants there.
#[derive(Clone, Debug)]
pub struct ImportedSettings {
    /// The switch.
    pub enabled: bool,
    /// The variants, not yet weighed.
    pub variants: Vec<Variant>,
}

/// What an imported flag depends on.
#[derive(Clone, Debug)]
pub struct ImportedDependency {
    /// The flag depended on.
    pub parent: String,
    /// Whether it must be on or off.
    pub enabled: bool,
    /// The variants one of which it must resolve to.
    pub variants: Option<Vec<String>>,
}
