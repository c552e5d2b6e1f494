//! Who asks: the fields conditions look at.

use std::borrow::Cow;
use std::sync::Arc;

/// What is known about the user of one request. Texts are borrowed from the request where possible.
#[derive(Clone, Default, Debug)]
pub struct Context<'a> {
    /// `userId`
    pub user_id: Option<Cow<'a, str>>,
    /// `sessionId`
    pub session_id: Option<Cow<'a, str>>,
    /// `remoteAddress`
    pub remote_address: Option<Cow<'a, str>>,
    /// `environment`, as the application calls it; it does not choose the flags.
    pub environment: Option<Cow<'a, str>>,
    /// `appName`
    pub app_name: Option<Cow<'a, str>>,
    /// `currentTime` as text; when missing, the time of the evaluation counts.
    pub current_time: Option<Cow<'a, str>>,
    /// All other fields.
    pub properties: Properties<'a>,
}

/// Fields by name. Looking one up borrows; each name is there once.
#[derive(Clone, Default, Debug)]
pub struct Properties<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Properties<'a> {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets a field; the last value wins.
    pub fn insert(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (name, value) = (name.into(), value.into());
        match self.position(&name) {
            Ok(at) => {
                if let Some(entry) = self.0.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.position(name).ok()?;
        self.0.get(at).map(|(_, value)| &**value)
    }

    /// How many fields are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no field is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }
}

impl<'a, N: Into<Cow<'a, str>>, V: Into<Cow<'a, str>>> FromIterator<(N, V)> for Properties<'a> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut properties = Self::new();
        for (name, value) in fields {
            properties.insert(name, value);
        }
        properties
    }
}

/// A field of the context, told apart once, when a flag is compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Field {
    UserId,
    SessionId,
    RemoteAddress,
    Environment,
    AppName,
    CurrentTime,
    Property(Arc<str>),
}

impl Field {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "userId" => Self::UserId,
            "sessionId" => Self::SessionId,
            "remoteAddress" => Self::RemoteAddress,
            "environment" => Self::Environment,
            "appName" => Self::AppName,
            "currentTime" => Self::CurrentTime,
            other => Self::Property(other.into()),
        }
    }
}

impl Context<'_> {
    /// The value of a field: the field itself, else the property of its name.
    pub(super) fn get(&self, field: &Field) -> Option<&str> {
        match field {
            Field::UserId => self.root(self.user_id.as_deref(), "userId"),
            Field::SessionId => self.root(self.session_id.as_deref(), "sessionId"),
            Field::RemoteAddress => self.root(self.remote_address.as_deref(), "remoteAddress"),
            Field::Environment => self.root(self.environment.as_deref(), "environment"),
            Field::AppName => self.root(self.app_name.as_deref(), "appName"),
            Field::CurrentTime => self.root(self.current_time.as_deref(), "currentTime"),
            Field::Property(name) => self.properties.get(name),
        }
    }

    fn root<'c>(&'c self, value: Option<&'c str>, name: &str) -> Option<&'c str> {
        value.or_else(|| self.properties.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_property_wins() {
        let properties: Properties<'_> = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        assert_eq!(properties.len(), 2);
        assert_eq!(properties.get("b"), Some("3"));
        assert_eq!(properties.get("c"), None);
    }

    #[test]
    fn a_root_field_is_also_found_among_the_properties() {
        let mut context = Context {
            properties: [("userId", "inner")].into_iter().collect(),
            ..Context::default()
        };
        assert_eq!(context.get(&Field::UserId), Some("inner"));
        context.user_id = Some("outer".into());
        assert_eq!(context.get(&Field::UserId), Some("outer"));
    }
}
