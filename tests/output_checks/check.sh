#!/bin/sh
# Has checkers that are not ours look at real statements, and exits with 1 if one of them finds a fault.
#
#   tests/output_checks/check.sh            the gallery: many statements made by `cargo test gallery`
#   tests/output_checks/check.sh DIR…       further folders as well, such as that of `statementd demo --dir DIR`
#
# Widths: every page and mail in every language and region, with very large amounts and long names (`widths.js`).
# Pages: the Nu checker, axe-core in Chromium (light, dark, phone, desktop), requests to the outside, script errors.
# Online: `demo --serve` by keyboard alone and without scripts, then each of its pages like the pages above (`online.js`).
# Staff: a daemon with much to tell (`staff.py`), each of its pages likewise (`staff.js`).
# Workbooks: the Open XML SDK's validator, Excel's own rules, openpyxl for the types of cells, LibreOffice for every
# formula against its stored result and account.json. Mails: SpamAssassin's local rules, Python's MIME parser.
# On Debian it installs what it needs: as root through apt, else it names what is missing. Tools of npm and PyPI go to
# target/output_checks.
set -eu
cd "$(dirname "$0")/../.."
work=$PWD/target/output_checks
mkdir -p "$work"

need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ]; then
        apt-get install -y --no-install-recommends "$2" >"$work/apt.log" 2>&1 && return
    fi
    echo "check.sh needs $1: apt-get install $2" >&2
    exit 2
}
need chromium chromium
need java default-jre-headless
need soffice libreoffice-calc-nogui
need spamassassin spamassassin
need npm npm
need python3 python3-venv

cp tests/output_checks/package.json "$work/"
[ -d "$work/node_modules/axe-core" ] || npm --prefix "$work" install --no-audit --no-fund --silent
[ -x "$work/python/bin/python" ] || { python3 -m venv "$work/python" && "$work/python/bin/pip" install --quiet openpyxl==3.1.5; }
python="$work/python/bin/python"

rm -rf "$work/gallery"
STATEMENTD_GALLERY="$work/gallery" cargo test --quiet --lib gallery -- --ignored
rm -rf "$work/wide"
STATEMENTD_WIDE="$work/wide" cargo test --quiet --lib wide -- --ignored

failed=0
attempt() { # attempt NAME COMMAND…
    name=$1
    shift
    if "$@"; then echo "ok    $name"; else
        echo "FAULT $name"
        failed=1
    fi
}
find "$work/gallery" "$@" -name '*.html' | sort >"$work/pages"
# Other languages and currencies change a room's workbook no more than the account's.
find "$work/gallery" "$@" -name '*.xlsx' | grep -vE '/gallery/(..-..|yen|.*dinar|callers-.*|room-of-20)/rooms/' | sort >"$work/workbooks"

nu() { xargs -n 200 java -Xss4m -jar "$work/node_modules/vnu-jar/build/dist/vnu.jar" --errors-only --no-langdetect <"$work/pages"; }
attempt "pages: valid HTML ($(wc -l <"$work/pages") files)" nu
attempt "pages: accessible, self-contained, without script errors" env NODE_PATH="$work/node_modules" node tests/output_checks/pages.js "$work/pages"
attempt "pages and mails: nothing cut off at 320, 400 and 1280 pixels in any language" env NODE_PATH="$work/node_modules" node tests/output_checks/widths.js "$work/wide"
online() {
    rm -rf "$work/online"
    mkdir -p "$work/online/pages"
    cargo run --quiet -- demo --dir "$work/online/demo" --serve --listen 127.0.0.1:0 >"$work/online/printed" &
    demo=$!
    for _ in $(seq 100); do
        grep -q '^Ctrl-C' "$work/online/printed" && break
        sleep 0.3
    done
    owner=$(sed -n 's/^602127  *//p' "$work/online/printed")
    # shellcheck disable=SC2086 # Address and password are two words.
    NODE_PATH="$work/node_modules" node tests/output_checks/online.js \
        "$(sed -n 's,^\(http://.*\)/sign-in$,\1,p' "$work/online/printed")" 602127 $owner "$work/online/pages" "$work/online/demo/mail"
    result=$?
    kill -TERM "$demo"
    wait "$demo" || true
    return $result
}
attempt "online: every step by keyboard, every page accessible, small and true to its policy" online
find "$work/online/pages" -name '*.html' >"$work/pages"
attempt "online: valid HTML ($(wc -l <"$work/pages") pages)" nu
staff() {
    rm -rf "$work/staff"
    mkdir -p "$work/staff/pages"
    mkfifo "$work/staff/end"
    python3 tests/output_checks/staff.py target/debug/statementd "$work/staff/demo" 18674 >"$work/staff/printed" <"$work/staff/end" &
    site=$!
    exec 3>"$work/staff/end"
    for _ in $(seq 600); do
        grep -q /staff/link/ "$work/staff/printed" && break
        sleep 0.3
    done
    # shellcheck disable=SC2046 # The address and the link are two words.
    NODE_PATH="$work/node_modules" node tests/output_checks/staff.js $(cat "$work/staff/printed") "$work/staff/pages"
    result=$?
    exec 3>&-
    wait "$site" || true
    return $result
}
attempt "staff: the way in by keyboard, every page accessible, small and true to its policy" staff
find "$work/staff/pages" -name '*.html' >"$work/pages"
attempt "staff: valid HTML ($(wc -l <"$work/pages") pages)" nu
attempt "workbooks: valid Office Open XML ($(wc -l <"$work/workbooks") files)" env WORK="$work" sh tests/output_checks/ooxml.sh "$work/workbooks"
attempt "workbooks: types, rules, formulas" "$python" tests/output_checks/workbooks.py "$work/workbooks" "$work/recalculated"
attempt "mails: parsed, and no spam" "$python" tests/output_checks/mails.py "$work/gallery" "$@"
exit $failed
