# The words of the online consultation in German.

portal-name = Kontoinformationen online
portal-skip = Zum Inhalt
portal-way = Wo Sie sind
portal-to-start = Zur ersten Seite

## The mini-guide's own words

portal-account-summary = Kontoübersicht
portal-conference-list = Konferenzliste
portal-room-display = Angezeigte Räume
portal-active-rooms = Genutzte Räume
portal-all-rooms = Alle Räume
portal-not-invoiced = Nicht abgerechnet
portal-since = Seit { $date }
portal-accumulated-short = Gesamtzeit
portal-download = Herunterladen

## Lists

portal-as-of = Stand { $time }
portal-statement-revision = Abrechnung, Revision { $number }
portal-closed-empty = Ohne Nutzung abgeschlossen
portal-being-checked = Wird geprüft
portal-checked-hint = Die Zahlen dieses Monats werden geprüft. Danach stehen sie hier.
portal-show = Anzeigen
portal-nothing-found = Nichts gefunden. Suchen Sie etwas anderes, oder lassen Sie die Suche leer.
portal-rows = Zeilen { $first } bis { $last } von { $all }
portal-pages = Seiten
portal-previous = Zurück
portal-next = Weiter
portal-unknown-caller = nicht übermittelt
portal-participants-erased = Die Verbindungen dieser Konferenz sind nicht mehr vollständig gespeichert.
portal-statements = Abrechnungen
portal-replaced = ersetzt
portal-no-statements = Es gibt noch keine Abrechnung.
portal-your-accounts = Ihre Konten und Räume
portal-no-places = Für Ihre Adresse ist derzeit weder ein Konto noch ein Raum eingetragen.

## Signing in

portal-about = Hier sehen Sie Ihre Nutzung unseres Telefonkonferenzdienstes: den laufenden Monat und die Monate davor.
portal-sign-in = Anmelden
portal-sign-out = Abmelden
portal-number = Konto- oder Raumnummer
portal-number-hint = Die Kontonummer zeigt alle Räume des Kontos, die Raumnummer diesen Raum.
portal-email = Benutzername (Ihre E-Mail-Adresse)
portal-password = Passwort
portal-forgotten = Noch kein Passwort, oder vergessen?
portal-forgotten-title = Passwort festlegen
portal-forgotten-hint = Wir senden Ihnen einen Link, mit dem Sie ein Passwort festlegen können, wenn die Adresse für dieses Konto oder diesen Raum eingetragen ist.
portal-send-link = Link senden
portal-new-password = Neues Passwort
portal-current-password = Jetziges Passwort
portal-change-password = Passwort ändern
portal-set-password = Passwort speichern
portal-password-hint = Mindestens { $shortest } Zeichen. Einige Wörter, die nur für Sie zusammengehören, merken sich leicht.
portal-me = Sie
portal-sessions = Wo Sie angemeldet sind
portal-this-session = dieser Browser
portal-session-times = seit { $started }, zuletzt benutzt { $seen }
portal-end-session = Dort abmelden
portal-end-sessions = Überall sonst abmelden

## Messages

portal-wrong = Nummer, Benutzername oder Passwort stimmt nicht.
portal-too-often = Zu viele Versuche. Bitte warten Sie einige Minuten und versuchen Sie es noch einmal.
portal-busy = Gerade melden sich viele an.
portal-signed-out = Sie sind abgemeldet.
portal-link-sent = Bitte sehen Sie in Ihr Postfach.
portal-link-sent-hint = Wenn die Adresse für dieses Konto oder diesen Raum eingetragen ist, ist eine Nachricht mit einem Link unterwegs.
portal-link-used = Dieser Link wurde schon benutzt oder gilt nicht mehr. Bitte fordern Sie einen neuen an.
portal-password-wrong = Das jetzige Passwort stimmt nicht.
portal-password-short = Dieses Passwort ist zu kurz.
portal-password-long = Dieses Passwort ist zu lang: höchstens 128 Zeichen.
portal-password-weak = Dieses Passwort ist leicht zu erraten. Bitte wählen Sie ein anderes.
portal-password-set = Das Passwort ist gespeichert.
portal-sessions-ended = Dort abgemeldet.
portal-not-found = Diese Seite gibt es nicht.
portal-not-found-hint = Vielleicht wurde sie verschoben, oder sie ist nicht für Sie bestimmt.
portal-not-allowed = Diese Adresse nimmt solche Anfragen nicht an.
portal-too-large = Das war zu viel auf einmal.
portal-foreign = Dieses Formular kam von einer anderen Website und wurde nicht angenommen.
portal-broken = Bei uns ist etwas schiefgegangen.
portal-unavailable = Der Dienst ist ausgelastet.
portal-try-again = Bitte versuchen Sie es gleich noch einmal.

## Mail

portal-mail-invite-subject = Ihr Zugang zu den Kontoinformationen von { $brand }
portal-mail-invite-intro = { $brand } hat Ihnen die Kontoinformationen online für die Nummer { $number } geöffnet. Dort sehen Sie Ihre Konferenzen und was sie kosten, Monat für Monat.
portal-mail-invite-action = Passwort festlegen
portal-mail-invite-ignore = Wenn Sie diese Nachricht nicht erwartet haben, brauchen Sie nichts zu tun.
portal-mail-forgotten-subject = Neues Passwort: { $brand }
portal-mail-forgotten-intro = für die Kontoinformationen online, Nummer { $number }, wurde ein neues Passwort angefordert.
portal-mail-forgotten-action = Neues Passwort festlegen
portal-mail-forgotten-ignore = Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.
portal-mail-changed-subject = Ihr Passwort wurde geändert: { $brand }
portal-mail-changed-intro = das Passwort Ihres Zugangs zu den Kontoinformationen wurde soeben geändert, und alle Browser wurden abgemeldet.
portal-mail-changed-action = Anderes Passwort festlegen
portal-mail-changed-ignore = Wenn Sie das nicht waren, legen Sie sofort ein anderes Passwort fest und sagen Sie es uns.
portal-mail-valid = Der Link gilt einmal, bis { $until }.
portal-mail-online = Diesen Monat online ansehen
