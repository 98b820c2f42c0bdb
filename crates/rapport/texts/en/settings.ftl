# Settings, and the log of who did what.

settings-title = Settings
settings-log = Who did what
settings-log-by = By
settings-log-everybody = everybody
settings-log-what = What
settings-log-everything = everything
settings-log-none = Nothing was done yet. Claims, corrections, deliveries and settings will stand here.
settings-log-none-so = Nothing of that sort. { $all }
    .all = Everything
settings-log-lines = { $n ->
    [one] { $n } line
   *[other] { $n } lines
}, the newest first: what was done, by numbers rather than names.
settings-log-when = When
settings-log-who = Who
settings-log-of = Of what
settings-log-newer = Newer
settings-log-older = Older
settings-alone = Open on this machine alone, for whoever sits at it. For others: { $command }; then everybody logs in.
settings-shared = Everybody logs in with a password; a provider of your own is the part { $part } of { $file }.
settings-shared-provider = Everybody logs in, with a password or at { $provider }.
settings-no-account = No account yet. The first one makes it possible to open the desk to others.
settings-account = Account
settings-role = Role
settings-since = Since
settings-act = Act
settings-made = { $day }, by { $who }
settings-remove = Remove
settings-make = Make an account, or set its role and password anew
settings-password = Password
settings-keep = Keep
settings-roles = practitioner and head see people and change things; product, marketing, engineering and viewer read, with pseudonyms; steward decides on applications, too; sales sees counts and topics.
settings-inside = Inside now
settings-send-out = Send out
settings-sessions = A session ends twelve hours after its last use, and with every restart.
settings-listening-how = { $sources } shows each with its limits, its next look, and a button to let it rest. How often is the part { $part } of { $file }.
    .sources = Sources
settings-hooks-how = A service tells at once what was said. Each hook is on when its secret is set, in the environment of { $command } or in { $file }, and off when it is taken out: secrets are never typed into a page.
settings-hook = Hook
settings-state = State
settings-address = Address
settings-how = How
settings-hook-taken = { $taken } taken, { $refused } refused; last { $day }
settings-hook-on = on, nothing came yet
settings-hook-off = off
settings-hook-set = Set up
settings-hook-secret = Make a secret: { $command }. Keep it as { $name }; two with a space between while one is changed for another.
settings-hook-revoke = To revoke it, take { $name } out and start again.
settings-feeds-how = A key opens the feeds of the digest and of who waits in a feed reader, with what its account may see.
settings-key-made = { $key } It is shown this once:
    .key = Key { $n } for { $account }.
settings-key = Key { $n } of { $account }
settings-key-since = since { $day }, by { $who }
settings-revoke = Revoke
settings-revoke-which = key { $n }
settings-no-key = No key yet.
settings-key-account = A key belongs to an account: make one above.
settings-key-for = For
settings-key-make = Make a key
settings-needs = A thread asks for one of { $kinds }.
settings-learned-nothing = Nothing was learned here yet: { $command } learns from your labels and corrections.
settings-learned = Learned from
settings-learned-of = { $n ->
    [one] { $n } text
   *[other] { $n } texts
} of { $source }
settings-promised = An answer is promised within { $within ->
    [one] { $within } working day
   *[other] { $within } working days
}; after { $stale ->
    [one] { $stale } day
   *[other] { $stale } days
} a need is stale ({ $part }).
settings-area = Area
settings-area-words = Told by
settings-from = From
settings-area-change = Changed in
settings-examples = { $n ->
    [one] { $n } example
   *[other] { $n } examples
}
settings-forgotten = Forgotten
settings-forgotten-how = { $n }; what they write later counts and says nothing
settings-quoted = Quoted by name
settings-quoted-how = { $yes } said yes, { $no } no; all others: no
settings-written = Written to
settings-written-how = { $yes } said yes, { $no } no; all others: one by one, on a person’s word
settings-introduced = Introduced
settings-introduced-how = { $yes } said yes, { $no } no; all others: no. { $ask }
    .ask = Ask for an introduction
settings-kept = Kept for
settings-kept-how = until somebody asks or removes the folder: nothing expires by itself. On each person’s page: what is held, and forgetting
settings-file = { $file }. Change the line and save; { $command } after a change of { $part }.
settings-file-none = { $file } is not there, so the defaults hold. { $command } writes one.
settings-values = Every value that holds
settings-value-key = Key
settings-value = Value
settings-value-about = What it means
settings-data = Data folder
settings-backup = Last backup
settings-backup-by = { $day } by { $who }: { $what }
settings-backup-none = none was made from here
settings-backup-make = Make one
settings-files = What lies in it
settings-file-head = File
settings-size = Size
settings-what = What
settings-people = Who uses the desk
settings-listening = Listening
settings-hooks = Webhooks
settings-feeds = Feeds
settings-areas = Areas and needs
settings-privacy = Privacy
settings-folder = Folder and backup
settings-line = line { $n }
settings-the-file = the file
settings-default = default
settings-no-act = the settings have no such act
settings-no-act-next = back to the settings
