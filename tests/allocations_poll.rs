//! A poll allocates no more than the emptiest handler that answers with bytes made ahead of time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, web};
use allocation_counter::measure;
use burgee::api::paths::NormalPaths;
use burgee::api::request_log::RequestLog;
use burgee::api::request_times::TimedRequests;
use burgee::api::{registration, routes};
use burgee::auth::recent_secrets::RecentSecrets;
use burgee::auth::tokens::hash;
use burgee::change::Clock;
use burgee::domain::api_token::{ApiToken, TokenKind, TokenProjects};
use burgee::domain::change::Draft;
use burgee::domain::environment::Environment;
use burgee::domain::event::{Actor, EventKind, NewEvent};
use burgee::domain::instance::{HashKey, Instance};
use burgee::domain::names::EnvironmentName;
use burgee::domain::state::{Entity, State};
use burgee::domain::time::Timestamp;
use burgee::snapshot::{Hub, Snapshot};
use burgee::telemetry::Telemetry;
use burgee::wire::client_features::SegmentMode;
use bytes::Bytes;

const NOW: Timestamp = Timestamp::from_millis(1_795_342_800_000);
const SECRET: &str = "*:development.secret";
const PATH: &str = "/api/client/features";

fn hub() -> Hub {
    let key = HashKey::new([7; 32]);
    let environment = EnvironmentName::trusted("development");
    let mut draft = Draft::new(&State::default());
    draft.put(Entity::Instance(Arc::new(Instance {
        id: "test".into(),
        hash_key: key.clone(),
        created_at: NOW,
    })));
    draft.put(Entity::Environment(Arc::new(Environment {
        name: environment.clone(),
        kind: "development".into(),
        sort_order: 0,
        enabled: true,
        protected: false,
    })));
    draft.put(Entity::Token(Arc::new(ApiToken {
        hash: hash(&key, SECRET),
        name: "test".into(),
        kind: TokenKind::Backend,
        projects: TokenProjects::All,
        environment: Some(environment),
        visible_prefix: String::new(),
        alias_hash: None,
        expires_at: None,
        created_at: NOW,
        created_by: "test".into(),
    })));
    draft.tell(NewEvent::new(EventKind::InstanceCreated));
    let change = draft.seal(&Actor::system(), NOW).unwrap();
    Hub::new(Snapshot::build(State::default()).next(&change))
}

/// Allocations of one request, after some that fill the pools.
async fn allocations<R, B: MessageBody>(
    app: &impl Service<R, Response = ServiceResponse<B>, Error = Error>,
    status: u16,
    request: impl Fn() -> R,
) -> u64 {
    for _ in 0..10 {
        let response = app.call(request()).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
    }
    let request = request();
    let mut answered = false;
    let counted = measure(|| {
        // Nothing here waits for anything, so the answer is there after the first look.
        let call = std::pin::pin!(app.call(request));
        let mut context = Context::from_waker(Waker::noop());
        answered = matches!(call.poll(&mut context), Poll::Ready(Ok(_)));
    });
    assert!(answered);
    counted.count_total
}

#[actix_web::test]
async fn a_poll_allocates_as_much_as_an_empty_handler() {
    let hub = web::Data::new(hub());
    let view = hub
        .load()
        .environment("development")
        .view(&TokenProjects::All, SegmentMode::Global);
    let (body, etag) = (view.bytes().clone(), view.etag().clone());
    let etag = String::from_utf8(etag.to_vec()).unwrap();

    let bytes = web::Data::new(body);
    let empty = App::new().app_data(bytes).route(
        PATH,
        web::get().to(|bytes: web::Data<Bytes>| async move {
            HttpResponse::Ok().body(Bytes::clone(&bytes))
        }),
    );
    let empty = init_service(empty).await;
    let clock: Clock = Arc::new(|| NOW);
    let paths = registration::paths(routes::routes);
    let telemetry = Arc::new(Telemetry::new());
    let timed = TimedRequests::new(Arc::clone(&telemetry), "", paths.clone());
    let paths = NormalPaths::new(paths.iter().map(String::as_str));
    let whole = App::new()
        .app_data(hub)
        .app_data(web::Data::new(clock))
        .app_data(RecentSecrets::counted_in(telemetry.lookups()))
        .configure(|config| registration::serve("", routes::routes, config));
    let whole = whole.wrap(timed).wrap(paths);
    let whole = init_service(whole.wrap(RequestLog { enabled: false })).await;

    let poll = || {
        TestRequest::get()
            .uri(PATH)
            .insert_header(("authorization", SECRET))
            .insert_header(("unleash-client-spec", "5.2.0"))
            .insert_header(("accept-encoding", "identity"))
            .insert_header(("unleash-appname", "shop"))
    };
    let plain = || poll().to_request();
    let least = allocations(&empty, 200, plain).await;
    let full = allocations(&whole, 200, plain).await;
    let again = || {
        let poll = poll().insert_header(("if-none-match", etag.as_str()));
        poll.to_request()
    };
    let not_modified = allocations(&whole, 304, again).await;
    println!("empty handler {least}, full body {full}, not modified {not_modified}");
    assert!(full <= least, "{full} instead of {least}");
    let text = telemetry.text(Vec::new(), &State::default()).unwrap();
    let noted = "appName=\"shop\",quantile=\"0.99\"}";
    assert!(text.contains(noted), "{text}");
    assert!(not_modified <= least, "{not_modified} instead of {least}");
}
