#!/bin/sh
# Writes an environment's plan to GitHub with `gh`, which needs GH_TOKEN and the repository's folder.
#
#   publish_plan.sh comment ENVIRONMENT SUMMARY PULL_REQUEST   one comment, updated by every plan
#   publish_plan.sh issue ENVIRONMENT SUMMARY                  one open issue, updated every time
#
# It finds the comment by its author and the summary's first line, which readers don't see, and the issue by its
# title. Without a summary it reports that planning failed.
set -eu

kind=$1 environment=$2 summary=$3

if [ ! -s "$summary" ]; then
    failure=$(mktemp)
    trap 'rm -f "$failure"' EXIT
    summary=$failure
    run=${GITHUB_RUN_ID:+"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"}
    cat >"$summary" <<EOF
<!-- submitter plan: $environment -->

### Plan for \`$environment\`: there is none

Planning failed, or the guard could not judge the plan. ${run:-Read the output of make plan.}
EOF
fi

case $kind in
comment)
    of=$4
    marker=$(head -n 1 "$summary")
    # A workflow's token has no right to read its user.
    author=$(gh api user --jq .login 2>/dev/null) || author='github-actions[bot]'
    comment=$(MARKER=$marker AUTHOR=$author gh api --paginate "repos/{owner}/{repo}/issues/$of/comments" \
        --jq '.[] | select(.user.login == env.AUTHOR and (.body | startswith(env.MARKER))) | .id' | head -n 1)
    if [ -n "$comment" ]; then
        gh api --silent --method PATCH "repos/{owner}/{repo}/issues/comments/$comment" --field "body=@$summary"
    else
        gh pr comment "$of" --body-file "$summary"
    fi
    ;;
issue)
    # Don't change the title: an open issue with another one would not be found.
    title="Drift: $environment is not what its configuration says"
    issue=$(TITLE=$title gh issue list --state open --limit 1000 --json number,title \
        --jq '.[] | select(.title == env.TITLE) | .number' | head -n 1)
    if [ -n "$issue" ]; then
        gh issue edit "$issue" --body-file "$summary"
    else
        gh issue create --title "$title" --body-file "$summary"
    fi
    ;;
*)
    echo "error: $kind is neither comment nor issue. Run: make comment, or make drift-issue" >&2
    exit 2
    ;;
esac
