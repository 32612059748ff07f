"""The grader: takes a submission from the queue, runs it, and writes its two results."""
