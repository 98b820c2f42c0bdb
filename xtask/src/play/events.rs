//! Events: the newest threads of the community as if each were a meeting, in a calendar, a programme and a list; one that
//! is closed was taken out.

use serde_json::{Value, json};

use super::{Request, Response, Stage, stamp};

pub fn answer(stage: &Stage, request: &Request) -> Response {
    let newest = || stage.community.threads.iter().rev().filter(|t| t.closed.is_none()).take(40);
    let day = |second: i64| stamp(second).get(..10).unwrap_or_default().to_owned();
    match (stage.service, request.bare()) {
        ("ical", "/calendar.ics") => {
            let mut body =
                String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tidewater//Relay//EN\r\n");
            for t in newest() {
                let first = &t.posts[0];
                let at = stamp(first.at).replace(['-', ':'], "");
                let state = if first.deleted { "CANCELLED" } else { "CONFIRMED" };
                body.push_str(&format!(
                    "BEGIN:VEVENT\r\nUID:{}@tidewater.example\r\nDTSTAMP:{at}\r\nDTSTART:{at}\r\nSEQUENCE:{}\r\nSTATUS:{state}\r\n\
                     SUMMARY:{}\r\nORGANIZER;CN=Somebody:mailto:somebody@tidewater.example\r\nEND:VEVENT\r\n",
                    t.number, first.edited - first.at, t.title
                ));
            }
            body.push_str("END:VCALENDAR\r\n");
            Response { status: 200, body: body.into_bytes(), ..Response::default() }
        }
        ("sessionize", "/api/v2/tide2026/view/All") => {
            let sessions = newest().map(|t| {
                let first = &t.posts[0];
                let ends = stamp(first.at + 1_800).trim_end_matches('Z').to_owned();
                json!({"id": t.number.to_string(), "title": t.title, "description": first.text, "startsAt": stamp(first.at).trim_end_matches('Z'),
                    "endsAt": ends, "isServiceSession": false, "isPlenumSession": false, "speakers": ["s-1"], "categoryItems": [],
                    "questionAnswers": [], "roomId": 1, "liveUrl": null, "recordingUrl": null, "status": "Accepted"})
            });
            let rooms = json!([{"id": 1, "name": "Quay", "sort": 0}]);
            let all: Vec<Value> = sessions.collect();
            Response::json(
                &json!({"sessions": all, "speakers": [{"id": "s-1", "fullName": "Somebody"}], "questions": [], "categories": [], "rooms": rooms}),
            )
        }
        ("conferences", "/conferences/2026/relay.json") => {
            let list = newest().map(|t| {
                let at = t.posts[0].at;
                json!({"name": t.title, "url": format!("https://events.tidewater.example/{}", t.number), "startDate": day(at), "endDate": day(at),
                    "city": format!("Port {}", t.number), "country": "Nowhere", "online": false, "cfpUrl": "https://events.tidewater.example/call", "cfpEndDate": day(at - 86_400 * 30)})
            });
            Response::json(&list.collect::<Vec<_>>().into())
        }
        _ => Response { status: 404, ..Response::default() },
    }
}
