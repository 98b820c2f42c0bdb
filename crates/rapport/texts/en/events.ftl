# What calendars, programmes and lists of conferences announce.

events-head = Events
events-none = Nothing is announced here in these days.
events-none-next = A calendar (.ics), a Sessionize programme or a list of conferences is a source like any other: { $command }
events-sources = Sources
events-calls = Calls for papers that are open
events-calls-none = None ends within a year.
events-until = Ends
events-call = the call
events-when = When
events-what = Event
events-where = Where
events-told = Told by
events-off = called off
events-series = a series
events-days = Days
events-past = What was
events-every = every source
events-show = Show
