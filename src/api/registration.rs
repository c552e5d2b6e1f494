//! Registering handlers, which carry their descriptions with them.
//!
//! Descriptions are only made when somebody wants them. Each worker thread registers all routes for itself; making the
//! whole OpenAPI document every time, as `utoipa-actix-web` does by itself, cost 8 MB a worker and time at start.

use std::cell::RefCell;

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa::openapi::path::PathsBuilder;
use utoipa::openapi::{ComponentsBuilder, OpenApi, OpenApiBuilder, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

/// A list of routes.
pub type Routes = fn(&mut ServiceConfig<'_>);

/// Registers routes, with all their paths below `base_path`. Without one they need no scope around them, which every
/// request would pay for.
pub fn serve(base_path: &str, routes: Routes, actix: &mut web::ServiceConfig) {
    let mut config = ServiceConfig {
        actix,
        prefix: String::new(),
        wanted: Wanted::Nothing,
    };
    if base_path.is_empty() {
        routes(&mut config);
    } else {
        config.scope(base_path, routes, |scope| scope);
    }
}

/// The paths of routes, with the names of their parameters in braces.
#[must_use]
pub fn paths(routes: Routes) -> Vec<String> {
    let paths = RefCell::default();
    gather(routes, Wanted::Paths(&paths));
    paths.into_inner()
}

/// The descriptions of routes.
#[must_use]
pub fn document(routes: Routes) -> OpenApi {
    let gathered = RefCell::default();
    gather(routes, Wanted::Document(&gathered));
    let Gathered { paths, schemas } = gathered.into_inner();
    let components = ComponentsBuilder::new().schemas_from_iter(schemas);
    OpenApiBuilder::new()
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn gather(routes: Routes, wanted: Wanted<'_>) {
    // An app is the only thing that lends a list to register in. It is thrown away.
    let _ = actix_web::App::new().configure(|actix| {
        routes(&mut ServiceConfig {
            actix,
            prefix: String::new(),
            wanted,
        });
    });
}

#[derive(Default)]
struct Gathered {
    paths: PathsBuilder,
    schemas: Vec<(String, RefOr<Schema>)>,
}

/// What is wanted beside the registration.
#[derive(Clone, Copy)]
enum Wanted<'g> {
    Nothing,
    Paths(&'g RefCell<Vec<String>>),
    Document(&'g RefCell<Gathered>),
}

/// Where routes are registered.
#[expect(
    missing_debug_implementations,
    reason = "what actix-web lends has none"
)]
pub struct ServiceConfig<'c> {
    actix: &'c mut web::ServiceConfig,
    /// The path of the scopes around.
    prefix: String,
    wanted: Wanted<'c>,
}

impl ServiceConfig<'_> {
    /// Registers a handler.
    pub fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + utoipa::Path + 'static,
    {
        match self.wanted {
            Wanted::Nothing => {}
            Wanted::Paths(paths) => paths.borrow_mut().push(self.below(&F::path())),
            Wanted::Document(gathered) => self.describe(&handler, &mut gathered.borrow_mut()),
        }
        self.actix.service(handler);
        self
    }

    /// Registers a list of routes.
    pub fn configure(&mut self, routes: impl FnOnce(&mut ServiceConfig<'_>)) -> &mut Self {
        routes(self);
        self
    }

    /// Registers routes below a path. `finish` adds what is common to them.
    pub fn scope<S: HttpServiceFactory + 'static>(
        &mut self,
        path: &str,
        routes: impl FnOnce(&mut ServiceConfig<'_>),
        finish: impl FnOnce(actix_web::Scope) -> S,
    ) -> &mut Self {
        let (prefix, wanted) = (self.below(path), self.wanted);
        let scope = web::scope(path).configure(|actix| {
            routes(&mut ServiceConfig {
                actix,
                prefix,
                wanted,
            });
        });
        self.actix.service(finish(scope));
        self
    }

    /// Registers what speaks to nobody about itself.
    pub fn undescribed(
        &mut self,
        register: impl FnOnce(&mut web::ServiceConfig) -> &mut web::ServiceConfig,
    ) -> &mut Self {
        register(self.actix);
        self
    }

    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    fn describe(&self, handler: &impl OpenApiFactory, gathered: &mut Gathered) {
        handler.schemas(&mut gathered.schemas);
        let paths = std::mem::take(&mut gathered.paths);
        let own = handler.paths().paths.into_iter();
        gathered.paths = own.fold(paths, |paths, (path, item)| {
            paths.path(self.below(&path), item)
        });
    }
}
