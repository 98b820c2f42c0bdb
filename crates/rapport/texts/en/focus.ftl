# The focus map.

focus-share = of the plan
focus-head = { $n ->
    [one] { $n } topic is
   *[other] { $n } topics are
} both needed and wanted
focus-none = Nothing is both needed and wanted
focus-how = To the right: more people need it (half a year). Upwards: a heavier priority of the employer. The numbers are those of the lists.
focus-no-priority = No priority is declared: { $part } in the { $file } says what the employer wants.
    .file = organisation’s file
focus-nothing = There is nothing to draw: { $topics } come from what people ask, priorities from the organisation’s file. { $organisation } says what is there.
    .topics = topics
    .organisation = The organisation
focus-says = { $both ->
    [one] { $both } topic is
   *[other] { $both } topics are
} needed and wanted, { $needed } only needed, { $wanted ->
    [one] { $wanted } priority
   *[other] { $wanted } priorities
} only wanted; the lists below name them by number.
focus-right = more people need it →
focus-up = the employer wants it →
focus-both = needed and wanted: the plan
focus-needed = needed, and no priority
focus-wanted = wanted, and nobody asks
focus-both-head = Needed and wanted: the plan, with its share
focus-needed-head = Needed, and no priority
focus-wanted-head = Wanted, and nobody asks
focus-more = and { $n } that fewer people need: { $all }
    .all = all topics
focus-not-now = Priorities that do not hold today: { $priorities }
focus-again = The same with other weeks, or without a priority
