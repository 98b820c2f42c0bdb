//! A feed: the openings of the newest threads, as a blog would announce them; one that is closed was taken back.

use super::{Request, Response, Stage, stamp};

pub fn answer(stage: &Stage, request: &Request) -> Response {
    if request.bare() != "/feed.xml" {
        return Response { status: 404, ..Response::default() };
    }
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Tidewater Relay</title>\
         <link rel=\"self\" href=\"https://blog.tidewater.example/feed.xml\"/>\n",
    );
    for t in stage.community.threads.iter().rev().filter(|t| t.closed.is_none()).take(40) {
        let first = &t.posts[0];
        body.push_str(&format!(
            "<entry><id>tag:{}</id><title>{}</title><link href=\"https://blog.tidewater.example/{}\"/><published>{}</published>\
             <updated>{}</updated><author><name>{}</name></author><content type=\"html\">&lt;p&gt;{}&lt;/p&gt;</content></entry>\n",
            t.number, t.title, t.number, stamp(first.at), stamp(first.edited), stage.community.people[first.author], first.text
        ));
    }
    body.push_str("</feed>\n");
    Response { status: 200, body: body.into_bytes(), ..Response::default() }
}
