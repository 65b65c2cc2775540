# The words of the online consultation in German.

portal-name = Kontoinformationen online
portal-skip = Zum Inhalt
portal-way = Sie sind hier
portal-to-start = Zur Startseite

## The mini-guide's own words

portal-account-summary = Kontoübersicht
portal-conference-list = Konferenzliste
portal-room-display = Angezeigte Konferenzräume
portal-active-rooms = Genutzte Konferenzräume
portal-all-rooms = Alle Konferenzräume
portal-not-invoiced = Noch nicht abgerechnet
portal-since = Seit { $date }
portal-accumulated-short = Gesamtdauer
portal-download = Herunterladen

## Lists

portal-as-of = Stand { $time }
portal-behind = neuere Nutzung wird gerade hinzugerechnet
portal-statement-revision = Nutzungsübersicht, Fassung { $number }
portal-closed-empty = Ohne Nutzung abgeschlossen
portal-being-checked = Wird geprüft
portal-checked-hint = Die Zahlen dieses Monats werden noch geprüft und erscheinen anschließend hier.
portal-show = Anzeigen
portal-nothing-found = Keine Treffer. Ändern Sie Ihre Suche oder lassen Sie das Feld leer.
portal-rows = Zeilen { $first } bis { $last } von { $all }
portal-pages = Seiten
portal-previous = Zurück
portal-next = Weiter
portal-participants-erased = Die Verbindungsdaten dieser Konferenz sind nicht mehr vollständig gespeichert.
portal-statements = Nutzungsübersichten
portal-replaced = ersetzt
portal-no-statements = Es gibt noch keine Nutzungsübersicht.
portal-your-accounts = Ihre Kundenkonten und Konferenzräume
portal-no-places = Für Ihre Adresse ist derzeit weder ein Kundenkonto noch ein Konferenzraum eingetragen.

## Signing in

portal-about = Hier sehen Sie, wie Sie unseren Audiokonferenzdienst genutzt haben: im laufenden Monat und in den Monaten davor.
portal-sign-in = Anmelden
portal-sign-out = Abmelden
portal-number = Nummer des Kundenkontos oder Konferenzraums
portal-number-hint = Mit der Nummer des Kundenkontos sehen Sie alle Konferenzräume, mit der eines Konferenzraums nur diesen.
portal-email = Benutzername (Ihre E-Mail-Adresse)
portal-password = Passwort
portal-forgotten = Noch kein Passwort oder Passwort vergessen?
portal-forgotten-title = Passwort festlegen
portal-forgotten-hint = Wenn die Adresse für dieses Kundenkonto oder diesen Konferenzraum eingetragen ist, senden wir Ihnen einen Link, mit dem Sie ein Passwort festlegen können.
portal-send-link = Link senden
portal-new-password = Neues Passwort
portal-current-password = Aktuelles Passwort
portal-change-password = Passwort ändern
portal-set-password = Passwort speichern
portal-password-hint = Mindestens { $shortest } Zeichen. Einige Wörter, die nur Sie so kombinieren würden, lassen sich leicht merken.
portal-me = Ihr Profil
portal-sessions = Wo Sie angemeldet sind
portal-this-session = dieser Browser
portal-session-times = seit { $started }, zuletzt aktiv { $seen }
portal-end-session = Dort abmelden
portal-end-sessions = Alle anderen abmelden

## Messages

portal-wrong = Nummer, Benutzername oder Passwort ist nicht korrekt.
portal-too-often = Zu viele Versuche. Bitte warten Sie einige Minuten und versuchen Sie es noch einmal.
portal-busy = Zurzeit melden sich sehr viele Personen an.
portal-signed-out = Sie sind abgemeldet.
portal-link-sent = Bitte sehen Sie in Ihrem Postfach nach.
portal-link-sent-hint = Wenn die Adresse für dieses Kundenkonto oder diesen Konferenzraum eingetragen ist, ist eine Nachricht mit einem Link unterwegs.
portal-link-used = Dieser Link wurde bereits verwendet oder ist abgelaufen. Bitte fordern Sie einen neuen an.
portal-password-wrong = Das aktuelle Passwort ist nicht korrekt.
portal-password-short = Dieses Passwort ist zu kurz.
portal-password-long = Dieses Passwort ist zu lang: höchstens 128 Zeichen.
portal-password-weak = Dieses Passwort ist leicht zu erraten. Bitte wählen Sie ein anderes.
portal-password-set = Das Passwort ist gespeichert.
portal-sessions-ended = Die Sitzung wurde beendet.
portal-not-found = Diese Seite gibt es nicht.
portal-not-found-hint = Vielleicht wurde sie verschoben, oder Sie haben keinen Zugriff darauf.
portal-not-allowed = Diese Adresse nimmt Anfragen dieser Art nicht an.
portal-too-large = Die Anfrage ist zu groß.
portal-foreign = Dieses Formular kam von einer anderen Website und wurde nicht angenommen.
portal-broken = Bei uns ist ein Fehler aufgetreten.
portal-unavailable = Der Dienst ist ausgelastet.
portal-try-again = Bitte versuchen Sie es in Kürze noch einmal.

## Abrechnungscodes

portal-save = Speichern
portal-undo = Rückgängig machen
portal-back = Zurück zur Liste
portal-try-again-button = Noch einmal versuchen
portal-codes = Abrechnungscodes
portal-code-any = Alle
portal-code-none = Kein Code
portal-code-own = der Code der Verbindung
portal-code-give = Abrechnungscode zuweisen
portal-code-hint = Leer lassen, um den Code zu entfernen.
portal-code-selected = Den ausgewählten zuweisen
portal-code-all = Allen aufgelisteten zuweisen ({ $count })
portal-code-tick = Auswählen:
portal-code-tick-all = Alle auf dieser Seite auswählen
portal-code-given = Konferenzen, die jetzt den Code { $code } haben: { $count }.
portal-code-taken = Konferenzen, deren Code entfernt wurde: { $count }.
portal-code-back = Konferenzen, die wieder ihren früheren Code haben: { $count }.
portal-code-left = Inzwischen von jemandem geändert und so belassen: { $count }.
portal-code-nothing = Es gab nichts zu ändern.
portal-code-then = auf der Abrechnung: { $code }
portal-code-on-statement = Code auf der Abrechnung
portal-on-statement = Auf der Abrechnung
portal-code-now = Code jetzt
portal-code-history = Änderungen des Codes
portal-code-others = Weitere Codes ({ $count })
portal-code-undone = (rückgängig gemacht)
portal-code-lacking = { $count } von { $all } Konferenzen haben keinen Abrechnungscode.
portal-code-not-changed = Der Code wurde nicht geändert
portal-code-overtaken = Jemand anderes hat diese Konferenzen geändert, seit Sie sie gesehen haben. Es wurde nichts geändert: Sehen Sie sich die Liste noch einmal an.
portal-codes-overtaken = Jemand anderes hat die Liste inzwischen geändert. Ihre wurde nicht gespeichert: So steht sie jetzt.
portal-code-busy = Dieses Kundenkonto wird gerade bearbeitet, zum Beispiel sein Monat abgeschlossen. Es wurde nichts geändert: Versuchen Sie es gleich noch einmal.
portal-code-not-listed = Die Liste der Abrechnungscodes enthält diesen Code nicht.
portal-code-almost = Es gibt schon einen Code { $code }, der fast gleich geschrieben wird. Welchen meinen Sie?
portal-code-use = Nehmen:
portal-code-locked = Codes eines abgeschlossenen Monats können nicht geändert werden.
portal-code-too-old = Diese Konferenz liegt zu weit zurück: Ihr Code kann nicht mehr geändert werden.
portal-code-owners-only = Bei diesem Kundenkonto weist nur der Inhaber Abrechnungscodes zu.
portal-code-too-many = Das sind zu viele Konferenzen auf einmal: Schränken Sie die Suche ein.
portal-code-none-chosen = Es wurde keine Konferenz ausgewählt.
portal-code-bad = Das kann kein Abrechnungscode sein: { $code }
portal-codes-hint = Abrechnungscodes verteilen die Kosten der Konferenzen; Beträge ändern sie nie.
portal-codes-policy = Welche Codes zugewiesen werden können
portal-codes-free = Beliebige Codes
portal-codes-listed = Nur Codes der Liste
portal-codes-list = Liste der Codes
portal-codes-list-hint = Ein Code pro Zeile. Ein Code, der nicht mehr in der Liste steht, bleibt, wo er zugewiesen wurde.
portal-codes-required = Auf Konferenzen ohne Code hinweisen
portal-codes-cardholders = Moderatoren dürfen den Konferenzen ihrer Räume Codes zuweisen
portal-codes-saved = Die Liste ist gespeichert.
portal-codes-changed = Abrechnungscodes wurden seitdem geändert
portal-revise = Berichtigte Abrechnung ausstellen
portal-revise-hint = Die versandte Abrechnung bleibt, wie sie ist. Eine neue Fassung mit den jetzigen Codes tritt an ihre Stelle und wird versandt; sie führt diese Zeilen auf.
portal-revise-charge = Gesamtbetrag vorher: { $before }, danach: { $after }.
portal-revise-more = Weitere Zeilen: { $count }
portal-revise-asked = Die berichtigte Abrechnung wird erstellt. Sie steht gleich in der Liste.
portal-revise-soon = Eine berichtigte Abrechnung dieses Monats wurde vor weniger als einer Stunde erstellt. Bitte versuchen Sie es später.
portal-revise-nothing = Eine berichtigte Abrechnung würde dasselbe zeigen.
portal-revise-blocked = Die Abrechnung kann zurzeit nicht berichtigt werden. Bitte wenden Sie sich an uns.

## Zweiter Faktor

portal-second-factor = Zweiter Faktor
portal-second-factor-hint = Neben dem Passwort wird beim Anmelden ein Code aus einer App verlangt. Das Passwort allein genügt dann nicht.
portal-second-factor-set = Einrichten oder entfernen
portal-second-factor-on = Einrichten
portal-second-factor-off = Entfernen
portal-second-factor-app = Fügen Sie dieses Konto einer Authenticator-App hinzu und geben Sie dann den angezeigten Code ein.
portal-second-factor-open = In der App auf diesem Gerät öffnen
portal-second-factor-key = Schlüssel zum Eintippen auf einem anderen Gerät:
portal-second-factor-confirm = Bestätigen
portal-second-factor-is-on = Der zweite Faktor ist eingerichtet.
portal-recovery-hint = Bewahren Sie diese Codes sicher auf: Jeder ersetzt einmal die App. Sie werden nur jetzt angezeigt.
portal-recovery-left = Verbleibende Ersatzcodes: { $count }
portal-one-time-code = Code der App
portal-code-ask = Geben Sie den Code Ihrer App ein, oder einen Ihrer Ersatzcodes.
portal-code-wrong = Dieser Code stimmt nicht oder wurde schon benutzt. Warten Sie auf den nächsten.

## Mail

portal-mail-invite-subject = Ihr Zugang zu den Kontoinformationen von { $brand }
portal-mail-invite-intro = { $brand } hat Ihnen Zugang zu den Online-Kontoinformationen für die Nummer { $number } gegeben. Dort sehen Sie Monat für Monat Ihre Konferenzen und was sie kosten.
portal-mail-invite-action = Passwort festlegen
portal-mail-invite-ignore = Wenn Sie diese Nachricht nicht erwartet haben, können Sie sie ignorieren.
portal-mail-forgotten-subject = Neues Passwort: { $brand }
portal-mail-forgotten-intro = für die Online-Kontoinformationen zur Nummer { $number } wurde ein neues Passwort angefordert.
portal-mail-forgotten-action = Neues Passwort festlegen
portal-mail-forgotten-ignore = Wenn die Anfrage nicht von Ihnen stammt, können Sie diese Nachricht ignorieren: Ihr Passwort bleibt unverändert.
portal-mail-changed-subject = Ihr Passwort wurde geändert: { $brand }
portal-mail-changed-intro = das Passwort für Ihre Online-Kontoinformationen wurde soeben geändert, und alle Browser wurden abgemeldet.
portal-mail-changed-action = Anderes Passwort festlegen
portal-mail-changed-ignore = Wenn die Änderung nicht von Ihnen stammt, legen Sie bitte sofort ein anderes Passwort fest und verständigen Sie uns.
portal-mail-valid = Der Link kann bis { $until } einmal verwendet werden.
portal-mail-online = Diesen Monat online ansehen
