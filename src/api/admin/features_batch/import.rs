//! Reading imports.

use std::collections::HashMap;

use super::schema::{
    ExportResultSchema, ExportedEnvironmentSchema, ExportedFieldSchema, ExportedFlagSchema,
    ExportedSegmentSchema, ExportedStrategySchema, ImportTogglesSchema,
};
use crate::api::admin::feature_strategies::schema::whole;
use crate::api::admin::tags::schema::{TagTypeSchema, tag};
use crate::api::admin::variants::schema::{VariantsSchema, checked};
use crate::domain::command::{
    ContextFieldWish, ImportWish, ImportedDependency, ImportedFlag, ImportedSegment,
    ImportedSettings, NewStrategy, TagKindWish,
};
use crate::domain::flag::{Link, Tag};
use crate::domain::names::{
    ContextFieldName, EnvironmentName, FlagKindId, ProjectId, SegmentId, TagKindName,
};
use crate::domain::rejection::Rejection;

/// The kind of flags that do not say theirs.
const DEFAULT_KIND: &str = "release";
/// The kind of tags that do not say theirs.
const DEFAULT_TAG_KIND: &str = "simple";

/// What the file says about each flag beside its metadata, by name. Taken out piece by piece.
#[derive(Default)]
struct Rest {
    strategies: HashMap<String, Vec<NewStrategy>>,
    settings: HashMap<String, ImportedSettings>,
    tags: Option<HashMap<String, Vec<Tag>>>,
    links: HashMap<String, Vec<Link>>,
    dependencies: HashMap<String, Vec<ImportedDependency>>,
}

impl ImportTogglesSchema {
    /// The wish, in the words of the domain. `new_id` makes identifiers of links.
    pub(super) fn into_wish(self, new_id: impl Fn() -> String) -> Result<ImportWish, Rejection> {
        let mut data = self.data;
        let mut rest = Rest::take(&mut data, new_id)?;
        let fields = data.context_fields.into_iter().map(field);
        let kinds = data.tag_types.iter();
        Ok(ImportWish {
            project: ProjectId::trusted(&self.project),
            environment: EnvironmentName::trusted(&self.environment),
            tag_kinds: kinds
                .map(|kind| (TagKindName::trusted(&kind.name), kind_wish(kind)))
                .collect(),
            context_fields: fields.collect::<Result<_, _>>()?,
            segments: data.segments.into_iter().map(segment).collect(),
            flags: data.features.into_iter().map(|it| rest.flag(it)).collect(),
        })
    }
}

fn field(it: ExportedFieldSchema) -> Result<(ContextFieldName, ContextFieldWish), Rejection> {
    Ok((
        ContextFieldName::parse(&it.name)?,
        ContextFieldWish {
            description: it.description,
            stickiness: it.stickiness,
            sort_order: it.sort_order,
            legal_values: it.legal_values.into_iter().map(Into::into).collect(),
        },
    ))
}

/// A description that is null in the file has become empty on the way here.
fn kind_wish(it: &TagTypeSchema) -> TagKindWish {
    let wish = it.wish();
    TagKindWish {
        description: wish
            .description
            .map(|text| text.filter(|text| !text.is_empty())),
        ..wish
    }
}

fn segment(it: ExportedSegmentSchema) -> ImportedSegment {
    let constraints = it.constraints;
    ImportedSegment {
        number: it.id,
        name: it.name,
        constraints: constraints.map(|list| list.into_iter().map(Into::into).collect()),
    }
}

fn strategy(it: ExportedStrategySchema) -> Result<NewStrategy, Rejection> {
    let place = it.sort_order.map(|number| whole("sortOrder", number));
    Ok(NewStrategy {
        name: it.name,
        title: it.title,
        disabled: it.disabled.unwrap_or_default(),
        sort_order: place.transpose()?,
        parameters: it.parameters,
        constraints: it.constraints.into_iter().map(Into::into).collect(),
        segments: it.segments.into_iter().map(SegmentId).collect(),
        variants: checked(it.variants.into_iter().map(Into::into).collect())?,
    })
}

fn settings(it: ExportedEnvironmentSchema) -> Result<ImportedSettings, Rejection> {
    Ok(ImportedSettings {
        enabled: it.enabled,
        variants: VariantsSchema(it.variants).into_domain()?,
    })
}

impl Rest {
    fn take(data: &mut ExportResultSchema, new_id: impl Fn() -> String) -> Result<Self, Rejection> {
        let mut rest = Self::default();
        for it in std::mem::take(&mut data.feature_strategies) {
            let name = it.feature_name.clone().unwrap_or_default();
            rest.strategies.entry(name).or_default().push(strategy(it)?);
        }
        for it in std::mem::take(&mut data.feature_environments) {
            let name = it.feature_name.clone().unwrap_or_else(|| it.name.clone());
            rest.settings.insert(name, settings(it)?);
        }
        for it in std::mem::take(&mut data.links) {
            let links = it.links.into_iter().map(|link| Link {
                id: new_id(),
                url: link.url,
                title: link.title,
            });
            rest.links.entry(it.feature).or_default().extend(links);
        }
        for it in std::mem::take(&mut data.dependencies) {
            let wanted = it.dependencies.into_iter().map(|it| ImportedDependency {
                parent: it.feature,
                enabled: it.enabled,
                variants: it.variants,
            });
            rest.dependencies
                .entry(it.feature)
                .or_default()
                .extend(wanted);
        }
        rest.take_tags(data);
        Ok(rest)
    }

    fn take_tags(&mut self, data: &mut ExportResultSchema) {
        let Some(list) = data.feature_tags.take() else {
            return;
        };
        let mut tags: HashMap<String, Vec<Tag>> = HashMap::new();
        for it in list {
            let kind = it.tag_type.as_deref().unwrap_or(DEFAULT_TAG_KIND);
            let tag = tag(kind, &it.tag_value);
            tags.entry(it.feature_name).or_default().push(tag);
        }
        self.tags = Some(tags);
    }

    fn flag(&mut self, it: ExportedFlagSchema) -> ImportedFlag {
        let name = it.name;
        let tags = self.tags.as_mut();
        ImportedFlag {
            kind: FlagKindId::trusted(it.kind.as_deref().unwrap_or(DEFAULT_KIND)),
            description: it.description,
            impression_data: it.impression_data,
            stale: it.stale,
            archived: it.archived,
            strategies: self.strategies.remove(&name).unwrap_or_default(),
            settings: self.settings.remove(&name),
            tags: tags.map(|tags| tags.remove(&name).unwrap_or_default()),
            links: self.links.remove(&name).unwrap_or_default(),
            dependencies: self.dependencies.remove(&name).unwrap_or_default(),
            name,
        }
    }
}
