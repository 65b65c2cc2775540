# Was man in der Schweiz anders schreibt; alles andere steht in de.ftl.

portal-too-large = Die Anfrage ist zu gross.
portal-mail-forgotten-intro = Für die Online-Kontoinformationen zur Nummer { $number } wurde ein neues Passwort angefordert.
portal-mail-changed-intro = Das Passwort für Ihre Online-Kontoinformationen wurde soeben geändert, und alle Browser wurden abgemeldet.
