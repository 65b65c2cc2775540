# Ce qui s’écrit autrement au Québec : pas d’espace avant le point-virgule. Le reste vient de fr.ftl.

changed-total = Le total était de { $before }; il est maintenant de { $after } ({ $difference }).
changed-nothing = Tous les chiffres sont ceux de la version { $number }; seule la présentation est nouvelle.
base-tariff-notice = Les montants affichés sont calculés à partir de votre tarif de base. Si vous avez des coûts supplémentaires liés à des conditions spécifiques de votre contrat, telles que l’accès international ou les services événementiels, ces frais ne sont pas calculés ici; les montants peuvent donc différer de ceux de votre facture.
mail-corrected = Ceci est la version { $number }; elle remplace celle envoyée auparavant.
chart-more = { $list }; { $next }
for-assistance-write = Vous pouvez nous écrire à l’adresse { $email }
