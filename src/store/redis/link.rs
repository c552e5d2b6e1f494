//! The way to Redis: connections of all kinds in one pool, questions with a time limit, and asking again.

use std::time::Duration;

use deadpool::managed::{self, Metrics, Object, Pool, PoolError, RecycleResult, Timeouts};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, ProtocolVersion, RedisError,
    RedisFuture, ScriptInvocation, TlsCertificates, TlsMode, Value,
};
use tokio::sync::Mutex;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout};

use super::address::{Access, Address};
use super::fault::{Fault, wrong};
use super::witness::{Seen, Witnesses};
use crate::store::StoreError;

/// How long before a question is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// No command takes this long; what is asked has its own, shorter limit.
const LONGEST: Duration = Duration::from_secs(120);

/// A connection, to one server or to all of a cluster.
pub(super) enum Wire {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Wire {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Node(wire) => wire.req_packed_command(cmd),
            Self::Cluster(wire) => wire.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        cmd: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Node(wire) => wire.req_packed_commands(cmd, offset, count),
            Self::Cluster(wire) => wire.req_packed_commands(cmd, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Node(wire) => wire.get_db(),
            Self::Cluster(wire) => wire.get_db(),
        }
    }
}

impl Wire {
    /// Asks the server that holds `key` and takes writes for it.
    async fn ask_holder(&mut self, key: &str, command: &Cmd) -> Result<Value, RedisError> {
        match self {
            Self::Node(wire) => command.query_async(wire).await,
            Self::Cluster(wire) => {
                let mut slot = redis::cmd("CLUSTER");
                slot.arg("KEYSLOT").arg(key);
                let slot: u16 = slot.query_async(wire).await?;
                let holder =
                    SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master));
                wire.route_command(command.clone(), RoutingInfo::SingleNode(holder))
                    .await
            }
        }
    }
}

/// Makes connections.
pub(super) struct Maker {
    source: Source,
    config: AsyncConnectionConfig,
}

enum Source {
    Single(Client),
    Sentinel(Mutex<SentinelClient>),
    Cluster(ClusterClient),
}

impl Maker {
    /// `root` is a certificate (PEM) to trust in place of those of the system.
    fn new(
        address: &Address,
        root: Option<Vec<u8>>,
        patience: Duration,
    ) -> Result<Self, RedisError> {
        let trusted = root.map(|root| TlsCertificates {
            client_tls: None,
            root_cert: Some(root),
        });
        let source = match address {
            Address::Single(info) => Source::Single(match trusted {
                Some(trusted) => Client::build_with_tls(info.clone(), trusted)?,
                None => Client::open(info.clone())?,
            }),
            Address::Sentinel {
                sentinels,
                master,
                access,
            } => {
                let sentinels = sentinels.iter().cloned();
                let builder =
                    SentinelClientBuilder::new(sentinels, master, SentinelServerType::Master)?;
                Source::Sentinel(Mutex::new(by_sentinel(builder, access, trusted).build()?))
            }
            Address::Cluster { nodes, access } => {
                let builder = ClusterClientBuilder::new(nodes.clone());
                Source::Cluster(of_cluster(builder, access, trusted, patience).build()?)
            }
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(None);
        Ok(Self { source, config })
    }

    pub(super) async fn connect(&self) -> Result<Wire, RedisError> {
        Ok(match &self.source {
            Source::Single(client) => Wire::Node(
                client
                    .get_multiplexed_async_connection_with_config(&self.config)
                    .await?,
            ),
            Source::Sentinel(client) => {
                let mut client = client.lock().await;
                let master = client.async_get_client().await?;
                drop(client);
                Wire::Node(
                    master
                        .get_multiplexed_async_connection_with_config(&self.config)
                        .await?,
                )
            }
            Source::Cluster(client) => Wire::Cluster(client.get_async_connection().await?),
        })
    }
}

fn by_sentinel(
    builder: SentinelClientBuilder,
    access: &Access,
    trusted: Option<TlsCertificates>,
) -> SentinelClientBuilder {
    let mut builder = builder.set_client_to_redis_db(access.database);
    if let Some(username) = &access.username {
        builder = builder.set_client_to_redis_username(username);
    }
    if let Some(password) = &access.password {
        builder = builder.set_client_to_redis_password(password);
    }
    if access.tls {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    match trusted {
        Some(trusted) => builder
            .set_client_to_redis_certificates(trusted.clone())
            .set_client_to_sentinel_certificates(trusted),
        None => builder,
    }
}

fn of_cluster(
    builder: ClusterClientBuilder,
    access: &Access,
    trusted: Option<TlsCertificates>,
    patience: Duration,
) -> ClusterClientBuilder {
    let mut builder = builder
        .use_protocol(ProtocolVersion::RESP2)
        .connection_timeout(patience)
        .response_timeout(LONGEST)
        .retries(3)
        .min_retry_wait(20)
        .max_retry_wait(200);
    if let Some(username) = &access.username {
        builder = builder.username(username);
    }
    if let Some(password) = &access.password {
        builder = builder.password(password);
    }
    if access.tls {
        builder = builder.tls(TlsMode::Secure);
    }
    match trusted {
        Some(trusted) => builder.certs(trusted),
        None => builder,
    }
}

impl managed::Manager for Maker {
    type Type = Wire;
    type Error = RedisError;

    async fn create(&self) -> Result<Wire, RedisError> {
        self.connect().await
    }

    /// Connections that failed are not given back, and the others are tried by being used.
    async fn recycle(&self, _: &mut Wire, _: &Metrics) -> RecycleResult<RedisError> {
        Ok(())
    }
}

/// Asks questions.
pub(super) struct Link {
    pool: Pool<Maker>,
    patience: Duration,
}

/// What can be asked.
#[derive(Clone, Copy)]
pub(super) enum Question<'q> {
    /// Commands, sent together.
    Commands(&'q Pipeline),
    /// A script.
    Script(&'q ScriptInvocation<'q>),
    /// A command for the server that holds a key and takes writes for it.
    Holder(&'q str, &'q Cmd),
}

impl Link {
    /// Connects when something is asked.
    pub(super) fn new(
        address: &Address,
        root: Option<Vec<u8>>,
        patience: Duration,
        connections: usize,
    ) -> Result<Self, StoreError> {
        let refused = |error: RedisError| wrong(&error.to_string());
        let maker = Maker::new(address, root, patience).map_err(refused)?;
        let timeouts = Timeouts {
            wait: Some(patience),
            create: Some(patience),
            recycle: None,
        };
        let pool = Pool::builder(maker)
            .max_size(connections.max(1))
            .timeouts(timeouts)
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| wrong(&error.to_string()))?;
        Ok(Self { pool, patience })
    }

    /// A connection of one's own, for waiting.
    pub(super) async fn own_wire(&self) -> Result<Wire, Fault> {
        let made = timeout(self.patience * 2, self.pool.manager().connect()).await;
        made.map_err(|_| Fault::Late)?.map_err(Fault::Redis)
    }

    /// How long a question may take that is answered at once.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Asks until there is an answer, or until it makes no sense any more. What is asked must do no harm when it is
    /// carried out twice.
    pub(super) async fn ask<T: FromRedisValue>(&self, question: Question<'_>) -> Result<T, Fault> {
        self.ask_within(question, self.patience).await
    }

    /// The same with another limit for the answer.
    pub(super) async fn ask_within<T: FromRedisValue>(
        &self,
        question: Question<'_>,
        limit: Duration,
    ) -> Result<T, Fault> {
        // A long answer may take its time; that nobody is there to give one shows soon.
        let end = Instant::now() + self.patience * 2;
        let mut unsure = None;
        loop {
            let fault = match self.try_once(question, limit).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let again = fault.may_pass() && Instant::now() + PAUSE < end;
            if fault.may_have_worked() {
                unsure = Some(fault);
                if !again {
                    return Err(unsure.unwrap_or(Fault::Late));
                }
            } else if !again {
                // An earlier try may have worked, whatever became of this one.
                return Err(unsure.unwrap_or(fault));
            }
            sleep(PAUSE).await;
        }
    }

    async fn try_once<T: FromRedisValue>(
        &self,
        question: Question<'_>,
        limit: Duration,
    ) -> Result<T, Fault> {
        let mut wire = self.wire().await?;
        let answer = timeout(limit, put(&mut wire, question)).await;
        self.judged(answer, wire)
    }

    /// The answer, and what becomes of the connection.
    fn judged<T>(
        &self,
        answer: Result<Result<T, RedisError>, Elapsed>,
        wire: Object<Maker>,
    ) -> Result<T, Fault> {
        let answer = answer
            .map_err(|_| Fault::Late)
            .and_then(|answer| answer.map_err(Fault::Redis));
        if let Err(fault) = &answer
            && fault.may_pass()
        {
            self.discard(wire);
        }
        answer
    }

    /// Carries out a write, each try within `limit`, and waits until others have it. Returns the answer, and who has it.
    pub(super) async fn write<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
        key: &str,
        witnesses: Option<Witnesses>,
        limit: Duration,
    ) -> Result<(T, Option<Seen>), Fault> {
        let Some(witnesses) = witnesses else {
            return Ok((
                self.ask_within(Question::Script(script), limit).await?,
                None,
            ));
        };
        // Replicas confirm what was written over the same connection, so both questions go over one.
        let end = Instant::now() + self.patience * 2;
        loop {
            let fault = match self.write_once(script, key, witnesses, limit).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            if !fault.may_pass() || Instant::now() + PAUSE > end {
                return Err(fault);
            }
            sleep(PAUSE).await;
        }
    }

    async fn write_once<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
        key: &str,
        witnesses: Witnesses,
        limit: Duration,
    ) -> Result<(T, Option<Seen>), Fault> {
        let mut wire = self.wire().await?;
        let both = async {
            let answer = put(&mut wire, Question::Script(script)).await?;
            let seen = wire.ask_holder(key, &witnesses.command()).await?;
            Ok::<_, RedisError>((answer, Some(witnesses.seen(seen)?)))
        };
        let answer = timeout(limit + witnesses.patience, both).await;
        self.judged(answer, wire)
    }

    async fn wire(&self) -> Result<Object<Maker>, Fault> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => Fault::Redis(error),
            PoolError::Closed => Fault::Closed,
            _ => Fault::Late,
        })
    }

    /// A connection that failed is not used again, and neither are those that wait in the pool: what ails one (the
    /// server is not the one to write to, the network swallows everything) mostly ails all.
    fn discard(&self, wire: Object<Maker>) {
        drop(Object::take(wire));
        self.pool.retain(|_, _| false);
    }

    /// Later questions are refused.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

async fn put<T: FromRedisValue>(wire: &mut Wire, question: Question<'_>) -> Result<T, RedisError> {
    match question {
        Question::Commands(commands) => commands.query_async(wire).await,
        Question::Script(script) => script.invoke_async(wire).await,
        Question::Holder(key, command) => {
            Ok(T::from_redis_value(wire.ask_holder(key, command).await?)?)
        }
    }
}
