//! A real Mailman 3 with its archive (`HyperKitty`), for as long as a test needs it: the list takes a mail in by its own
//! runners, one after the other, and hands it to the archive as it does anywhere.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::listserver::{done, free_port, up};

pub(crate) const LIST: &str = "relay-users@example.org";
const PACKAGES: &str =
    "HyperKitty==1.3.12 mailman==3.3.10 mailman-hyperkitty==1.2.1 mailmanclient==3.3.5 Django==5.0.14";

const SETTINGS: &str = "
import os
BASE = os.environ['LIST_BASE']
SECRET_KEY = 'invented'
ALLOWED_HOSTS = ['127.0.0.1']
SITE_ID = 1
INSTALLED_APPS = ['hyperkitty', 'django_mailman3', 'django.contrib.admin', 'django.contrib.auth',
    'django.contrib.contenttypes', 'django.contrib.sessions', 'django.contrib.sites', 'django.contrib.messages',
    'django.contrib.staticfiles', 'rest_framework', 'django_gravatar', 'compressor', 'haystack', 'django_extensions',
    'django_q', 'allauth', 'allauth.account', 'allauth.socialaccount']
MIDDLEWARE = ['django.contrib.sessions.middleware.SessionMiddleware', 'django.middleware.common.CommonMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware', 'django.contrib.messages.middleware.MessageMiddleware',
    'allauth.account.middleware.AccountMiddleware', 'django_mailman3.middleware.TimezoneMiddleware']
ROOT_URLCONF = 'places'
TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'APP_DIRS': True, 'OPTIONS': {
    'context_processors': ['django.template.context_processors.request', 'django.contrib.auth.context_processors.auth',
    'django.contrib.messages.context_processors.messages', 'django.template.context_processors.static']}}]
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(BASE, 'archive.sqlite')}}
MAILMAN_REST_API_URL = 'http://127.0.0.1:1'
MAILMAN_REST_API_USER = MAILMAN_REST_API_PASS = 'nobody'
MAILMAN_ARCHIVER_KEY = 'invented'
MAILMAN_ARCHIVER_FROM = ('127.0.0.1',)
HAYSTACK_CONNECTIONS = {'default': {'ENGINE': 'haystack.backends.simple_backend.SimpleEngine'}}
Q_CLUSTER = {'sync': True, 'orm': 'default', 'timeout': 60, 'retry': 90}
USE_TZ = True
TIME_ZONE = 'UTC'
STATIC_URL = '/static/'
STATIC_ROOT = os.path.join(BASE, 'static')
DEFAULT_AUTO_FIELD = 'django.db.models.AutoField'
";

const PLACES: &str = "
from django.urls import include, path
urlpatterns = [path('archives/', include('hyperkitty.urls')),
    path('user-profile/', include('django_mailman3.urls')), path('accounts/', include('allauth.urls'))]
";

/// The list and its archive.
pub(crate) struct Mailman {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    archive: Option<Child>,
}

impl Mailman {
    /// With an archive of these mails.
    pub(crate) fn start(mbox: &str) -> Option<Mailman> {
        let programs = crate::tools::python("mailman-venv", PACKAGES)?.canonicalize().unwrap();
        let (folder, port) = (tempfile::TempDir::new().unwrap(), free_port());
        let mut mailman = Mailman { folder, programs, port, archive: None };
        let at = mailman.folder.path().to_owned();
        let write = |name: &str, text: &str| std::fs::write(at.join(name), text).unwrap();
        write("archive.py", SETTINGS);
        write("places.py", PLACES);
        write("old.mbox", mbox);
        write("members", "Ada <ada@example.org>\nBruno <bruno@example.org>\n");
        write(
            "archiver.cfg",
            &format!("[general]\nbase_url: http://127.0.0.1:{port}/archives/\napi_key: invented\n"),
        );
        write("mailman.cfg", &config(&at, &mailman.programs));
        std::fs::create_dir(at.join("var")).unwrap();
        mailman.django(&["migrate", "-v0"]);
        mailman.django(&["hyperkitty_import", "-v0", "-l", LIST, "old.mbox"]);
        let mut serve = mailman.command("django-admin");
        serve.args(["runserver", "--noreload", &format!("127.0.0.1:{port}")]);
        mailman.archive = Some(serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        up(port);
        mailman.core(&["create", LIST]);
        mailman.core(&["addmembers", "-d", "disabled", "members", LIST]);
        Some(mailman)
    }

    /// `http://127.0.0.1:PORT/archives/list/LIST/`
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/archives/list/{LIST}/", self.port)
    }

    /// Somebody writes to the list: it is taken in, goes through the rules, and into the archive.
    pub(crate) fn deliver(&self, mail: &str) {
        std::fs::write(self.folder.path().join("in.eml"), mail).unwrap();
        self.core(&["inject", "-f", "in.eml", LIST]);
        for queue in ["in", "pipeline", "archive"] {
            let config = self.folder.path().join("mailman.cfg");
            done(self.command("runner").arg("-C").arg(config).args(["-r", queue, "-o"]), "");
        }
    }

    /// The list's owner takes a mail out of the archive.
    pub(crate) fn take_out(&self, id: &str) {
        let script =
            format!("from hyperkitty.models import Email; Email.objects.get(message_id='{id}').delete()");
        self.django(&["shell", "-c", &script]);
    }

    fn command(&self, program: &str) -> Command {
        let at = self.folder.path();
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(at).env("HOME", at).env("LIST_BASE", at).env("PYTHONPATH", at);
        command.env("DJANGO_SETTINGS_MODULE", "archive").env("MAILMAN_CONFIG_FILE", at.join("mailman.cfg"));
        // Its archive stands on this machine, whatever leads out of it.
        command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
        command
    }

    fn django(&self, words: &[&str]) -> Output {
        done(self.command("django-admin").args(words), "")
    }

    fn core(&self, words: &[&str]) -> Output {
        done(self.command("mailman").arg("--run-as-root").args(words), "")
    }
}

fn config(at: &Path, programs: &Path) -> String {
    let (at, programs) = (at.display(), programs.display());
    format!(
        "[mailman]
site_owner: owner@example.org
layout: here
[paths.here]
var_dir: {at}/var
bin_dir: {programs}
[mta]
incoming: mailman.mta.null.NullMTA
smtp_port: 1
[archiver.hyperkitty]
class: mailman_hyperkitty.Archiver
enable: yes
configuration: {at}/archiver.cfg
[archiver.prototype]
enable: no
"
    )
}

impl Drop for Mailman {
    fn drop(&mut self) {
        if let Some(archive) = &mut self.archive {
            let _ = archive.kill(); // it may be gone already
            let _ = archive.wait();
        }
    }
}
