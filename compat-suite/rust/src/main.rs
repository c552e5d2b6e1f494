//! Adapter for the Rust SDK `unleash-api-client`; protocol: ../README.md, "Adapters".

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{json, Value};
use unleash_api_client::client::{Client, ClientBuilder, FeatureKey};
use unleash_api_client::context::{Context, IPAddress};

/// The SDK wants an enum of flags at compile time; the scenarios ask by name instead.
#[derive(Clone, Copy, Debug)]
enum ByNameOnly {}

impl FeatureKey for ByNameOnly {
    fn name(self) -> &'static str {
        match self {}
    }
}

type SdkClient = Client<ByNameOnly>;

#[derive(Default)]
struct Adapter {
    client: Option<Arc<SdkClient>>,
    app_name: String,
    environment: String,
    errors: Vec<String>,
}

impl Adapter {
    async fn run(&mut self, request: &Value) -> Result<Value, String> {
        match text(request, "cmd") {
            "hello" => Ok(json!({
                "sdk": "unleash-api-client",
                "version": sdk_version(),
                "runtime": "rust"
            })),
            "init" => self.init(request).await,
            "evaluate" => self.evaluate(request),
            "state" => Ok(json!({
                "ready": self.ready(),
                "errors": std::mem::take(&mut self.errors),
                "impressions": []
            })),
            "close" => Ok(json!({})),
            other => Err(format!("unknown command {other}")),
        }
    }

    async fn init(&mut self, request: &Value) -> Result<Value, String> {
        self.app_name = text(request, "appName").to_owned();
        self.environment = text(request, "environment").to_owned();
        let client: SdkClient = ClientBuilder::default()
            .enable_string_features()
            .interval(request["refreshMs"].as_u64().unwrap_or(1000))
            .into_client(
                text(request, "url"),
                &self.app_name,
                text(request, "instanceId"),
                Some(text(request, "token").to_owned()),
            )
            .map_err(|error| error.to_string())?;
        let client = Arc::new(client);
        self.client = Some(client.clone());
        if let Err(error) = client.register().await {
            self.errors.push(format!("register: {error}"));
        }
        tokio::spawn({
            let client = client.clone();
            async move { client.poll_for_updates().await }
        });
        let wait = Duration::from_millis(request["readyMs"].as_u64().unwrap_or(5000));
        let deadline = Instant::now() + wait;
        while !self.ready() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(json!({ "ready": self.ready() }))
    }

    fn ready(&self) -> bool {
        self.client
            .as_ref()
            .is_some_and(|client| client.cached_state().is_some())
    }

    fn evaluate(&self, request: &Value) -> Result<Value, String> {
        let client = self.client.as_ref().ok_or("evaluate before init")?;
        let batches = request["batches"].as_array().ok_or("no batches")?;
        let mut results = Vec::with_capacity(batches.len());
        for batch in batches {
            let context = self.context(&batch["context"])?;
            let flags = batch["flags"].as_array().ok_or("no flags")?;
            let row: Vec<Value> = flags
                .iter()
                .map(|flag| evaluate_one(client, flag.as_str().unwrap_or(""), &context, batch))
                .collect();
            results.push(Value::Array(row));
        }
        Ok(json!({ "results": results }))
    }

    fn context(&self, given: &Value) -> Result<Context, String> {
        let optional = |name: &str| given[name].as_str().map(str::to_owned);
        let remote_address = given["remoteAddress"]
            .as_str()
            .map(|address| address.parse().map(IPAddress))
            .transpose()
            .map_err(|error| format!("remoteAddress: {error}"))?;
        let current_time = given["currentTime"]
            .as_str()
            .map(|time| DateTime::parse_from_rfc3339(time).map(|t| t.with_timezone(&Utc)))
            .transpose()
            .map_err(|error| format!("currentTime: {error}"))?;
        let properties: HashMap<String, String> = given["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        Ok(Context {
            user_id: optional("userId"),
            session_id: optional("sessionId"),
            remote_address,
            properties,
            app_name: self.app_name.clone(),
            environment: self.environment.clone(),
            current_time,
        })
    }
}

fn evaluate_one(client: &SdkClient, flag: &str, context: &Context, batch: &Value) -> Value {
    let only = text(batch, "only");
    let mut answer = json!({});
    if only != "variant" {
        let default = batch["default"].as_bool().unwrap_or(false);
        answer["enabled"] = json!(client.is_enabled_str(flag, Some(context), default));
    }
    if only != "enabled" {
        let variant = client.get_variant_str(flag, context);
        let payload = if variant.payload.is_empty() {
            Value::Null
        } else {
            json!(variant.payload)
        };
        answer["variant"] =
            json!({ "name": variant.name, "enabled": variant.enabled, "payload": payload });
    }
    answer
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

/// The version that Cargo.lock pins.
fn sdk_version() -> &'static str {
    let lock = include_str!("../Cargo.lock");
    lock.split("name = \"unleash-api-client\"\nversion = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or("unknown")
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut adapter = Adapter::default();
    let (lines, mut received) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = received.recv().await {
        let (command, reply) = match serde_json::from_str::<Value>(&line) {
            Ok(request) => {
                let reply = match adapter.run(&request).await {
                    Ok(mut fields) => {
                        fields["ok"] = json!(true);
                        fields
                    }
                    Err(error) => json!({ "ok": false, "error": error }),
                };
                (text(&request, "cmd").to_owned(), reply)
            }
            Err(error) => (String::new(), json!({ "ok": false, "error": error.to_string() })),
        };
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{reply}").and_then(|()| out.flush()).is_err() || command == "close" {
            break;
        }
    }
    std::process::exit(0);
}
