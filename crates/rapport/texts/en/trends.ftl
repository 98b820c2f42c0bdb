# Trends, and how their intervals read.

trends-weeks = Weeks
trends-expected = Expected
trends-ratio = Ratio
trends-interval = 95 % interval
trends-q = q
trends-evidence = Evidence
trends-meanwhile = meanwhile: { $what }
trends-spark = people per week
trends-people-of = { $n ->
    [one] { $n } person
   *[other] { $n } people
}: the threads of { $label }
trends-people-kind = { $n ->
    [one] { $n } person
   *[other] { $n } people
}: the threads of kind { $label }
trends-nothing = Nothing changed more than chance explains
trends-head = What changed more than chance explains
trends-by = By
trends-how = Distinct people of the last four weeks against the half year before, measured against all who asked; q is the false discovery rate.
trends-legend = dot: the ratio; bar: its 95 % interval; dashed: 1, as many as before. The scale goes from an eighth on the left to eight times on the right; a bar that does not reach the dashed line changed, as far as this topic alone can tell; q judges all together.
trends-steady = Steady ({ $n })
trends-silent = { $n } more: not enough people to say.
trends-from-to = { $low } to { $high }
