# Lengths of time, dates and sizes.

unit-scale-minute = 1 min
unit-scale-hour = 1 h
unit-scale-day = 1 d
unit-scale-week = 1 wk
unit-scale-month = 30 d
unit-scale-year = 1 yr
unit-seconds = { $s } s
unit-minutes = { $m } min
unit-hours = { $h } h
unit-hours-minutes = { $h } h { $m } min
unit-days = { $d } d
unit-days-hours = { $d } d { $h } h
unit-years = { $y ->
    [one] { $y } year
   *[other] { $y } years
}
unit-moment = { $day } { $date } { $time } UTC
unit-day-1 = Mon
unit-day-2 = Tue
unit-day-3 = Wed
unit-day-4 = Thu
unit-day-5 = Fri
unit-day-6 = Sat
unit-day-7 = Sun
unit-bytes = { $n } B
unit-kilobytes = { $n } kB
unit-megabytes = { $n } MB
unit-gigabytes = { $n } GB
unit-ago = { $span } ago
unit-now = just now
