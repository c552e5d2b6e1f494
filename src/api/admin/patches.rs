//! Patches of JSON documents (RFC 6902).
//!
//! Written here because it is a page of code and the crates for it refuse what the reference server lets through:
//! replacing a member that is not there.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::domain::rejection::Rejection;

/// What a step of a patch does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PatchOperation {
    Add,
    Remove,
    Replace,
    Copy,
    Move,
    Test,
}

/// One step of a patch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct PatchSchema {
    /// The member concerned, as a JSON pointer.
    pub path: String,
    /// What to do with it.
    pub op: PatchOperation,
    /// Where to copy or move from, as a JSON pointer.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub from: Option<String>,
    /// The value to put there or compare with.
    #[serde(default)]
    pub value: Value,
}

/// The steps of a patch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct PatchesSchema(pub Vec<PatchSchema>);

impl PatchesSchema {
    /// Whether a step concerns a member of the root or something below it.
    pub(super) fn touches(&self, member: &str) -> bool {
        self.0.iter().any(|step| {
            step.path
                .strip_prefix('/')
                .is_some_and(|path| path.split('/').next() == Some(member))
        })
    }

    /// Carries the steps out, all or none.
    pub(super) fn apply(&self, document: &mut Value) -> Result<(), ApiError> {
        let mut patched = document.clone();
        for step in &self.0 {
            carry_out(step, &mut patched).ok_or_else(|| complaint(step))?;
        }
        *document = patched;
        Ok(())
    }
}

fn complaint(step: &PatchSchema) -> ApiError {
    let what = match step.op {
        PatchOperation::Test => "does not hold",
        _ => "points to nothing",
    };
    Rejection::bad_data(format!("the patch at \"{}\" {what}", step.path)).into()
}

fn carry_out(step: &PatchSchema, document: &mut Value) -> Option<()> {
    let from = step.from.as_deref();
    match step.op {
        PatchOperation::Add => add(document, &step.path, step.value.clone()),
        PatchOperation::Remove => remove(document, &step.path).map(drop),
        PatchOperation::Replace => replace(document, &step.path, step.value.clone()),
        PatchOperation::Copy => {
            let value = document.pointer(from?)?.clone();
            add(document, &step.path, value)
        }
        PatchOperation::Move => {
            let value = remove(document, from?)?;
            add(document, &step.path, value)
        }
        PatchOperation::Test => (document.pointer(&step.path)? == &step.value).then_some(()),
    }
}

/// The container a pointer leads into, and the unescaped name of the member in it.
fn place<'d>(document: &'d mut Value, pointer: &str) -> Option<(&'d mut Value, String)> {
    let (container, member) = pointer.rsplit_once('/')?;
    let member = member.replace("~1", "/").replace("~0", "~");
    Some((document.pointer_mut(container)?, member))
}

fn index(member: &str, length: usize) -> Option<usize> {
    if member == "-" {
        return Some(length);
    }
    member.parse().ok().filter(|index| *index <= length)
}

fn add(document: &mut Value, pointer: &str, value: Value) -> Option<()> {
    if pointer.is_empty() {
        *document = value;
        return Some(());
    }
    match place(document, pointer)? {
        (Value::Object(members), name) => drop(members.insert(name, value)),
        (Value::Array(items), name) => items.insert(index(&name, items.len())?, value),
        _ => return None,
    }
    Some(())
}

/// A member that is not there is added: the reference does so, and clients patch members it leaves out.
fn replace(document: &mut Value, pointer: &str, value: Value) -> Option<()> {
    if let Some(found) = document.pointer_mut(pointer) {
        *found = value;
        return Some(());
    }
    match place(document, pointer)? {
        (Value::Object(members), name) => {
            members.insert(name, value);
            Some(())
        }
        _ => None,
    }
}

fn remove(document: &mut Value, pointer: &str) -> Option<Value> {
    match place(document, pointer)? {
        (Value::Object(members), name) => members.remove(&name),
        (Value::Array(items), name) => {
            let index = index(&name, items.len()).filter(|index| *index < items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(mut document: Value, steps: Value) -> Option<Value> {
        let steps: PatchesSchema = serde_json::from_value(steps).unwrap();
        steps.apply(&mut document).ok()?;
        Some(document)
    }

    #[test]
    fn every_operation_does_what_the_standard_says() {
        for (before, steps, after) in [
            (
                json!({}),
                json!([{"op": "add", "path": "/a", "value": 1}]),
                json!({"a": 1}),
            ),
            (
                json!([1, 3]),
                json!([{"op": "add", "path": "/1", "value": 2}]),
                json!([1, 2, 3]),
            ),
            (
                json!([1]),
                json!([{"op": "add", "path": "/-", "value": 2}]),
                json!([1, 2]),
            ),
            (
                json!({"a": 1}),
                json!([{"op": "remove", "path": "/a"}]),
                json!({}),
            ),
            (
                json!([1, 2]),
                json!([{"op": "remove", "path": "/0"}]),
                json!([2]),
            ),
            (
                json!({"a": 1}),
                json!([{"op": "replace", "path": "/a", "value": 2}]),
                json!({"a": 2}),
            ),
            (
                json!({}),
                json!([{"op": "replace", "path": "/a", "value": 2}]),
                json!({"a": 2}),
            ),
            (
                json!({"a": 1}),
                json!([{"op": "copy", "from": "/a", "path": "/b"}]),
                json!({"a": 1, "b": 1}),
            ),
            (
                json!({"a": 1}),
                json!([{"op": "move", "from": "/a", "path": "/b"}]),
                json!({"b": 1}),
            ),
            (
                json!({"a~b/c": 1}),
                json!([{"op": "test", "path": "/a~0b~1c", "value": 1}]),
                json!({"a~b/c": 1}),
            ),
        ] {
            assert_eq!(patched(before, steps), Some(after));
        }
    }

    #[test]
    fn a_step_that_cannot_be_done_undoes_the_others() {
        for step in [
            json!({"op": "remove", "path": "/none"}),
            json!({"op": "add", "path": "/none/deep", "value": 1}),
            json!({"op": "add", "path": "/list/7", "value": 1}),
            json!({"op": "test", "path": "/list", "value": 1}),
            json!({"op": "copy", "path": "/x"}),
        ] {
            let before = json!({"list": []});
            let mut document = before.clone();
            let steps = json!([{"op": "add", "path": "/new", "value": 1}, step]);
            let steps: PatchesSchema = serde_json::from_value(steps).unwrap();
            assert!(steps.apply(&mut document).is_err());
            assert_eq!(document, before);
        }
    }
}
