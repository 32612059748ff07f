"""What a run is worth: problems and events as objects, verdicts, scores, and the two results.

Standard library only, no input or output: callers read and write the bucket, and run programs. It
shares one name with the sandbox: how a run ended.
"""
