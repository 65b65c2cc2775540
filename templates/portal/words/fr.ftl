# The words of the online consultation in French.

portal-name = Informations sur les comptes en ligne
portal-skip = Aller au contenu
portal-way = Où vous êtes
portal-to-start = Vers la première page

## The mini-guide's own words

portal-account-summary = Récapitulatif du compte
portal-conference-list = Liste des conférences
portal-room-display = Affichage des salles
portal-active-rooms = Salles actives
portal-all-rooms = Toutes les salles
portal-not-invoiced = Non facturé
portal-since = Depuis le { $date }
portal-accumulated-short = Durée cumulée
portal-download = Télécharger

## Lists

portal-as-of = situation au { $time }
portal-statement-revision = Relevé, révision { $number }
portal-closed-empty = Clôturé sans consommation
portal-being-checked = En cours de vérification
portal-checked-hint = Les chiffres de ce mois sont en cours de vérification. Ils figureront ici dès que ce sera fait.
portal-show = Afficher
portal-nothing-found = Aucun résultat. Cherchez autre chose, ou laissez la recherche vide.
portal-rows = Lignes { $first } à { $last } sur { $all }
portal-pages = Pages
portal-previous = Précédente
portal-next = Suivante
portal-unknown-caller = non transmis
portal-participants-erased = Les connexions de cette conférence ne sont plus toutes conservées.
portal-statements = Relevés
portal-replaced = remplacé
portal-no-statements = Il n’y a pas encore de relevé.
portal-your-accounts = Vos comptes et salles
portal-no-places = Aucun compte ni aucune salle n’est actuellement enregistré pour votre adresse.

## Signing in

portal-about = Vous voyez ici votre consommation de notre service d’audioconférence : le mois en cours et les mois précédents.
portal-sign-in = S’identifier
portal-sign-out = Se déconnecter
portal-number = Numéro de compte ou de salle
portal-number-hint = Le numéro de compte montre toutes ses salles, le numéro de salle cette salle seule.
portal-email = Nom d’utilisateur (votre adresse e-mail)
portal-password = Mot de passe
portal-forgotten = Mot de passe oublié, ou pas encore de mot de passe ?
portal-forgotten-title = Définir un mot de passe
portal-forgotten-hint = Nous vous envoyons un lien pour définir un mot de passe, si l’adresse est enregistrée pour ce compte ou cette salle.
portal-send-link = Envoyer le lien
portal-new-password = Nouveau mot de passe
portal-current-password = Mot de passe actuel
portal-change-password = Changer le mot de passe
portal-set-password = Enregistrer le mot de passe
portal-password-hint = Au moins { $shortest } caractères. Quelques mots qui ne vont ensemble que pour vous se retiennent bien.
portal-me = Vous
portal-sessions = Où vous êtes connecté
portal-this-session = ce navigateur
portal-session-times = depuis le { $started }, dernière utilisation le { $seen }
portal-end-session = Déconnecter
portal-end-sessions = Déconnecter partout ailleurs

## Messages

portal-wrong = Le numéro, le nom d’utilisateur ou le mot de passe est incorrect.
portal-too-often = Trop de tentatives. Patientez quelques minutes, puis réessayez.
portal-busy = Beaucoup de personnes s’identifient en ce moment.
portal-signed-out = Vous êtes déconnecté.
portal-link-sent = Consultez votre messagerie.
portal-link-sent-hint = Si l’adresse est enregistrée pour ce compte ou cette salle, un message avec un lien est en route.
portal-link-used = Ce lien a déjà servi ou n’est plus valable. Demandez-en un nouveau.
portal-password-wrong = Le mot de passe actuel est incorrect.
portal-password-short = Ce mot de passe est trop court.
portal-password-long = Ce mot de passe est trop long : 128 caractères au plus.
portal-password-weak = Ce mot de passe est facile à deviner. Choisissez-en un autre.
portal-password-set = Le mot de passe est enregistré.
portal-sessions-ended = Déconnecté.
portal-not-found = Cette page n’existe pas.
portal-not-found-hint = Elle a peut-être été déplacée, ou ne vous est pas destinée.
portal-not-allowed = Cette adresse ne répond pas à ce genre de demande.
portal-too-large = C’était trop à la fois.
portal-foreign = Ce formulaire a été envoyé depuis un autre site et n’a pas été pris en compte.
portal-broken = Une erreur s’est produite de notre côté.
portal-unavailable = Le service est très demandé.
portal-try-again = Réessayez dans un instant.

## Mail

portal-mail-invite-subject = Votre accès aux informations en ligne de { $brand }
portal-mail-invite-intro = { $brand } vous a ouvert les informations sur les comptes en ligne pour le numéro { $number }. Vous y voyez vos conférences et leur coût, mois par mois.
portal-mail-invite-action = Définir votre mot de passe
portal-mail-invite-ignore = Si vous n’attendiez pas ce message, vous n’avez rien à faire.
portal-mail-forgotten-subject = Nouveau mot de passe : { $brand }
portal-mail-forgotten-intro = un nouveau mot de passe a été demandé pour les informations sur les comptes en ligne, numéro { $number }.
portal-mail-forgotten-action = Définir un nouveau mot de passe
portal-mail-forgotten-ignore = Si cette demande ne vient pas de vous, vous n’avez rien à faire : votre mot de passe reste inchangé.
portal-mail-changed-subject = Votre mot de passe a été changé : { $brand }
portal-mail-changed-intro = le mot de passe de votre accès aux informations sur les comptes en ligne vient d’être changé, et tous les navigateurs ont été déconnectés.
portal-mail-changed-action = Définir un autre mot de passe
portal-mail-changed-ignore = Si ce n’était pas vous, définissez aussitôt un autre mot de passe et prévenez-nous.
portal-mail-valid = Le lien fonctionne une fois, jusqu’au { $until }.
portal-mail-online = Voir ce mois en ligne
