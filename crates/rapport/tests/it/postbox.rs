//! A real mail server (aiosmtpd, in a Python environment of its own), for as long as a test needs it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

const WANTED: &str = "aiosmtpd==1.4.6";

pub(crate) struct Postbox {
    pub(crate) server: String,
    folder: tempfile::TempDir,
    child: Child,
}

/// The environment with the server; none where there is no Python or no way to get it.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = PYTHON.get_or_init(|| {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
        let venv = target.join("mail-venv");
        let python = venv.join("bin/python");
        let works = |python: &Path| {
            Command::new(python).args(["-c", "import aiosmtpd"]).output().is_ok_and(|o| o.status.success())
        };
        if !works(&python) {
            let run = |command: &mut Command| command.output().is_ok_and(|o| o.status.success());
            let ready = run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
                && run(Command::new(&python).args(["-m", "pip", "install", "-q", WANTED]));
            if !ready || !works(&python) {
                return None;
            }
        }
        Some(python)
    });
    if made.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "python3 with venv and {WANTED} is missing");
        println!("skipped: no {WANTED} here");
    }
    made.as_deref()
}

impl Postbox {
    pub(crate) fn new(mode: &str) -> Option<Postbox> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/smtp.py");
        let folder = tempfile::TempDir::new().unwrap();
        let mut child = Command::new(python()?)
            .arg(script)
            .args([folder.path().as_os_str(), mode.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Some(Postbox { server: format!("127.0.0.1:{}", port.trim()), folder, child })
    }

    /// The mails it took, as they came over the wire, in order.
    pub(crate) fn mails(&self) -> Vec<String> {
        let path = |n: usize| self.folder.path().join(format!("{n}.eml"));
        (0..).map(path).take_while(|p| p.exists()).map(|p| std::fs::read_to_string(p).unwrap()).collect()
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
