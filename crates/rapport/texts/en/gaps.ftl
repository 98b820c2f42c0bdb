# Gaps, and how their intervals read.

gaps-none = No gap speaks beyond chance
gaps-none-says = In each topic, needs that stay unmet were compared with all other topics: none differs more than chance allows. What keeps coming back all the same is under { $topics }, who waits under { $today }.
    .topics = Topics
    .today = Today
gaps-head = Where needs stay unmet beyond chance
gaps-legend = dot: the ratio; bar: its 95 % interval; dashed: 1, as often as elsewhere. The scale goes from an eighth on the left to eight times on the right; a bar that does not reach the dashed line differs from elsewhere, as far as this topic alone can tell; q judges all together.
gaps-for = { $kind } for { $department }.
gaps-why = { $kind } for { $department }: { $why }.
gaps-people = { $people }, { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}; mostly { $need }.
    .people = { $n } of { $of } people
gaps-people-wait = { $people }, { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}; mostly { $need }; those who wait have waited { $span } at the median.
    .people = { $n } of { $of } people
gaps-evidence = Evidence ({ $links ->
    [one] { $links } link
   *[other] { $links } links
}, { $threads ->
    [one] { $threads } thread
   *[other] { $threads } threads
})
gaps-inside = Bring it inside
gaps-figures = { $ratio } times as often as elsewhere (95 % interval { $low } to { $high }), { $q }
