//! Where Redis is: one server, whatever Sentinel says, or a cluster.

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

use super::fault::wrong;
use crate::store::StoreError;

/// The kinds of places, with what is needed to reach them. `Debug` of the parts hides passwords.
#[derive(Clone, Debug)]
pub(super) enum Address {
    /// One server, over TCP, TLS or a socket of the machine.
    Single(ConnectionInfo),
    /// A master that Sentinel names.
    Sentinel {
        sentinels: Vec<ConnectionAddr>,
        master: String,
        access: Access,
    },
    /// A cluster, reached through any of these.
    Cluster {
        nodes: Vec<ConnectionInfo>,
        access: Access,
    },
}

/// How to introduce oneself.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: i64,
    pub(super) tls: bool,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("username", &self.username)
            .field("database", &self.database)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

const FORMS: &str = "use redis://, rediss://, redis+unix:///path, redis-sentinel://host:port,host:port/master/database \
                     or redis-cluster://host:port,host:port";

impl Address {
    /// Reads a URL. Errors never repeat it: it may hold a password.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(wrong(FORMS));
        };
        match scheme {
            "redis" | "rediss" | "unix" | "redis+unix" | "valkey" | "valkeys" | "valkey+unix" => {
                single(url)
            }
            "redis-sentinel" => sentinel(rest, false),
            "rediss-sentinel" => sentinel(rest, true),
            "redis-cluster" => cluster(rest, false),
            "rediss-cluster" => cluster(rest, true),
            _ => Err(wrong(FORMS)),
        }
    }

    /// For people: without user and password.
    pub(super) fn shown(&self) -> String {
        let all = |addresses: &mut dyn Iterator<Item = &ConnectionAddr>| {
            let shown: Vec<String> = addresses.map(ToString::to_string).collect();
            shown.join(",")
        };
        match self {
            Self::Single(info) => format!("Redis at {}", info.addr()),
            Self::Sentinel {
                sentinels, master, ..
            } => format!(
                "Redis master {master} by Sentinel at {}",
                all(&mut sentinels.iter())
            ),
            Self::Cluster { nodes, .. } => format!(
                "Redis cluster at {}",
                all(&mut nodes.iter().map(ConnectionInfo::addr))
            ),
        }
    }
}

fn single(url: &str) -> Result<Address, StoreError> {
    // The client looks at the protocol, not at whose server it is.
    let info = url.replacen("valkey", "redis", 1).into_connection_info();
    let info = info.map_err(|_| wrong(FORMS))?;
    let settings = info.redis_settings().clone();
    Ok(Address::Single(info.set_redis_settings(
        settings.set_protocol(ProtocolVersion::RESP2),
    )))
}

/// `[user[:password]@]host[:port],…[/rest][?tls=true]`
struct Parts {
    access: Access,
    hosts: Vec<(String, u16)>,
    path: Vec<String>,
}

fn parts(rest: &str, port: u16, tls: bool) -> Result<Parts, StoreError> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (access, rest) = match rest.rsplit_once('@') {
        Some((access, rest)) => (Some(access), rest),
        None => (None, rest),
    };
    let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (username, password) = match access.map(|it| it.split_once(':').unwrap_or((it, ""))) {
        None => (None, None),
        Some((username, password)) => (plain(username)?, plain(password)?),
    };
    let hosts = hosts.split(',').map(|host| place(host, port));
    Ok(Parts {
        access: Access {
            username,
            password,
            database: 0,
            tls: tls || query.split('&').any(|it| it == "tls=true"),
        },
        hosts: hosts.collect::<Result<_, _>>()?,
        path: path
            .split('/')
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

/// Undoes percent encoding. Empty is nothing.
fn plain(text: &str) -> Result<Option<String>, StoreError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(wrong(
                "user and password have to be percent-encoded: write % as %25",
            ));
        };
        bytes.extend(u8::try_from(high * 16 + low));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("user and password have to be UTF-8"))?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn place(host: &str, port: u16) -> Result<(String, u16), StoreError> {
    let bad = || wrong("each address has to be host or host:port");
    // An IPv6 address stands in brackets.
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().map_err(|_| bad())?),
        _ => (host, port),
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if name.is_empty() {
        return Err(bad());
    }
    Ok((name.to_owned(), port))
}

fn sentinel(rest: &str, tls: bool) -> Result<Address, StoreError> {
    let Parts {
        mut access,
        hosts,
        path,
    } = parts(rest, 26379, tls)?;
    let mut path = path.into_iter();
    let Some(master) = path.next() else {
        return Err(wrong(
            "name the master: redis-sentinel://host:26379,host:26379/mymaster",
        ));
    };
    if let Some(database) = path.next() {
        access.database = database
            .parse()
            .map_err(|_| wrong("the database has to be a number"))?;
    }
    let sentinels = hosts.into_iter().map(|at| addr(at, access.tls)).collect();
    Ok(Address::Sentinel {
        sentinels,
        master,
        access,
    })
}

fn cluster(rest: &str, tls: bool) -> Result<Address, StoreError> {
    let Parts {
        access,
        hosts,
        path,
    } = parts(rest, 6379, tls)?;
    if path.iter().any(|it| it != "0") {
        return Err(wrong("a cluster has no databases but 0"));
    }
    let nodes = hosts.into_iter().map(|at| addr(at, access.tls));
    let nodes: Result<Vec<ConnectionInfo>, _> = nodes
        .map(IntoConnectionInfo::into_connection_info)
        .collect();
    Ok(Address::Cluster {
        nodes: nodes.map_err(|_| wrong(FORMS))?,
        access,
    })
}

fn addr((host, port): (String, u16), tls: bool) -> ConnectionAddr {
    if tls {
        ConnectionAddr::TcpTls {
            host,
            port,
            insecure: false,
            tls_params: None,
        }
    } else {
        ConnectionAddr::Tcp(host, port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read() {
        let shown = |url: &str| Address::parse(url).unwrap().shown();
        assert_eq!(shown("redis://localhost"), "Redis at localhost:6379");
        assert_eq!(shown("rediss://u:p@h:7/3"), "Redis at h:7");
        assert_eq!(shown("redis+unix:///run/r.sock"), "Redis at /run/r.sock");
        assert_eq!(shown("valkey://h"), "Redis at h:6379");
        assert_eq!(
            shown("redis-sentinel://u:p%40ss@a,b:5,[::1]:6/main/2"),
            "Redis master main by Sentinel at a:26379,b:5,::1:6"
        );
        assert_eq!(
            shown("redis-cluster://:secret@a:1,b"),
            "Redis cluster at a:1,b:6379"
        );
    }

    #[test]
    fn user_password_and_database_are_read() {
        let Address::Sentinel { access, .. } =
            Address::parse("redis-sentinel://u:p%40s:s@a/main/2?tls=true").unwrap()
        else {
            panic!("not by Sentinel");
        };
        assert_eq!(access.username.as_deref(), Some("u"));
        assert_eq!(access.password.as_deref(), Some("p@s:s"));
        assert_eq!((access.database, access.tls), (2, true));
        assert!(!format!("{access:?}").contains("p@s"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_without_repeating_it() {
        for url in [
            "localhost:6379",
            "http://secret@h",
            "redis-sentinel://u:secret@h",
            "redis-sentinel://h/main/secret",
            "redis-cluster://u:secret@h/3",
            "redis-cluster://u:secret%@h",
            "redis-cluster://h:secret",
            "redis-cluster://",
            "redis://h:secret",
        ] {
            let error = Address::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
