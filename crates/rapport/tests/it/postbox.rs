//! A real mail server (aiosmtpd, in a Python environment of its own), for as long as a test needs it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const WANTED: &str = "aiosmtpd==1.4.6";

pub(crate) struct Postbox {
    pub(crate) server: String,
    folder: tempfile::TempDir,
    child: Child,
}

impl Postbox {
    pub(crate) fn new(mode: &str) -> Option<Postbox> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/smtp.py");
        let folder = tempfile::TempDir::new().unwrap();
        let mut child = Command::new(crate::tools::python("mail-venv", WANTED)?.join("python"))
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
