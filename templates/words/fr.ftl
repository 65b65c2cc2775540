# Les mots d'un relevé en français. Les chiffres arrivent mis en forme ($shown) ; $count ne choisit que le pluriel.

## Ce que c'est

account-statement = Relevé de consommation du compte
room-statement = Relevé de consommation de la salle
document-title-account = Relevé { $period } – compte { $account }
document-title-room = Relevé { $period } – salle { $room }
skip-to-content = Aller au relevé
revision = Version { $number }

## Les mots du mini-guide

account-number = Numéro de compte
company-name = Société
billing-period = Période de facturation
room-number = Numéro de salle
cardholder = Animateur
auto-billing-code = Code de facturation automatique
accumulated-time = Durée cumulée
charge = Montant
total = Total
unallocated = Non attribué

## Colonnes

date = Date
start-time = Heure
quantity = Participants
service-type = Type de service
billing-code = Code de facturation
length = Durée
caller = Appelant
caller-unknown = numéro masqué
joined = Arrivée
left = Départ
duration = Durée
month = Mois
conferences = Conférences
participants = Participants

## Feuilles et colonnes du classeur qui ne sont pas sur les pages

sheet-summary = Récapitulatif
sheet-billing-codes = Codes de facturation
sheet-changes = Modifications
sheet-trend = Évolution
conference-id = Identifiant de conférence
conference-length = Durée de la conférence
late-month = Consommation de
charge-before = Montant précédent

## Nombres

count-conferences = { $count ->
    [one] { $shown } conférence
   *[other] { $shown } conférences
}
count-participants = { $count ->
    [one] { $shown } participant
   *[other] { $shown } participants
}
count-rooms = { $count ->
    [one] { $shown } salle
   *[other] { $shown } salles
}
count-idle-rooms = { $count ->
    [one] { $shown } salle sans consommation
   *[other] { $shown } salles sans consommation
}

## Parties

total-charge = Montant total
what-it-is-made-of = Répartition du montant
by-service-type = Par type de service
by-billing-code = Par code de facturation
month-by-month = Mois par mois
chart-charge = Montant par mois
chart-time = Durée cumulée par mois
chart-point = { $month } – { $figure }
chart-more = { $list } ; { $next }
compared-more = { $difference } de plus qu’en { $period }
compared-less = { $difference } de moins qu’en { $period }
compared-same = autant qu’en { $period }
rooms = Salles
show-all-rooms = Afficher les autres salles
times-are-in = Fuseau horaire : { $zone }.
no-usage = Aucune conférence ce mois-ci.
participants-in-workbook = Les participants figurent dans le classeur Excel.
conferences-in-workbook = Les conférences figurent dans le classeur Excel.
participants-on-request = Les participants sont trop nombreux pour figurer ici. Nous vous en enverrons la liste sur simple demande.
conferences-on-request = Les conférences sont trop nombreuses pour figurer ici. Nous vous en enverrons la liste sur simple demande.

## Corrections

late-from = tardive, { $period }
late-note = { $count ->
    [one] { $shown } ligne correspond à une consommation tardive : ses données nous sont parvenues après la clôture du mois concerné ({ $charge }). Elle est signalée dans le relevé.
   *[other] { $shown } lignes correspondent à des consommations tardives : leurs données nous sont parvenues après la clôture du mois concerné ({ $charge } au total). Elles sont signalées dans le relevé.
}
what-changed = Ce qui a changé depuis la version { $number }
changed-total = Le total était de { $before } ; il est maintenant de { $after } ({ $difference }).
changed-nothing = Tous les chiffres sont ceux de la version { $number } ; seule la présentation est nouvelle.
changed-nothing-here = Les chiffres de cette salle sont ceux de la version { $number }.
change = Changement
before = Avant
after = Après
difference = Différence
added = ajoutée
removed = retirée
corrected = corrigée
changes-in-workbook = { $count ->
    [one] Une autre ligne modifiée figure dans le classeur Excel, feuille « { $sheet } ».
   *[other] { $shown } autres lignes modifiées figurent dans le classeur Excel, feuille « { $sheet } ».
}
changes-on-request = { $count ->
    [one] Une autre ligne modifiée ne figure pas ici. Nous vous l’enverrons sur simple demande.
   *[other] { $shown } autres lignes modifiées ne figurent pas ici. Nous vous en enverrons la liste sur simple demande.
}

## Aide et mentions

base-tariff-notice = Les montants affichés sont calculés à partir de votre tarif de base. Si vous avez des coûts supplémentaires liés à des conditions spécifiques de votre contrat, telles que l’accès international ou les services événementiels, ces frais ne sont pas calculés ici ; les montants peuvent donc différer de ceux de votre facture.
for-assistance-call = Pour toute assistance, appelez le { $phone }
for-assistance-write = Vous pouvez nous écrire à { $email }
page-of = Page { $page } sur { $pages }

## Message

mail-subject-account = Relevé { $period } du compte { $account } : { $charge }
mail-subject-room = Relevé { $period } de la salle { $room } : { $charge }
mail-subject-corrected = Corrigé : { $subject }
mail-greeting = Bonjour { $name },
mail-greeting-plain = Bonjour,
mail-intro-account = Voici le relevé d’audioconférence de { $company } pour { $period }.
mail-intro-room = Voici le relevé d’audioconférence de votre salle { $room } pour { $period }.
mail-corrected = Ceci est la version { $number } ; elle remplace celle envoyée auparavant.
mail-preheader = { $period } : { $charge } · { $time } · { $conferences }
mail-more-rooms = et { $rooms } de plus
mail-attached = Le relevé détaillé est joint à ce message.
mail-linked = Le relevé est trop volumineux pour être joint à ce message. Vous pouvez le télécharger ici jusqu’au { $expires } :
mail-download = Télécharger le relevé
mail-figure = { $name } : { $figure }
mail-on-request = Le relevé est trop volumineux pour être joint à ce message. Nous vous l’enverrons sur simple demande.
mail-reason-account = Vous recevez ce message en tant que titulaire du compte { $account }.
mail-reason-room = Vous recevez ce message en tant qu’animateur de la salle { $room }.

## La table des matières de l'opérateur

index-title = Relevés { $period }
index-search = Rechercher
index-search-hint = Compte, société, salle, animateur
index-account = Compte
index-company = Société
index-room = Salle
index-files = Fichiers
index-revision = Version
index-delivery = Envoi
index-more = Afficher davantage
index-shown = lignes affichées
