//! What we ask GitHub, and what the played service answers, held against GitHub's own published descriptions: the OpenAPI
//! document of its REST API and its GraphQL schema (npm `@octokit/openapi`, `@octokit/graphql-schema`).

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::npm;
use crate::played::{Log, NOW, Played, none, settle};

#[test]
fn what_is_asked_of_github_and_what_is_played_is_as_published() {
    let packages = [
        ("@octokit/graphql-schema", "15.26.1"),
        ("graphql", "16.15.0"),
        ("ajv", "8.17.1"),
        ("ajv-formats", "3.0.1"),
    ];
    let Some(modules) = npm::installed("shapes", &packages) else { return };
    let openapi = npm::file("shapes", "@octokit/openapi", "23.0.2", "generated/api.github.com.json");
    let played = Played::new("github", 260, 31);
    *played.talk.borrow_mut() = Some(Vec::new());
    {
        let stage = &mut *played.stage.borrow_mut();
        stage.token = Some("t0ken".to_owned());
        for t in &mut stage.community.threads {
            t.liked = (0..usize::try_from(t.number % 3).unwrap()).map(|by| (by, NOW / 1_000)).collect();
        }
    }
    let mut log = Log::default();
    settle(&played, &mut log, Some("t0ken"));
    // A day later: only what changed, a deleted comment, the pages in turns.
    for n in 0..30 {
        played.stage.borrow_mut().community.change(NOW + n * 60_000);
    }
    played.stage.borrow_mut().community.delete(10, NOW / 1_000 + 5_000);
    for _ in 0..3 {
        played.time.set(played.time.get() + 86_400_000);
        settle(&played, &mut log, Some("t0ken"));
    }
    none(&played, "github");
    let talk = played.talk.take().unwrap();
    let lines = talk.iter().map(|(ask, reply)| {
        let body = String::from_utf8_lossy(&reply.body);
        json!({ "url": ask.url, "post": ask.post, "status": reply.status, "body": body }).to_string()
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines.collect::<Vec<_>>().join("\n")).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/shapes.mjs");
    let done = Command::new("node").arg(script).args([&modules, &openapi]).arg(file.path()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(said["wrong"], json!([]), "{} in all", said["all"]);
    let met: Vec<&String> = said["seen"].as_object().unwrap().keys().collect();
    let repo = |rest: &str| format!("/repos/{{owner}}/{{repo}}/{rest}");
    let mut wanted = [
        repo("issues"),
        repo("issues/comments"),
        repo("issues/{issue_number}/comments"),
        repo("pulls/comments"),
        repo("releases"),
        "graphql discussions".to_owned(),
        "graphql pullRequests".to_owned(),
        "graphql issues".to_owned(),
    ];
    wanted.sort();
    let mut met = met;
    met.sort();
    assert_eq!(met, wanted.iter().collect::<Vec<_>>());
}
