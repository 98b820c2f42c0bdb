//! An invented community: threads with replies that go on being written, edited and deleted.

/// Chance from a seed.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n.max(1)
    }
}

/// One message.
#[derive(Clone, Debug)]
pub struct Post {
    pub id: u64,
    pub author: usize,
    pub text: String,
    /// Seconds.
    pub at: i64,
    pub edited: i64,
    pub deleted: bool,
}

/// One thread: its first post opens it.
#[derive(Clone, Debug)]
pub struct Thread {
    pub number: u64,
    pub title: String,
    pub pull: bool,
    pub posts: Vec<Post>,
    pub closed: Option<i64>,
    /// When it last moved up in its forum: something was said, the last word was edited, it was opened again. Neither a
    /// deletion nor being closed does that.
    pub bumped: i64,
    /// The post that was accepted.
    pub accepted: Option<u64>,
    /// Who reacted to what opens it, and when: no list is moved by that.
    pub liked: Vec<(usize, i64)>,
    /// Its last change of any kind, in seconds.
    pub changed: i64,
}

impl Thread {
    /// It is closed, or opened again.
    pub fn toggle(&mut self, at: i64) {
        if self.closed.is_some() {
            (self.closed, self.bumped) = (None, self.bumped.max(at));
        } else {
            self.closed = Some(at);
        }
        self.changed = self.changed.max(at);
    }
    /// The replies that stand.
    pub fn replies(&self) -> impl Iterator<Item = &Post> {
        self.posts.iter().skip(1).filter(|p| !p.deleted)
    }
}

/// One thing that happened to a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Posted,
    Edited,
    Deleted,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Community {
    pub threads: Vec<Thread>,
    pub random: Random,
    pub next: u64,
    pub people: Vec<&'static str>,
    /// When something was last deleted in a thread, by number: services that tell deletions only in the thread itself.
    pub deletions: u64,
    /// What happened, in order: the post and its moment, for services that tell changes as such.
    pub story: Vec<(Told, u64, i64)>,
    /// What is said stays said: nothing can be edited or deleted after its first hours.
    pub fixed: bool,
    /// Only what opens a thread is edited: where nothing else would tell of it.
    pub openings: bool,
    /// What is said can be deleted, but not edited.
    pub unedited: bool,
}

const PEOPLE: [&str; 12] = [
    "ada-k", "bruno", "chen-l", "dmitri", "esther", "farid", "gwen", "hiro", "ines", "jonas", "kemi",
    "lars-o",
];
const SUBJECTS: [&str; 8] = [
    "Webhook signature never matches on retries",
    "Client hangs when the token expires",
    "Where is the migration guide?",
    "Python types are missing",
    "How do you test a relay locally?",
    "Rate limits are not documented",
    "Retry storm after an outage",
    "Dashboard shows the wrong zone",
];
const WORDS: [&str; 6] = [
    "It happens only behind the proxy, the first attempt is fine.",
    "Same here since the last release.",
    "Does it also happen with a fresh key?",
    "Setting the timeout to 30 s helped us.",
    "The docs say otherwise; which one is right?",
    "Thanks, that was it.",
];

impl Community {
    /// So many threads, the newest ending at `now` (seconds), with about three replies each.
    pub fn new(threads: usize, now: i64, seed: u64) -> Community {
        let mut community = Community {
            threads: Vec::new(),
            random: Random(seed | 1),
            next: 1,
            people: PEOPLE.to_vec(),
            deletions: 0,
            story: Vec::new(),
            fixed: false,
            openings: false,
            unedited: false,
        };
        let start = now - 120 * 86_400;
        let span = 118 * 86_400 / i64::try_from(threads.max(1)).unwrap_or(1);
        for n in 0..threads {
            let at = start + span * i64::try_from(n).unwrap_or(0);
            community.open(at);
            let replies = community.random.below(7);
            for _ in 0..replies {
                let late = i64::try_from(community.random.below(86_400)).unwrap_or(0);
                let number = community.threads.len() - 1;
                let last = community.threads[number].posts.last().map_or(at, |p| p.at);
                community.reply(number, last + late / 6 + 1);
            }
        }
        community.number_by_time();
        community
    }

    /// Ids grow with time in every service: the posts of a made past are numbered anew in the order of their times.
    fn number_by_time(&mut self) {
        let mut all: Vec<(i64, usize, usize)> = Vec::new();
        for (t, thread) in self.threads.iter().enumerate() {
            all.extend(thread.posts.iter().enumerate().map(|(p, post)| (post.at, t, p)));
        }
        all.sort_unstable();
        for (id, (_, t, p)) in all.iter().enumerate() {
            self.threads[*t].posts[*p].id = id as u64 + 1;
        }
        self.story = all.iter().zip(1..).map(|((at, _, _), id)| (Told::Posted, id, *at)).collect();
        for thread in &mut self.threads {
            let solved = thread.number.is_multiple_of(4) && thread.posts.len() > 2;
            thread.accepted = solved.then(|| thread.posts[1].id);
        }
        self.next = all.len() as u64 + 1;
    }

    pub fn open(&mut self, at: i64) -> usize {
        let number = self.threads.len() as u64 + 1;
        let title = format!("{} ({number})", SUBJECTS[usize::try_from(self.random.below(8)).unwrap_or(0)]);
        let post = self.post(at);
        let pull = number.is_multiple_of(5);
        self.threads.push(Thread {
            number,
            title,
            pull,
            posts: vec![post],
            closed: None,
            bumped: at,
            accepted: None,
            liked: Vec::new(),
            changed: at,
        });
        self.threads.len() - 1
    }

    fn post(&mut self, at: i64) -> Post {
        let author = usize::try_from(self.random.below(PEOPLE.len() as u64)).unwrap_or(0);
        let word = WORDS[usize::try_from(self.random.below(6)).unwrap_or(0)];
        let id = self.next;
        self.next += 1;
        self.story.push((Told::Posted, id, at));
        Post { id, author, text: format!("{word} (message {id})"), at, edited: at, deleted: false }
    }

    pub fn reply(&mut self, thread: usize, at: i64) {
        let post = self.post(at);
        self.threads[thread].changed = self.threads[thread].changed.max(at);
        self.threads[thread].bumped = self.threads[thread].bumped.max(at);
        self.threads[thread].posts.push(post);
    }

    /// One thing happens: mostly a reply, sometimes a new thread, an edit, a deletion, a closing. `now` in milliseconds.
    pub fn change(&mut self, now: i64) {
        let at = now / 1000;
        let thread = usize::try_from(self.random.below(self.threads.len() as u64)).unwrap_or(0);
        match self.random.below(if self.fixed { 7 } else { 10 }) {
            0..=4 => self.reply(thread, at),
            5 | 6 => {
                self.open(at);
            }
            7 if !self.unedited => self.edit(thread, at),
            8 => self.delete(thread, at),
            _ => {
                self.threads[thread].toggle(at);
            }
        }
    }

    pub fn edit(&mut self, thread: usize, at: i64) {
        let t = &mut self.threads[thread];
        let openings = self.openings;
        let first = t.posts[0].id;
        let wanted = |p: &&mut Post| !p.deleted && (!openings || p.id == first);
        let Some(post) = t.posts.iter_mut().rev().find(wanted) else { return };
        post.edited = at;
        post.text.push_str(" Edited: it is the second header.");
        let id = post.id;
        t.changed = t.changed.max(at);
        // Of those that stand, the last one is edited, unless only openings are.
        t.bumped = t.bumped.max(if openings { 0 } else { at });
        self.story.push((Told::Edited, id, at));
    }

    pub fn delete(&mut self, thread: usize, at: i64) {
        let t = &mut self.threads[thread];
        let Some(post) = t.posts.iter_mut().skip(1).rev().find(|p| !p.deleted) else { return };
        if t.accepted == Some(post.id) {
            return;
        }
        post.deleted = true;
        let id = post.id;
        t.changed = t.changed.max(at);
        self.story.push((Told::Deleted, id, at));
        self.deletions += 1;
    }

    /// Somebody takes a message out, whichever it is: nothing else of its thread tells of it.
    pub fn remove(&mut self, thread: usize, post: usize) {
        self.threads[thread].posts[post].deleted = true;
        self.deletions += 1;
    }

    /// And puts it back as it was.
    pub fn restore(&mut self, thread: usize, post: usize) {
        self.threads[thread].posts[post].deleted = false;
    }

    /// All messages that stand.
    pub fn standing(&self) -> usize {
        self.threads.iter().map(|t| 1 + t.replies().count()).sum()
    }
}
