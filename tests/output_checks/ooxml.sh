#!/bin/sh
# ooxml.sh LIST: validates every workbook named in LIST against the Open XML SDK's rules.
set -eu
status=0
while read -r workbook; do
    "$WORK/node_modules/.bin/ooxml-validator" "$workbook" >"$WORK/ooxml.json" 2>&1 </dev/null || true
    if ! grep -q '"ok": true' "$WORK/ooxml.json"; then
        echo "$workbook"
        cat "$WORK/ooxml.json"
        status=1
    fi
done <"$1"
exit $status
