# Ce qui s’écrit autrement au Québec : pas d’espace avant le point-virgule. Le reste vient de fr.ftl.

portal-codes-hint = Les codes de facturation répartissent le coût des conférences; ils ne modifient jamais un montant.
portal-revise-hint = Le relevé envoyé reste tel quel. Une nouvelle version avec les codes actuels le remplace et est envoyée; elle énumère ces lignes.
