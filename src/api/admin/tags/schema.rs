//! The shapes of tags and kinds of tags.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::admin::answer::present;
use crate::domain::command::TagKindWish;
use crate::domain::flag::{Flag, Tag, TagKind};
use crate::domain::names::TagKindName;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;

/// A kind of tag. What callers leave out is left out of the answer too.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api::admin) struct TagTypeSchema {
    /// Its name.
    pub name: String,
    /// For people.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, required = false)]
    pub description: Option<Option<String>>,
    /// A letter or a picture address.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, required = false)]
    pub icon: Option<Option<String>>,
    /// A colour such as `#ff0000`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, required = false, pattern = "^#[0-9A-Fa-f]{6}$")]
    pub color: Option<Option<String>>,
}

impl From<&TagKind> for TagTypeSchema {
    fn from(it: &TagKind) -> Self {
        Self {
            name: it.name.to_string(),
            description: Some(it.description.clone()),
            icon: Some(it.icon.clone()),
            color: Some(it.color.clone()),
        }
    }
}

impl TagTypeSchema {
    /// What is wished for, without the name.
    pub(in crate::api::admin) fn wish(&self) -> TagKindWish {
        TagKindWish {
            description: self.description.clone(),
            icon: self.icon.clone(),
            color: self.color.clone(),
        }
    }
}

/// A kind of tag to be changed. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateTagTypeSchema {
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// A letter or a picture address.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub icon: Option<String>,
    /// A colour such as `#ff0000`.
    #[serde(default)]
    #[schema(value_type = String, required = false, pattern = "^#[0-9A-Fa-f]{6}$")]
    pub color: Option<String>,
}

impl From<UpdateTagTypeSchema> for TagKindWish {
    fn from(it: UpdateTagTypeSchema) -> Self {
        Self {
            description: it.description.map(Some),
            icon: it.icon.map(Some),
            color: it.color.map(Some),
        }
    }
}

/// Kinds of tags.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagTypesSchema {
    /// Version of this shape.
    pub version: u32,
    /// The kinds.
    pub tag_types: Vec<TagTypeSchema>,
}

/// One kind of tag.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagTypeWithVersionSchema {
    /// Version of this shape.
    pub version: u32,
    /// The kind.
    pub tag_type: TagTypeSchema,
}

/// A kind of tag that could be made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValidateTagTypeSchema {
    /// Always true.
    pub valid: bool,
    /// What was sent.
    pub tag_type: TagTypeSchema,
}

/// A tag on a flag.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api::admin) struct TagSchema {
    /// The kind.
    #[serde(rename = "type")]
    #[schema(min_length = 2, max_length = 50)]
    pub kind: String,
    /// The value.
    #[schema(min_length = 2, max_length = 50)]
    pub value: String,
    /// The colour of the kind; ignored in requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false, pattern = "^#[0-9A-Fa-f]{6}$")]
    pub color: Option<String>,
}

/// A tag to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateTagSchema {
    /// The kind.
    #[serde(rename = "type")]
    #[schema(min_length = 2, max_length = 50)]
    pub kind: String,
    /// The value.
    #[schema(pattern = r"^\s*\S.{0,48}\S\s*$")]
    pub value: String,
    /// Ignored: the kind has the colour.
    #[serde(default, rename = "color")]
    #[schema(value_type = Option<String>, required = false, pattern = "^#[0-9A-Fa-f]{6}$")]
    _color: Option<String>,
}

/// A tag of a kind that is not known to exist; spaces around the value are cut.
pub(in crate::api::admin) fn tag(kind: &str, value: &str) -> Tag {
    Tag {
        kind: TagKindName::trusted(kind),
        value: value.trim().to_owned(),
    }
}

impl From<&TagSchema> for Tag {
    fn from(it: &TagSchema) -> Self {
        tag(&it.kind, &it.value)
    }
}

impl From<&CreateTagSchema> for Tag {
    fn from(it: &CreateTagSchema) -> Self {
        tag(&it.kind, &it.value)
    }
}

impl From<&Tag> for TagSchema {
    fn from(it: &Tag) -> Self {
        Self {
            kind: it.kind.to_string(),
            value: it.value.clone(),
            color: None,
        }
    }
}

/// One tag.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagWithVersionSchema {
    /// Version of this shape.
    pub version: u32,
    /// The tag.
    pub tag: TagSchema,
}

/// Tags.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagsSchema {
    /// Version of this shape.
    pub version: u32,
    /// The tags.
    pub tags: Vec<TagSchema>,
}

impl TagsSchema {
    /// All tags that have been made, or those of one kind.
    pub(super) fn made(state: &State, kind: Option<&str>) -> Self {
        let kinds = state.tag_kinds.values();
        let kinds = kinds.filter(|it| kind.is_none_or(|kind| it.name == *kind));
        let tags = kinds.flat_map(|kind| {
            let values = kind.values.iter();
            values.map(|value| TagSchema {
                kind: kind.name.to_string(),
                value: value.clone(),
                color: None,
            })
        });
        Self {
            version: 1,
            tags: tags.collect(),
        }
    }

    /// The tags of a flag with their colours.
    pub(super) fn of_flag(state: &State, name: &str) -> Result<Self, Rejection> {
        let Some(flag) = state.flags.get(name) else {
            return Err(Rejection::NotFound(format!(
                "Could not find feature with name {name}"
            )));
        };
        Ok(Self::shown(state, flag))
    }

    fn shown(state: &State, flag: &Flag) -> Self {
        let tags = flag.tags.iter().map(|tag| TagSchema {
            color: state
                .tag_kinds
                .get(&tag.kind)
                .and_then(|kind| kind.color.clone()),
            ..tag.into()
        });
        Self {
            version: 1,
            tags: tags.collect(),
        }
    }
}

/// Tags to put on flags and to take off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateTagsSchema {
    /// To put on.
    pub added_tags: Vec<TagSchema>,
    /// To take off.
    pub removed_tags: Vec<TagSchema>,
}

/// Tags to put on several flags and to take off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TagsBulkAddSchema {
    /// The flags.
    pub features: Vec<String>,
    /// The tags.
    pub tags: UpdateTagsSchema,
}
