//! How long requests take, by route, for those who look after the server.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::Method;
use actix_web::http::header::HeaderName;
use futures_util::future::{FutureExt, Join, Map, join};

use super::query;
use crate::telemetry::{Answered, RequestTimes, Route, Telemetry};

/// Where SDKs say what the application is called. As names rather than texts: looking for a text allocates.
static APP_NAMES: [HeaderName; 2] = [
    HeaderName::from_static("x-unleash-appname"),
    HeaderName::from_static("unleash-appname"),
];

/// Times requests. Each worker makes a layer of its own from it.
#[derive(Clone, Debug)]
pub struct TimedRequests {
    telemetry: Arc<Telemetry>,
    routes: Arc<Routes>,
}

/// Finds the route of a path without taking it apart as the router does.
#[derive(Default, Debug)]
struct Routes {
    /// Routes without parameters, which are the busy ones, by whole path.
    whole: HashMap<String, u16>,
    rest: Node,
}

/// What may follow in the path of a route with parameters.
#[derive(Default, Debug)]
struct Node {
    fixed: HashMap<String, Node>,
    parameter: Option<Box<Node>>,
    route: Option<u16>,
}

impl TimedRequests {
    /// Knows the routes with these templates below `base_path`, and notes requests in `telemetry`.
    #[must_use]
    pub fn new(telemetry: Arc<Telemetry>, base_path: &str, mut templates: Vec<String>) -> Self {
        templates.sort();
        templates.dedup();
        let mut routes = Routes::default();
        for (template, number) in templates.iter().zip(0..) {
            routes.add(&format!("{base_path}{template}"), number);
        }
        let names = templates.iter().map(|template| Route {
            path: with_colons(template),
            sdk: is_for_sdks(template),
        });
        telemetry.know_routes(names.collect());
        Self {
            telemetry,
            routes: Arc::new(routes),
        }
    }
}

/// Names of parameters as dashboards of Unleash know them: `/api/client/features/:featureName`.
fn with_colons(template: &str) -> String {
    let parts = template.split('/').map(|part| {
        let name = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        name.map_or_else(|| part.to_owned(), |name| format!(":{name}"))
    });
    parts.collect::<Vec<_>>().join("/")
}

fn is_for_sdks(template: &str) -> bool {
    let places = ["/api/client", "/api/frontend", "/api/proxy"];
    places.iter().any(|place| {
        let rest = template.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

impl Routes {
    fn add(&mut self, template: &str, number: u16) {
        if !template.contains('{') {
            self.whole.insert(template.to_owned(), number);
            return;
        }
        let mut node = &mut self.rest;
        for part in template.split('/').skip(1) {
            node = if part.starts_with('{') {
                node.parameter.get_or_insert_default()
            } else {
                node.fixed.entry(part.to_owned()).or_default()
            };
        }
        node.route = Some(number);
    }

    fn find(&self, path: &str) -> Option<u16> {
        if let Some(found) = self.whole.get(path) {
            return Some(*found);
        }
        self.rest.find(path.strip_prefix('/')?)
    }
}

impl Node {
    fn find(&self, path: &str) -> Option<u16> {
        let (first, rest) = match path.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let fixed = self.fixed.get(first);
        let found = fixed.and_then(|node| node.follow(rest));
        found.or_else(|| self.parameter.as_ref()?.follow(rest))
    }

    fn follow(&self, rest: Option<&str>) -> Option<u16> {
        match rest {
            Some(rest) => self.find(rest),
            None => self.route,
        }
    }
}

impl<S, B> Transform<S, ServiceRequest> for TimedRequests
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = Timing<S>;
    type InitError = ();
    type Future = Ready<Result<Timing<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Timing {
            times: Rc::new(self.telemetry.request_times()),
            routes: Arc::clone(&self.routes),
            service,
        }))
    }
}

/// The layer at work.
#[derive(Debug)]
pub struct Timing<S> {
    times: Rc<RequestTimes>,
    routes: Arc<Routes>,
    service: S,
}

/// A request that is not yet answered.
#[derive(Debug)]
pub struct Begun {
    at: Instant,
    route: Option<u16>,
    method: &'static str,
    times: Rc<RequestTimes>,
}

type Answer<B> = Result<ServiceResponse<B>, Error>;

impl<S, B> Service<ServiceRequest> for Timing<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    // Joined with what is ready already, it carries that along without a box.
    type Future = Map<Join<S::Future, Ready<Begun>>, fn((Answer<B>, Begun)) -> Answer<B>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let begun = Begun {
            at: Instant::now(),
            route: self.routes.find(request.path()),
            method: name(request.method()),
            times: Rc::clone(&self.times),
        };
        join(self.service.call(request), ready(begun)).map(note)
    }
}

fn note<B>((answer, begun): (Answer<B>, Begun)) -> Answer<B> {
    let mut answered = Answered {
        route: begun.route,
        method: begun.method,
        status: 500,
        app: None,
        begun: begun.at,
    };
    match &answer {
        Ok(response) => {
            answered.status = response.status().as_u16();
            let request = response.request();
            let header = |name: &HeaderName| request.headers().get(name)?.to_str().ok();
            let named = APP_NAMES.iter().find_map(header);
            let asked = named.is_none().then(|| in_query(request.query_string()));
            let app = named.or(asked.as_ref().and_then(|it| it.as_deref()));
            begun.times.note(Answered { app, ..answered });
        }
        Err(error) => {
            answered.status = error.as_response_error().status_code().as_u16();
            begun.times.note(answered);
        }
    }
    answer
}

fn in_query(query: &str) -> Option<std::borrow::Cow<'_, str>> {
    if query.is_empty() {
        return None;
    }
    let mut pairs = query::pairs(query);
    pairs.find_map(|(name, value)| (name == "appName").then_some(value))
}

/// Methods that no route has are told together.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_found_as_the_router_finds_them() {
        let mut routes = Routes::default();
        let templates = [
            "/flags/health",
            "/flags/api/features/{name}",
            "/flags/api/features/import",
            "/flags/api/{project}/x",
            "/flags/api/features/{name}/x",
        ];
        for (template, number) in templates.iter().zip(0..) {
            routes.add(template, number);
        }
        for (path, expected) in [
            ("/flags/health", Some(0)),
            ("/flags/api/features/a", Some(1)),
            ("/flags/api/features/import", Some(2)),
            ("/flags/api/features/x", Some(1)),
            ("/flags/api/other/x", Some(3)),
            ("/flags/api/features/import/x", Some(4)),
            ("/health", None),
            ("/flags/api/features", None),
            ("/flags/api/features/a/b", None),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(routes.find(path), expected, "{path}");
        }
    }

    #[test]
    fn templates_are_told_as_dashboards_know_them() {
        let template = "/api/client/features/{featureName}";
        assert_eq!(with_colons(template), "/api/client/features/:featureName");
        assert!(is_for_sdks(template) && is_for_sdks("/api/frontend"));
        assert!(!is_for_sdks("/api/clients") && !is_for_sdks("/api/admin/features"));
    }
}
