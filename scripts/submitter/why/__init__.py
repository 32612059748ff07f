"""`submitter why`: everything known about one submission.

What is known of a submission lies in five places: the bucket's versions, the function's log, the
two failure queues and the results. ``gathering`` reads them into ``evidence``; ``trail`` puts what
is about one folder together, ``diagnosis`` finds where it ends, ``story`` tells it, and
``rendering`` shows it to a person.
"""
