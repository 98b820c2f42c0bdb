# Sources, and dropping an export. Where a text is said while something goes on, { $file } and the like are put in by a script.

sources-rests = rests since { $moment }: { $who } said so
sources-reading = being read now
sources-next = next look { $moment }
sources-no-name = the file needs a name
sources-broke-off = the transfer broke off: { $why }
sources-head = Where we listen
sources-sending = { $file }: { $share } % sent ({ $seconds } s) …
sources-sent = { $file }: reading it ({ $seconds } s) …
sources-away = { $file }: the desk did not answer; is it still open?
sources-drop = Drop an export here, or choose one:
sources-drop-how = Slack or Discord export, mbox, Discourse or Zulip archive, Stack Exchange dump, GitHub archive, CSV. The kind is detected; nothing leaves this machine. A git clone or a folder goes in on the command line: { $command }.
sources-scope = It tells about
sources-product = our product
sources-market = the market
sources-activities = Activities
sources-stored = Stored
sources-known = Known
sources-aside = Set aside
sources-newest = Newest
sources-aside-of = Set aside from { $source }
sources-where = Where
sources-why = Why
sources-bytes = Bytes
sources-resume = Resume
sources-pause = Pause
