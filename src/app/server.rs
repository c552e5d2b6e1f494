//! The HTTP server around the parts.

use std::future::Future;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{HttpServer, web};

use super::{App, StartError};
use crate::addons::{Deliveries, Dispatcher};
use crate::api::admin::{Address, PrivateAddresses};
use crate::api::backstage::{self, Backstage, Place, Scraping};
use crate::api::document::Document;
use crate::api::extract::{BodyLimit, paths, queries};
use crate::api::frontend::{HostName, MaxAge, Seeds};
use crate::api::paths::NormalPaths;
use crate::api::request_log::RequestLog;
use crate::api::request_times::TimedRequests;
use crate::api::signing_in::AccountRules;
use crate::api::{registration, routes};
use crate::auth::attempts::Attempts;
use crate::auth::recent_secrets::RecentSecrets;
use crate::change::{Backups, Clock, History, Standing};
use crate::config::{self, Settings};

/// A server that listens and is not yet running.
#[derive(Debug)]
pub struct Bound {
    app: App,
    listener: TcpListener,
    /// For numbers, when they have a port of their own.
    apart: Option<TcpListener>,
    address: SocketAddr,
}

impl App {
    /// Takes the port of the settings.
    ///
    /// # Errors
    /// [`StartError::Listen`] when the port is taken or the address is not of this machine.
    pub fn bind(self) -> Result<Bound, StartError> {
        let network = &self.settings.network;
        let (listener, address) = listen(network.host, network.port)?;
        let apart = self.settings.prometheus.port;
        let apart = apart.map(|port| listen(network.host, port)).transpose()?;
        Ok(Bound {
            app: self,
            listener,
            apart: apart.map(|(listener, _)| listener),
            address,
        })
    }
}

fn listen(host: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let wanted = SocketAddr::new(host, port);
    let failed = |source| StartError::Listen {
        address: wanted.to_string(),
        source,
    };
    let listener = TcpListener::bind(wanted).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

impl Bound {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The parts it serves.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Serves until `shutdown` is ready; then finishes the requests at hand, writes what is not yet written, and
    /// closes the store.
    ///
    /// # Errors
    /// What the system says when the server cannot go on.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
        let addons = tokio::spawn(
            self.dispatcher()
                .run(super::told_to(self.app.stop.subscribe())),
        );
        let backstage = web::Data::new(backstage(&self.app, self.address.port()));
        let apart = self
            .apart
            .map(|listener| numbers_server(&self.app, &backstage, listener));
        let apart = apart.transpose()?.map(|server| {
            let handle = server.handle();
            (handle, actix_web::rt::spawn(server))
        });
        let server = http_server(&self.app, self.listener, self.address, &backstage)?;
        let handle = server.handle();
        let mut running = std::pin::pin!(server);
        let mut shutdown = std::pin::pin!(shutdown);
        let result = tokio::select! {
            result = &mut running => result,
            () = &mut shutdown => {
                tracing::info!("stopping: finishing requests");
                let (result, ()) = tokio::join!(running, handle.stop(true));
                result
            }
        };
        if let Some((handle, running)) = apart {
            handle.stop(true).await;
            if let Err(error) = running.await {
                tracing::error!(%error, "the server of numbers ended badly");
            }
        }
        self.app.close(addons).await;
        result
    }

    fn dispatcher(&self) -> Dispatcher {
        let app = &self.app;
        Dispatcher::new(
            std::sync::Arc::clone(&app.store),
            std::sync::Arc::clone(&app.hub),
            Clock::clone(&app.clock),
            uuid::Uuid::new_v4().to_string(),
            super::greeting::address(&app.settings, self.address.port()),
            app.settings.addons_allow_private,
            app.usage.telemetry(),
        )
    }
}

/// What numbers are about, and who may have them.
fn backstage(app: &App, port: u16) -> Backstage {
    let settings = &app.settings;
    Backstage {
        scraping: match settings.prometheus.who {
            config::Scraping::Open => Scraping::Open,
            config::Scraping::Admin => Scraping::Admin,
            config::Scraping::Off => Scraping::Off,
        },
        place: Place {
            path: settings.prometheus.path.clone(),
            apart: settings.prometheus.port.is_some(),
        },
        hub: app.hub.clone(),
        usage: web::Data::new(app.usage.clone()),
        standing: web::Data::new(standing(app)),
        limits: web::Data::new(settings.limits.clone()),
        rules: account_rules(settings, port),
        telemetry: web::Data::from(app.usage.telemetry()),
    }
}

fn standing(app: &App) -> Standing {
    Standing::new(
        std::sync::Arc::clone(&app.store),
        std::sync::Arc::clone(&app.hub),
        Clock::clone(&app.clock),
    )
}

/// Serves numbers, and nothing else.
fn numbers_server(
    app: &App,
    backstage: &web::Data<Backstage>,
    listener: TcpListener,
) -> std::io::Result<Server> {
    let (hub, backstage) = (app.hub.clone(), backstage.clone());
    let clock = web::Data::new(Clock::clone(&app.clock));
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(hub.clone())
            .app_data(clock.clone())
            .app_data(backstage.clone())
            .configure(|config| backstage::routes_apart(config, &backstage.place))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

fn http_server(
    app: &App,
    listener: TcpListener,
    address: SocketAddr,
    backstage: &web::Data<Backstage>,
) -> std::io::Result<Server> {
    let settings = app.settings.clone();
    let (hub, writer) = (app.hub.clone(), app.writer.clone());
    let clock = web::Data::new(Clock::clone(&app.clock));
    let usage = web::Data::new(app.usage.clone());
    let history = web::Data::new(History::new(
        std::sync::Arc::clone(&app.store),
        app.usage.telemetry(),
    ));
    let backups = web::Data::new(Backups::new(
        std::sync::Arc::clone(&app.store),
        Clock::clone(&app.clock),
    ));
    let standing = web::Data::new(standing(app));
    let telemetry = web::Data::from(app.usage.telemetry());
    let deliveries = web::Data::new(Deliveries::new(std::sync::Arc::clone(&app.store)));
    let private = PrivateAddresses(settings.addons_allow_private);
    let limits = web::Data::new(settings.limits.clone());
    let port = address.port();
    let address = web::Data::new(Address {
        url: super::greeting::address(&settings, port),
        base_path: settings.network.base_path.clone(),
    });
    let document = web::Data::new(Document::new(settings.network.base_path.as_str()));
    let seeds = web::Data::new(Seeds::random());
    let (attempts, rules) = (
        web::Data::new(Attempts::default()),
        account_rules(&settings, port),
    );
    let backstage = backstage.clone();
    let host = HostName(app.settings.network.host_name.as_str().into());
    let network = &app.settings.network;
    let normal = normal_paths(&network.base_path);
    let timed = TimedRequests::new(
        app.usage.telemetry(),
        &network.base_path,
        registration::paths(routes::routes),
    );
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(hub.clone())
            .app_data(writer.clone())
            .app_data(clock.clone())
            .app_data(usage.clone())
            .app_data(history.clone())
            .app_data(backups.clone())
            .app_data(deliveries.clone())
            .app_data(standing.clone())
            .app_data(telemetry.clone())
            .app_data(backstage.clone())
            .app_data(private)
            .app_data(limits.clone())
            .app_data(address.clone())
            .app_data(document.clone())
            .app_data(seeds.clone())
            .app_data(attempts.clone())
            .app_data(rules.clone())
            .app_data(host.clone())
            .app_data(MaxAge(settings.cors_max_age))
            .app_data(RecentSecrets::counted_in(telemetry.lookups()))
            .app_data(BodyLimit(settings.body_limit))
            .app_data(queries())
            .app_data(paths())
            .configure(|config| {
                let base_path = &settings.network.base_path;
                backstage::route_elsewhere(config, base_path, &backstage.place);
                registration::serve(base_path, routes::routes, config);
            })
            .wrap(timed.clone())
            .wrap(normal.clone())
            .wrap(RequestLog {
                enabled: settings.log.requests,
            })
    })
    .disable_signals()
    .keep_alive(network.keep_alive)
    .client_request_timeout(std::time::Duration::from_secs(60))
    .shutdown_timeout(network.shutdown_timeout.as_secs().max(1));
    let server = match network.workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    Ok(server.listen(listener)?.run())
}

fn account_rules(settings: &Settings, port: u16) -> web::Data<AccountRules> {
    let accounts = &settings.accounts;
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let path = &settings.network.base_path;
    web::Data::new(AccountRules {
        url: super::greeting::address(settings, port),
        cookie_path: if path.is_empty() {
            "/".into()
        } else {
            path.clone()
        },
        secure_cookies: accounts.secure_cookies,
        session_millis: millis(accounts.session),
        most_sessions: accounts.most_sessions,
        attempts_per_minute: accounts.attempts_per_minute,
        inactive_millis: millis(accounts.inactive_after),
    })
}

/// Knows the form of all routes below the base path.
fn normal_paths(base_path: &str) -> NormalPaths {
    let templates = registration::paths(routes::routes).into_iter();
    let templates: Vec<String> = templates.map(|it| format!("{base_path}{it}")).collect();
    NormalPaths::new(templates.iter().map(String::as_str))
}
