//! Wishes about a kind of tag, or the tags of flags.

use crate::domain::flag::Tag;
use crate::domain::names::{FlagName, ProjectId, TagKindName};

/// Wishes about a kind of tag, or the tags of flags.
#[derive(Clone, Debug)]
pub enum TagCommand {
    /// Make a kind of tag.
    CreateKind(TagKindName, TagKindWish),
    /// Change a kind of tag. What the wish leaves out stays.
    UpdateKind(TagKindName, TagKindWish),
    /// Delete a kind of tag and all its tags.
    DeleteKind(TagKindName),
    /// Make a tag on no flag yet.
    Create(Tag),
    /// Delete a tag and take it off all flags.
    Delete(Tag),
    /// Put tags on a flag and take others off.
    Change {
        /// The flag.
        flag: FlagName,
        /// Tags to put on.
        add: Vec<Tag>,
        /// Tags to take off.
        remove: Vec<Tag>,
    },
    /// Put tags on some flags of a project and take others off. Unknown flags are passed over.
    ChangeMany {
        /// The project.
        project: ProjectId,
        /// The flags.
        flags: Vec<FlagName>,
        /// Tags to put on.
        add: Vec<Tag>,
        /// Tags to take off.
        remove: Vec<Tag>,
    },
}

/// What a kind of tag shall be; `None` keeps what it has.
#[derive(Clone, Debug, Default)]
pub struct TagKindWish {
    /// For people.
    pub description: Option<Option<String>>,
    /// A letter or a picture address.
    pub icon: Option<Option<String>>,
    /// A colour.
    pub color: Option<Option<String>>,
}
