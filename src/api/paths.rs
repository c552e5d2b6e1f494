//! Paths as SDKs write them: `//api/Client//features/` means `/api/client/features` (contract CLIENT-API §1.1).
//!
//! A layer in front of the router walks the templates of all routes. Fixed parts of a path may be in any case;
//! parameters such as names keep theirs. A path that is normal already is looked at once and not touched.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, Uri};

/// Makes paths normal, and lets `HEAD` be answered wherever `GET` is.
#[derive(Clone, Debug)]
pub struct NormalPaths(Arc<Node>);

/// What may follow in a path.
#[derive(Default, Debug)]
struct Node {
    /// By the part in lower case: the part as the route has it, and what follows.
    fixed: BTreeMap<String, (String, Node)>,
    parameter: Option<Box<Node>>,
    is_route: bool,
}

impl NormalPaths {
    /// Knows the routes with these templates, such as `/api/client/features/{name}`.
    pub fn new<'t>(templates: impl IntoIterator<Item = &'t str>) -> Self {
        let mut root = Node::default();
        for template in templates {
            root.add(template);
        }
        Self(Arc::new(root))
    }

    fn apply(&self, request: &mut ServiceRequest) {
        if request.method() == Method::HEAD {
            // The connection remembers that no body is to be sent.
            request.head_mut().method = Method::GET;
        }
        if is_plain(request.path()) {
            return;
        }
        let Some(uri) = self.normal_uri(request.uri()) else {
            return;
        };
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }

    fn normal_uri(&self, uri: &Uri) -> Option<Uri> {
        let path = self.normal(uri.path())?;
        let whole = match uri.query() {
            Some(query) => PathAndQuery::from_maybe_shared(format!("{path}?{query}").into_bytes()),
            None => PathAndQuery::from_str(&path),
        };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(whole.ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The path in the form of its route; none if it has that form or looks like no route at all.
    fn normal(&self, path: &str) -> Option<String> {
        let given: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut parts = Vec::with_capacity(given.len());
        if !self.0.walk(&given, &mut parts) {
            parts.clear();
            self.0.walk_as_far_as_possible(&given, &mut parts);
        }
        if parts.is_empty() {
            return None;
        }
        let normal = parts
            .iter()
            .fold(String::with_capacity(path.len()), |mut all, part| {
                all.push('/');
                all.push_str(part);
                all
            });
        (normal != path).then_some(normal)
    }
}

/// Whether nothing in `path` could have to be changed: no capital letter, no empty part.
fn is_plain(path: &str) -> bool {
    let mut previous = 0;
    for byte in path.bytes() {
        if byte.is_ascii_uppercase() || (byte == b'/' && previous == b'/') {
            return false;
        }
        previous = byte;
    }
    previous != b'/' || path.len() == 1
}

impl Node {
    fn add(&mut self, template: &str) {
        let mut node = self;
        for part in template.split('/').filter(|part| !part.is_empty()) {
            node = if part.starts_with('{') {
                node.parameter.get_or_insert_default()
            } else {
                let key = part.to_ascii_lowercase();
                &mut node
                    .fixed
                    .entry(key)
                    .or_insert_with(|| (part.to_owned(), Self::default()))
                    .1
            };
        }
        node.is_route = true;
    }

    /// Finds the route of a whole path; fixed parts go before parameters.
    fn walk<'n>(&'n self, given: &[&'n str], parts: &mut Vec<&'n str>) -> bool {
        let Some((first, rest)) = given.split_first() else {
            return self.is_route;
        };
        let length = parts.len();
        if let Some((name, node)) = self.child(first) {
            parts.push(name);
            if node.walk(rest, parts) {
                return true;
            }
            parts.truncate(length);
        }
        let Some(node) = &self.parameter else {
            return false;
        };
        parts.push(first);
        let found = node.walk(rest, parts);
        if !found {
            parts.truncate(length);
        }
        found
    }

    /// For paths that are no route: what is known of them decides who answers that.
    fn walk_as_far_as_possible<'n>(&'n self, given: &[&'n str], parts: &mut Vec<&'n str>) {
        let Some((first, rest)) = given.split_first() else {
            return;
        };
        match (self.child(first), &self.parameter) {
            (Some((name, node)), _) => {
                parts.push(name);
                node.walk_as_far_as_possible(rest, parts);
            }
            (None, Some(node)) => {
                parts.push(first);
                node.walk_as_far_as_possible(rest, parts);
            }
            (None, None) if parts.is_empty() => {}
            (None, None) => parts.extend(given),
        }
    }

    fn child(&self, part: &str) -> Option<(&str, &Self)> {
        let found = match self.fixed.get(part) {
            Some(found) => found,
            None => self.fixed.get(&part.to_ascii_lowercase())?,
        };
        Some((&found.0, &found.1))
    }
}

impl<S, B> Transform<S, ServiceRequest> for NormalPaths
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = Normalising<S>;
    type InitError = ();
    type Future = Ready<Result<Normalising<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Normalising {
            paths: self.clone(),
            service,
        }))
    }
}

/// The layer at work.
#[derive(Debug)]
pub struct Normalising<S> {
    paths: NormalPaths,
    service: S,
}

impl<S, B> Service<ServiceRequest> for Normalising<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = S::Future;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, mut request: ServiceRequest) -> S::Future {
        self.paths.apply(&mut request);
        self.service.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> NormalPaths {
        NormalPaths::new([
            "/health",
            "/api/client/features",
            "/api/client/features/{name}",
            "/api/frontend",
            "/api/admin/projects/{project}/features/{name}",
            "/api/admin/projects/{project}/features/import",
            "/api/admin/Odd/{name}",
        ])
    }

    #[test]
    fn fixed_parts_get_their_case_and_parameters_keep_theirs() {
        for (given, expected) in [
            ("/API/Client/Features", "/api/client/features"),
            ("//api///client/features//", "/api/client/features"),
            ("/api/client/Features/MyFlag", "/api/client/features/MyFlag"),
            ("/api/frontend/", "/api/frontend"),
            ("/HEALTH", "/health"),
            (
                "/API/Admin/Projects/Default/Features/Import",
                "/api/admin/projects/Default/features/import",
            ),
            (
                "/api/admin/projects/A/features/B/",
                "/api/admin/projects/A/features/B",
            ),
            ("/api/admin/odd/X", "/api/admin/Odd/X"),
            ("/API/client/Nope/X", "/api/client/Nope/X"),
        ] {
            assert_eq!(paths().normal(given).as_deref(), Some(expected), "{given}");
        }
    }

    #[test]
    fn normal_paths_and_foreign_paths_stay() {
        for given in [
            "/",
            "/health",
            "/api/client/features/MyFlag",
            "/Assets//App.js",
            "/api",
        ] {
            assert_eq!(paths().normal(given), None, "{given}");
        }
    }

    #[test]
    fn what_is_plain_needs_no_walk() {
        for plain in ["/", "/api/client/features", "/a.b-c_d~e/%20"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in ["//", "/a/", "/a//b", "/A", "/api/client/features/MyFlag"] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
