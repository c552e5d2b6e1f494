//! The calls that Unleash's MCP server makes for coding assistants: with a personal token behind `Bearer`, with a JSON
//! content type on every call, also where there is no body, and writing back what was read.

use serde_json::{Value, json};

use super::people::GOOD;
use crate::harness::{Answer, TestApp};

const FLAGS: &str = "/api/admin/projects/default/features";

struct Assistant<'a> {
    app: &'a TestApp,
    authorization: String,
}

impl Assistant<'_> {
    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let headers = [
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("authorization", self.authorization.as_str()),
            ("x-unleash-appname", "unleash-mcp"),
            (
                "user-agent",
                "unleash-mcp/0.2.6 (MCP Server; client=test/1)",
            ),
        ];
        let body = body.map(|body| body.to_string().into_bytes());
        self.app.anonymous().send(method, path, &headers, body)
    }
}

#[test]
fn an_assistant_makes_rolls_out_switches_and_cleans_up_a_flag() {
    let app = TestApp::start();
    let person = json!({"username": "ann", "rootRole": 2, "password": GOOD});
    app.admin()
        .post("/api/admin/user-admin", person)
        .expect(201);
    let wish = json!({"description": "assistant", "expiresAt": "2099-01-01T00:00:00Z"});
    let token = app
        .signed_in("ann", GOOD)
        .post("/api/admin/user/tokens", wish)
        .expect(201)
        .json();
    let assistant = Assistant {
        app: &app,
        authorization: format!("Bearer {}", token["secret"].as_str().unwrap()),
    };
    let ask = |method: &str, path: &str, body: Option<Value>, status: u16| {
        assistant.call(method, path, body.as_ref()).expect(status)
    };
    let projects = ask("GET", "/api/admin/projects", None, 200).json();
    let project = &projects["projects"][0];
    assert_eq!(
        (&project["id"], &project["mode"]),
        (&json!("default"), &json!("open"))
    );
    assert!(project["createdAt"].is_string());
    let flag = json!({"name": "checkout", "type": "release", "description": "why", "impressionData": true});
    let made = ask("POST", FLAGS, Some(flag.clone()), 201).json();
    let told =
        |it: &Value| ["name", "type", "description", "impressionData"].map(|name| it[name].clone());
    assert_eq!(told(&made), told(&flag));
    assert_eq!(
        (&made["project"], &made["archived"]),
        (&json!("default"), &json!(false))
    );
    let taken = ask("POST", FLAGS, Some(flag.clone()), 409).json();
    assert!(taken["message"].is_string());
    let unknown = json!({"name": "x", "type": "operational", "description": "d"});
    ask(
        "POST",
        "/api/admin/projects/none/features",
        Some(unknown.clone()),
        403,
    );
    ask("POST", FLAGS, Some(unknown), 201);
    let list = ask("GET", FLAGS, None, 200).json();
    assert_eq!(told(&list["features"][0]), told(&flag));
    let here = format!("{FLAGS}/checkout");
    let strategies = format!("{here}/environments/development/strategies");
    let rollout = json!({
        "name": "flexibleRollout",
        "parameters": {"rollout": "25", "groupId": "checkout", "stickiness": "default"},
        "constraints": [{"contextName": "webVersion", "operator": "SEMVER_GTE", "value": "1.2.0"}],
        "variants": [{"name": "blue", "weight": 1000, "weightType": "variable", "stickiness": "default",
            "payload": {"type": "string", "value": "b"}}],
    });
    let strategy = ask("POST", &strategies, Some(rollout), 200).json();
    assert_eq!(strategy["parameters"]["rollout"], "25");
    let state = ask("GET", &here, None, 200).json();
    let development = &state["environments"][0];
    let current = &development["strategies"][0];
    assert_eq!(
        (&development["name"], &current["id"]),
        (&json!("development"), &strategy["id"])
    );
    let mut parameters = current["parameters"].clone();
    parameters["rollout"] = json!("50");
    let own = format!("{strategies}/{}", strategy["id"].as_str().unwrap());
    let merged = json!({
        "name": current["name"], "title": current["title"], "disabled": current["disabled"],
        "parameters": parameters, "constraints": current["constraints"],
        "variants": current["variants"], "segments": current["segments"],
    });
    let changed = ask("PUT", &own, Some(merged), 200).json();
    for same in ["title", "disabled", "constraints", "variants"] {
        assert_eq!(changed[same], current[same], "{same}");
    }
    assert_eq!(changed["parameters"]["rollout"], "50");
    let switch = |to: &str| format!("{here}/environments/development/{to}");
    let enabled = || ask("GET", &here, None, 200).json()["environments"][0]["enabled"].clone();
    ask("POST", &switch("on"), None, 200);
    assert_eq!(enabled(), true);
    ask("POST", &switch("off"), None, 200);
    assert_eq!(enabled(), false);
    let elsewhere = format!("{here}/environments/none/on");
    ask("POST", &elsewhere, None, 404);
    ask("DELETE", &own, None, 200);
    let state = ask("GET", &here, None, 200).json();
    assert_eq!(state["environments"][0]["strategies"], json!([]));
    ask("DELETE", &here, None, 202);
    let archived = "/api/admin/search/features?project=IS%3Adefault&archived=IS%3Atrue";
    let archived = ask("GET", archived, None, 200).json();
    assert_eq!(archived["features"][0]["name"], "checkout");
    assert_eq!(archived["total"], 1);
}
