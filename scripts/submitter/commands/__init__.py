"""The commands of `submitter`, one module each: options in, a report and an exit code out."""
