//! Drafts of feedback: made of a topic or a gap, their words changed, thrown away. A form is a verb with its options.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{checked, page};
use crate::desk::wall::{self, Role};
use crate::fault::Fault;
use crate::web::App;

/// Where a draft may go, for the choice in a form: `org show`, in the order of the file.
#[derive(Clone, Deserialize)]
pub(super) struct Department {
    pub(super) id: String,
    pub(super) name: String,
}

/// The words on a brief that a form may set, by the options of `feedback new` and `feedback edit`.
const WORDS: [&str; 10] =
    ["title", "ask", "to", "severity", "stage", "owner", "decide-by", "tried", "workaround", "unknown"];

/// The departments that feedback may go to; none for whoever may not make a draft.
pub(super) fn departments(app: &App) -> Result<Vec<Department>, Fault> {
    #[derive(Deserialize)]
    struct Org {
        departments: Vec<Department>,
    }
    let role = app.visitor().role.and_then(|word| Role::from_word(&word)).unwrap_or_default();
    if !wall::open(role, "feedback new") {
        return Ok(Vec::new());
    }
    Ok(app.ask::<Org>(&["org", "show"])?.departments)
}

/// The options that a form sets: those with something in them.
fn options(form: &HashMap<String, String>, known: &[&str]) -> Vec<String> {
    let given = |name: &&str| {
        form.get(*name).filter(|value| !value.trim().is_empty()).map(|value| format!("--{name}={value}"))
    };
    known.iter().filter_map(given).collect()
}

/// A new draft, and its page.
pub(in crate::web) async fn new(
    State(app): State<Arc<App>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    #[derive(Deserialize)]
    struct Made {
        feedback: i64,
    }
    page(app, move |app| {
        checked(app, &form)?;
        let mut call = vec!["feedback".to_owned(), "new".to_owned()];
        call.extend(options(&form, &["topic", "gap"]));
        call.extend(options(&form, &WORDS));
        let made: Made =
            serde_json::from_str(&app.act(true, &call)?.json).map_err(|e| app.misread("feedback new", &e))?;
        Ok(Redirect::to(&format!("/feedback/{}", made.feedback)).into_response())
    })
    .await
}

/// Other words on a draft.
pub(in crate::web) async fn edit(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let mut call = vec!["feedback".to_owned(), "edit".to_owned()];
        call.extend(options(&form, &WORDS));
        if call.len() > 2 {
            call.extend(["--".to_owned(), id.to_string()]);
            app.act(false, &call)?;
        }
        Ok(Redirect::to(&format!("/feedback/{id}")).into_response())
    })
    .await
}

/// A draft is thrown away.
pub(in crate::web) async fn drop(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    page(app, move |app| {
        checked(app, &form)?;
        let call = ["feedback", "drop", "--", &id.to_string()].map(str::to_owned);
        app.act(false, &call)?;
        Ok(Redirect::to("/feedback").into_response())
    })
    .await
}
