//! The stage behind a socket: one service a folder (`/github`, `/discourse`, ...), as slow and broken as it is told to be.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Request, Response, Stage};

/// A server that runs until the process ends.
pub struct Server {
    pub address: String,
    pub stages: Arc<Mutex<Vec<Stage>>>,
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(0)
}

impl Server {
    /// Opens a port (0: any) and plays.
    pub fn start(port: u16, mut stages: Vec<Stage>) -> std::io::Result<Server> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = format!("http://{}", listener.local_addr()?);
        for stage in &mut stages {
            stage.base = format!("{address}/{}", stage.service);
        }
        let stages = Arc::new(Mutex::new(stages));
        let shared = Arc::clone(&stages);
        let open = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, open) = (Arc::clone(&shared), Arc::clone(&open));
                std::thread::spawn(move || {
                    let _ = serve(&stream, &shared, &open); // a client that hangs up is no fault
                });
            }
        });
        Ok(Server { address, stages })
    }

    /// What the client did wrong, over all services.
    pub fn failures(&self) -> Vec<String> {
        let stages = self.stages.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        stages.iter().flat_map(|s| s.failures.iter().map(|f| format!("{}: {f}", s.service))).collect()
    }
}

fn serve(stream: &TcpStream, stages: &Mutex<Vec<Stage>>, open: &AtomicUsize) -> std::io::Result<()> {
    // Head and body go out apart: without this each reply waits 40 ms for the other side's word.
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let parallel = open.fetch_add(1, Ordering::SeqCst) > 0;
        let response = answer(stages, &method, &path, headers, body, parallel);
        let done = send(&mut writer, &response);
        open.fetch_sub(1, Ordering::SeqCst);
        done?;
        if response.cut.is_some() {
            return Ok(()); // hangs up in the middle
        }
    }
}

fn answer(
    stages: &Mutex<Vec<Stage>>,
    method: &str,
    path: &str,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
    parallel: bool,
) -> Response {
    let mut stages = stages.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or("").to_owned();
    if folder == "_asked" {
        let counts = stages.iter().map(|s| (s.service.to_owned(), s.asked.into()));
        return Response::json(&serde_json::Value::Object(counts.collect()));
    }
    if let Some(told) = asides(&mut stages, path) {
        return told;
    }
    // GitLab's clients know it at the root of a host only.
    let (folder, path) = if folder == "api" {
        ("gitlab".to_owned(), format!("/gitlab{path}"))
    } else {
        (folder, path.to_owned())
    };
    let Some(stage) = stages.iter_mut().find(|s| s.service == folder) else {
        return Response { status: 404, ..Response::default() };
    };
    if parallel {
        stage.failures.push(format!("two requests at once: {path}"));
    }
    let path = path.get(folder.len() + 1..).unwrap_or("").to_owned();
    // Stack Exchange packs everything, asked to or not.
    let packs = folder == "stackexchange";
    if packs && !headers.get("accept-encoding").is_some_and(|forms| forms.contains("gzip")) {
        stage.failures.push(format!("gzip is not read there: {path}"));
    }
    let response = stage.answer(&Request { method: method.to_owned(), path, headers, body }, now());
    if packs { packed(response) } else { response }
}

fn packed(mut response: Response) -> Response {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    if packer.write_all(&response.body).is_ok()
        && let Ok(body) = packer.finish()
    {
        response.cut = response.cut.map(|_| body.len() / 2);
        response.body = body;
        response.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    }
    response
}

/// What whoever measures wants of a service: `/_change/github?n=120&at=SECONDS` lets a day of so many changes end then,
/// `/_state/github` tells every message: what it says, whether it opens a thread, whether it was deleted. `/_log/github` tells every request with its moment in milliseconds.
fn asides(stages: &mut [Stage], path: &str) -> Option<Response> {
    let request = Request { path: path.to_owned(), ..Request::default() };
    let (what, service) = request.bare().trim_start_matches("/_").split_once('/')?;
    if !path.starts_with("/_") {
        return None;
    }
    let stage = stages.iter_mut().find(|s| s.service == service)?;
    if what == "log" {
        return Some(Response::json(&serde_json::json!(stage.log)));
    }
    let community = &mut stage.community;
    if what == "change" {
        let end = i64::try_from(request.number("at")?).ok()? * 1000;
        for n in 0..i64::try_from(request.number("n")?).ok()? {
            community.change(end - n * 600_000);
        }
    }
    let told = community.threads.iter().flat_map(|t| {
        let first = t.posts[0].id;
        t.posts.iter().map(move |p| serde_json::json!([p.text, p.id == first, p.deleted]))
    });
    Some(Response::json(&told.collect::<Vec<_>>().into()))
}

fn send(writer: &mut impl Write, response: &Response) -> std::io::Result<()> {
    let mut head =
        format!("HTTP/1.1 {} played\r\ncontent-length: {}\r\n", response.status, response.body.len());
    for (name, value) in &response.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    writer.write_all(format!("{head}\r\n").as_bytes())?;
    writer.flush()?;
    std::thread::sleep(Duration::from_millis(response.slow));
    let whole = response.cut.unwrap_or(response.body.len()).min(response.body.len());
    writer.write_all(&response.body[..whole])?;
    writer.flush()
}
