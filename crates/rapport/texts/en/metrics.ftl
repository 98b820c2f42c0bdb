# Metrics.

metrics-none = Nothing in this period.
metrics-more = { $n } more
metrics-rows-of = { $n } { $what } of { $of }: the rows
metrics-more-json = and { $n } more: JSON has all
metrics-metric = Metric
metrics-period = Period
metrics-with-rows = with its rows
metrics-alone-of = { $name } alone, with its rows
metrics-alone = With its rows
metrics-all = All metrics
metrics-as = { $name } as { $format }
metrics-which = which metric?
metrics-which-next = /metrics has them all
metrics-behind = { $n } { $n ->
    [one] row
   *[other] rows
} behind “{ $what }” of { $name }
metrics-behind-not = the role { $role } sees numbers, not the rows behind them
metrics-took = took
