# Was man in der Schweiz anders schreibt; alles andere steht in de.ftl.

mail-greeting = Guten Tag { $name }
mail-greeting-plain = Guten Tag
mail-intro-account = Hier ist die Nutzungsübersicht Ihrer Audiokonferenzen ({ $company }) für { $period }.
mail-intro-room = Hier ist die Nutzungsübersicht Ihres Konferenzraums { $room } für { $period }.
mail-linked = Die Nutzungsübersicht ist zu gross, um sie dieser Nachricht beizufügen. Sie können sie bis zum { $expires } hier herunterladen:
mail-on-request = Die Nutzungsübersicht ist zu gross, um sie dieser Nachricht beizufügen. Bitte fordern Sie sie bei uns an.
changes-in-workbook = { $count ->
    [one] Eine weitere geänderte Zeile steht in der Excel-Datei, Blatt «{ $sheet }».
   *[other] { $shown } weitere geänderte Zeilen stehen in der Excel-Datei, Blatt «{ $sheet }».
}
