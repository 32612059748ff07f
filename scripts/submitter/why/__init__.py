"""`submitter why`.

``gathering`` reads the bucket's versions, the function's log, the two failure queues and the
results into ``evidence``; ``trail`` is the part about one folder, ``diagnosis`` says where it
stopped, ``story`` makes the report, and ``view`` shows it.
"""
