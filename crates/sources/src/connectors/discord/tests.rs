//! Discord messages, as the exporter writes them.

use super::*;

fn server(kind: &str, id: &str) -> Channel {
    let head = format!(
        r#"{{"guild":{{"id":"500","name":"Relay"}},"channel":{{"id":"{id}","type":"{kind}","category":"help","name":"retries"}},"dateRange":{{"after":null}},"messages":["#
    );
    channel(head.as_bytes()).unwrap()
}

fn read(channel: &Channel, opens: bool, message: &str) -> Vec<Activity> {
    let server = Server { place: Place::new("discord"), guild: "500".to_owned() };
    server.message(channel, opens, message.as_bytes()).unwrap().activities
}

const REPLY: &str = r#"{"id":"31","type":"Reply","timestamp":"2026-03-01T10:00:00.5+00:00","timestampEdited":"2026-03-01T11:00:00+00:00","content":"try <@7>","author":{"id":"8","name":"ben","discriminator":"0000","nickname":"Ben I.","isBot":false,"roles":[{"name":"Team"}]},"mentions":[{"id":"7","name":"ida"}],"attachments":[{"fileName":"log.txt"}],"reactions":[{"emoji":{"code":"tada"},"count":2,"users":[{"id":"7","name":"ida"}]},{"emoji":{"name":"eyes"},"count":3}],"reference":{"messageId":"30","channelId":"9"}}"#;

#[test]
fn a_reply_goes_where_the_message_goes_that_it_answers() {
    let found = read(&server("GuildTextChat", "9"), false, REPLY);
    let said = &found[0];
    assert_eq!((said.act, &said.thread), (Act::Replied, &ThreadRef::Of(key_of("30"))));
    assert_eq!(said.text, "try @ida\n[file: log.txt]");
    assert_eq!(said.url.as_deref(), Some("https://discord.com/channels/500/9/31"));
    assert_eq!(said.updated.unwrap().to_string(), "2026-03-01T11:00:00Z");
    let who = said.who.as_ref().unwrap();
    assert_eq!(
        (who.shown(), who.handle.as_deref(), who.title.as_deref()),
        ("Ben I.", Some("ben"), Some("Team"))
    );
    let reacted: Vec<_> = found[1..].iter().map(|a| (a.key.as_str(), a.detail.as_deref())).collect();
    assert_eq!(reacted, [("message/31/r/tada/7", Some("tada")), ("message/31/r/eyes", Some("eyes x3"))]);
    let forwarded = read(&server("GuildTextChat", "10"), false, REPLY);
    assert_eq!((forwarded[0].act, &forwarded[0].thread), (Act::Opened, &ThreadRef::Key(key_of("31"))));
}

#[test]
fn a_thread_joins_the_message_it_began_with() {
    let thread = server("GuildPublicThread", "30");
    let starter = r#"{"id":"40","type":"21","timestamp":"2026-03-01T10:00:00Z","content":"","reference":{"messageId":"30","channelId":"9"}}"#;
    assert!(read(&thread, true, starter).is_empty());
    let found = read(&thread, false, REPLY);
    assert_eq!((found[0].act, &found[0].thread), (Act::Replied, &ThreadRef::Key(key_of("30"))));
    let facts = found[0].facts.as_ref().unwrap();
    assert_eq!((facts.title.as_deref(), facts.container.as_deref()), (Some("retries"), Some("#help")));
    let post = r#"{"id":"30","type":"Default","timestamp":"2026-03-01T10:00:00Z","content":"","author":{"id":"456226577798135808","name":"Deleted User"},"embeds":[{"title":"T","description":"D"}]}"#;
    let found = read(&thread, false, post);
    assert_eq!((found[0].act, found[0].who.is_none(), found[0].text.as_str()), (Act::Opened, true, "T\nD"));
}

#[test]
fn joins_are_no_conversation_and_private_channels_stay_out() {
    let joined = r#"{"id":"41","type":"GuildMemberJoin","timestamp":"2026-03-01T10:00:00Z","content":"Joined.","author":{"id":"8","name":"ben"}}"#;
    let found = read(&server("GuildTextChat", "9"), true, joined);
    assert_eq!((found[0].act, &found[0].thread), (Act::Joined, &ThreadRef::None));
    for kind in ["DirectTextChat", "DirectGroupTextChat", "GuildPrivateThread"] {
        assert!(server(kind, "9").is_private());
    }
}
