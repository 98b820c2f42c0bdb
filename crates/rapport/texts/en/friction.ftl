# Friction logs.

friction-head = Friction logs
friction-none = None yet. Somebody tries a task for the first time and writes down each step: the bad ones become evidence.
friction-scenario = Scenario
friction-day = Day
friction-who = Who
friction-steps = Steps
friction-bad = Bad
friction-success = First success
friction-before = Against the last
friction-never = never
friction-new = A new one
friction-new-log = The log, as it was written: a head, then step by step
friction-new-do = Take it in
friction-one = Friction log { $n }
friction-refused = it is not taken in yet: mend these lines first
friction-line = line { $line }: { $says }
friction-steps-of = { $n } steps: { $scenario }
friction-bad-of = { $n } bad steps: { $scenario }
