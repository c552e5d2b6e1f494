//! Asking a server without a client library: one connection, one command after another.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long an answer may take.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// What a server answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    Text(String),
    Number(i64),
    Nothing,
    List(Vec<Reply>),
    Error(String),
}

impl Reply {
    /// The entries of a list; none of anything else.
    pub(crate) fn into_list(self) -> Vec<Self> {
        match self {
            Self::List(entries) => entries,
            _ => Vec::new(),
        }
    }
}

/// As a person reads it: the entries of a list line by line, nothing as nothing.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Error(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Nothing => Ok(()),
            Self::List(entries) => {
                for (place, entry) in entries.iter().enumerate() {
                    let line_break = if place == 0 { "" } else { "\n" };
                    write!(f, "{line_break}{entry}")?;
                }
                Ok(())
            }
        }
    }
}

trait Line: Read + Write + Send {}
impl<T: Read + Write + Send> Line for T {}

/// A connection.
pub(super) struct Resp(BufReader<Box<dyn Line>>);

impl Resp {
    /// Over TCP, on loopback.
    fn over_tcp(port: u16, limit: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(Box::new(stream))))
    }

    /// Over a socket of the file system.
    pub(super) fn over_file(path: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self(BufReader::new(Box::new(stream))))
    }

    /// Sends a command and reads the answer, which may be an error of the server's.
    pub(super) fn ask(&mut self, words: &[&str]) -> io::Result<Reply> {
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            command.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        self.0.get_mut().write_all(command.as_bytes())?;
        self.reply()
    }

    fn reply(&mut self) -> io::Result<Reply> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).ok_or_else(|| odd(&line))?;
        let number = || rest.parse::<i64>().map_err(|_| odd(&line));
        Ok(match kind {
            "+" => Reply::Text(rest.to_owned()),
            "-" => Reply::Error(rest.to_owned()),
            ":" => Reply::Number(number()?),
            "$" | "*" if number()? < 0 => Reply::Nothing,
            "$" => Reply::Text(self.text(number()?)?),
            "*" => Reply::List(
                (0..number()?)
                    .map(|_| self.reply())
                    .collect::<Result<_, _>>()?,
            ),
            _ => return Err(odd(&line)),
        })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn text(&mut self, length: i64) -> io::Result<String> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let mut bytes = vec![0; length + 2];
        self.0.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// What somebody without a name is answered on a port of loopback, if there is an answer in time.
pub(crate) fn ask_port(port: u16, words: &[&str], limit: Duration) -> Option<Reply> {
    Resp::over_tcp(port, limit).ok()?.ask(words).ok()
}

fn odd(line: &str) -> io::Error {
    io::Error::other(format!("not an answer: {line}"))
}
