#!/bin/sh
# Node on a host of its own: see isolated.sh.
exec sh "$(dirname "$0")/isolated.sh" -- "$TSBOX_TEST_NODE" "$@"
