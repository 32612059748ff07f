#!/bin/sh
# Tells GitHub of a plan, with GitHub's own command: `gh`, with GH_TOKEN and inside the repository's folder.
#
#   publish_plan.sh comment SUMMARY PULL_REQUEST   one comment for each environment, updated by every plan
#   publish_plan.sh issue SUMMARY ENVIRONMENT      one open issue for each environment, updated every time
#
# Each finds its own again: a comment by the summary's first line, which readers don't see, an issue by its
# title. Without a summary, because planning failed, nothing is told: the run's log has the reason.
set -eu

kind=$1 summary=$2 of=$3
if [ ! -s "$summary" ]; then
    echo "error: there is no summary $summary, so GitHub is told of nothing. Look at what make plan said." >&2
    exit 1
fi

case $kind in
comment)
    marker=$(head -n 1 "$summary")
    comment=$(MARKER=$marker gh api --paginate "repos/{owner}/{repo}/issues/$of/comments" \
        --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id' | head -n 1)
    if [ -n "$comment" ]; then
        gh api --silent --method PATCH "repos/{owner}/{repo}/issues/comments/$comment" --field "body=@$summary"
    else
        gh pr comment "$of" --body-file "$summary"
    fi
    ;;
issue)
    title="Drift: $of is not what its configuration says"
    issue=$(TITLE=$title gh issue list --state open --limit 1000 --json number,title \
        --jq '.[] | select(.title == env.TITLE) | .number' | head -n 1)
    if [ -n "$issue" ]; then
        gh issue edit "$issue" --body-file "$summary"
    else
        gh issue create --title "$title" --body-file "$summary"
    fi
    ;;
*)
    echo "error: $kind is neither comment nor issue." >&2
    exit 2
    ;;
esac
