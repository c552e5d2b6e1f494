//! Names of schemas: the reference's begin with a small letter and end in `Schema`.

use serde_json::{Map, Value};

const PLACE: &str = "#/components/schemas/";

/// Gives every schema, and every reference to one, the form of its name.
pub(super) fn rename(document: &mut Value) {
    rename_references(document);
    let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    *schemas = std::mem::take(schemas)
        .into_iter()
        .map(|(name, schema)| (published(&name), schema))
        .collect::<Map<_, _>>();
}

fn rename_references(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get_mut("$ref")
                && let Some(name) = target.strip_prefix(PLACE)
            {
                *target = format!("{PLACE}{}", published(name));
            }
            members.values_mut().for_each(rename_references);
        }
        Value::Array(items) => items.iter_mut().for_each(rename_references),
        _ => {}
    }
}

fn published(name: &str) -> String {
    let mut letters = name.trim_end_matches("Schema").chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    let rest: String = first.chain(letters).collect();
    format!("{rest}Schema")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_and_references_to_them_change_together() {
        let mut document = json!({
            "paths": {"/x": [{"$ref": "#/components/schemas/TagSchema"}]},
            "components": {"schemas": {"TagSchema": {"properties": {"$ref": {"type": "string"}}}, "Problem": {}}},
        });
        rename(&mut document);
        assert_eq!(
            document,
            json!({
                "paths": {"/x": [{"$ref": "#/components/schemas/tagSchema"}]},
                "components": {"schemas": {"tagSchema": {"properties": {"$ref": {"type": "string"}}}, "problemSchema": {}}},
            })
        );
    }
}
