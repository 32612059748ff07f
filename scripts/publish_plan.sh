#!/bin/sh
# Tells GitHub of an environment's plan, with GitHub's own command: `gh`, with GH_TOKEN and inside the
# repository's folder.
#
#   publish_plan.sh comment ENVIRONMENT SUMMARY PULL_REQUEST   one comment, updated by every plan
#   publish_plan.sh issue ENVIRONMENT SUMMARY                  one open issue, updated every time
#
# Each finds its own again: a comment by its author and the summary's first line, which readers don't see, an
# issue by its title. Where there is no summary, planning has failed, and that is told.
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

Planning failed, or the plan could not be judged. ${run:-Look at what make plan said.}
EOF
fi

case $kind in
comment)
    of=$4
    marker=$(head -n 1 "$summary")
    # A workflow's own token may not ask who it is.
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
    echo "error: $kind is neither comment nor issue." >&2
    exit 2
    ;;
esac
