# Les mots d'un relevé en français. Les chiffres arrivent mis en forme ($shown) ; $count ne choisit que le pluriel.

## Ce que c'est

account-statement = Relevé de compte
room-statement = Relevé de salle
document-title-account = Relevé { $period } – compte { $account }
document-title-room = Relevé { $period } – salle { $room }
skip-to-content = Aller au relevé
revision = Révision { $number }

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
unallocated = Non affecté

## Colonnes

date = Date
start-time = Heure
quantity = Participants
service-type = Type de service
billing-code = Code de facturation
length = Durée
caller = Appelant
joined = Arrivée
left = Départ
duration = Durée
month = Mois
conferences = Conférences
participants = Participants
share = Part

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
what-it-is-made-of = De quoi il se compose
by-service-type = Par type de service
by-billing-code = Par code de facturation
month-by-month = Mois par mois
chart-charge = Montant par mois
chart-time = Durée cumulée par mois
compared-more = { $difference } de plus qu’en { $period }
compared-less = { $difference } de moins qu’en { $period }
compared-same = autant qu’en { $period }
rooms = Salles
show-all-rooms = Afficher toutes les salles
times-are-in = Les heures sont celles de { $zone }.
no-usage = Aucune conférence ce mois-ci.
participants-elsewhere = Les participants figurent dans les relevés des salles et dans le classeur.
conferences-elsewhere = Les conférences figurent dans les relevés des salles et dans le classeur.
participants-in-workbook = Les participants figurent dans le classeur.
conferences-in-workbook = Les conférences figurent dans le classeur.

## Corrections

late-from = tardif, { $period }
late-note = { $count ->
    [one] { $shown } ligne concerne un mois antérieur, dont la consommation est arrivée après la clôture de ce mois : { $charge }. Elle est signalée ci-dessous.
   *[other] { $shown } lignes concernent des mois antérieurs, dont la consommation est arrivée après la clôture de ces mois : { $charge } au total. Elles sont signalées ci-dessous.
}
what-changed = Ce qui a changé depuis la révision { $number }
changed-total = Le total était de { $before } ; il est maintenant de { $after } ({ $difference }).
changed-nothing = Tous les chiffres sont ceux de la révision { $number } ; seule la présentation est nouvelle.
changed-nothing-here = Les chiffres de cette salle sont ceux de la révision { $number }.
change = Changement
before = Avant
after = Maintenant
difference = Différence
added = ajoutée
removed = retirée
corrected = corrigée
changes-elsewhere = { $count ->
    [one] Une autre ligne modifiée figure dans account.json.
   *[other] { $shown } autres lignes modifiées figurent dans account.json.
}

## Aide et mentions

base-tariff-notice = Les montants affichés sont calculés à partir de votre tarif de base. Si vous avez des coûts supplémentaires liés à des conditions spécifiques de votre contrat, telles que l’accès international ou les services événementiels, ces frais ne sont pas calculés ici ; ainsi les montants peuvent différer de votre facture.
for-assistance-call = Pour toute assistance, appelez le { $phone }
for-assistance-write = écrivez à { $email }
page-of = Page { $page } sur { $pages }

## Message

mail-subject-account = Relevé { $period } du compte { $account } : { $charge }
mail-subject-room = Relevé { $period } de la salle { $room } : { $charge }
mail-subject-corrected = Corrigé : { $subject }
mail-greeting = Bonjour { $name },
mail-greeting-plain = Bonjour,
mail-intro-account = voici le relevé d’audioconférence de { $company } pour { $period }.
mail-intro-room = voici le relevé d’audioconférence de votre salle { $room } pour { $period }.
mail-corrected = Ceci est la révision { $number } ; elle remplace celle envoyée auparavant.
mail-attached = Le classeur et la page détaillant chaque conférence sont joints.
mail-linked = Les fichiers sont trop volumineux pour un message. Vous pouvez les télécharger ici jusqu’au { $expires } :
mail-download = Télécharger les fichiers
mail-figure = { $name } : { $figure }
mail-on-request = Les fichiers sont trop volumineux pour un message. Veuillez nous les demander.
mail-reason-account = Vous recevez ce message parce que vous êtes enregistré comme titulaire du compte { $account }.
mail-reason-room = Vous recevez ce message parce que vous êtes enregistré comme animateur de la salle { $room }.

## La table des matières de l'opérateur

index-title = Relevés { $period }
index-search = Rechercher
index-search-hint = Compte, société, salle, animateur
index-account = Compte
index-company = Société
index-room = Salle
index-files = Fichiers
index-revision = Révision
index-delivery = Envoi
index-more = Afficher davantage
index-shown = lignes affichées
