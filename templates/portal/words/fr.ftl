# The words of the online consultation in French.

portal-name = Informations sur les comptes en ligne
portal-skip = Aller au contenu
portal-way = Fil d’Ariane
portal-to-start = Retour à la page d’accueil

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
portal-behind = des consommations plus récentes sont en cours d’ajout
portal-statement-revision = Relevé, version { $number }
portal-closed-empty = Clôturé sans consommation
portal-being-checked = En cours de vérification
portal-checked-hint = Les chiffres de ce mois sont en cours de vérification. Ils figureront ici dès qu’elle sera terminée.
portal-show = Afficher
portal-nothing-found = Aucun résultat. Modifiez votre recherche ou laissez le champ vide.
portal-rows = Lignes { $first } à { $last } sur { $all }
portal-pages = Pages
portal-previous = Précédente
portal-next = Suivante
portal-participants-erased = Le détail des connexions de cette conférence n’est plus conservé en totalité.
portal-statements = Relevés
portal-replaced = remplacé
portal-no-statements = Il n’y a pas encore de relevé.
portal-your-accounts = Vos comptes et salles
portal-no-places = Aucun compte ni aucune salle n’est actuellement associé à votre adresse.

## Signing in

portal-about = Consultez votre consommation d’audioconférence : le mois en cours et les mois précédents.
portal-sign-in = S’identifier
portal-sign-out = Se déconnecter
portal-number = Numéro de compte ou de salle
portal-number-hint = Le numéro de compte donne accès à toutes ses salles, un numéro de salle à cette salle seule.
portal-email = Nom d’utilisateur (votre adresse e-mail)
portal-password = Mot de passe
portal-forgotten = Mot de passe oublié ou pas encore défini ?
portal-forgotten-title = Définir un mot de passe
portal-forgotten-hint = Si l’adresse est associée à ce compte ou à cette salle, nous vous enverrons un lien pour définir un mot de passe.
portal-send-link = Envoyer le lien
portal-new-password = Nouveau mot de passe
portal-current-password = Mot de passe actuel
portal-change-password = Changer de mot de passe
portal-set-password = Enregistrer le mot de passe
portal-password-hint = Au moins { $shortest } caractères. Quelques mots que personne d’autre n’associerait se retiennent facilement.
portal-me = Votre profil
portal-sessions = Vos sessions ouvertes
portal-this-session = ce navigateur
portal-session-times = depuis le { $started }, dernière utilisation le { $seen }
portal-end-session = Fermer cette session
portal-end-sessions = Fermer toutes les autres sessions

## Messages

portal-wrong = Le numéro, le nom d’utilisateur ou le mot de passe est incorrect.
portal-too-often = Trop de tentatives. Patientez quelques minutes, puis réessayez.
portal-busy = De nombreuses personnes s’identifient en ce moment.
portal-signed-out = Votre session est fermée.
portal-link-sent = Consultez votre messagerie.
portal-link-sent-hint = Si l’adresse est associée à ce compte ou à cette salle, un message contenant un lien vient de lui être envoyé.
portal-link-used = Ce lien a déjà servi ou n’est plus valable. Demandez-en un nouveau.
portal-password-wrong = Le mot de passe actuel est incorrect.
portal-password-short = Ce mot de passe est trop court.
portal-password-long = Ce mot de passe est trop long : 128 caractères au maximum.
portal-password-weak = Ce mot de passe est facile à deviner. Choisissez-en un autre.
portal-password-set = Le mot de passe est enregistré.
portal-sessions-ended = La session est fermée.
portal-not-found = Cette page n’existe pas.
portal-not-found-hint = Elle a peut-être été déplacée, ou vous n’y avez pas accès.
portal-not-allowed = Cette adresse n’accepte pas ce type de requête.
portal-too-large = La requête est trop volumineuse.
portal-foreign = Ce formulaire a été envoyé depuis un autre site et n’a pas été pris en compte.
portal-broken = Une erreur s’est produite de notre côté.
portal-unavailable = Le service est très demandé.
portal-try-again = Réessayez dans un instant.

## Codes de facturation

portal-save = Enregistrer
portal-undo = Annuler
portal-back = Retour à la liste
portal-try-again-button = Réessayer
portal-codes = Codes de facturation
portal-code-any = Tous
portal-code-none = Aucun code
portal-code-own = le code de l’appel
portal-code-give = Attribuer un code de facturation
portal-code-hint = Laissez le champ vide pour retirer le code.
portal-code-selected = Attribuer à la sélection
portal-code-all = Attribuer à toutes celles de la liste ({ $count })
portal-code-tick = Sélectionner
portal-code-tick-all = Tout sélectionner sur cette page
portal-code-given = Conférences qui ont désormais le code { $code } : { $count }.
portal-code-taken = Conférences dont le code a été retiré : { $count }.
portal-code-back = Conférences qui ont retrouvé leur code précédent : { $count }.
portal-code-left = Modifiées entre-temps, et laissées telles quelles : { $count }.
portal-code-nothing = Il n’y avait rien à modifier.
portal-code-then = sur le relevé : { $code }
portal-code-on-statement = Code sur le relevé
portal-on-statement = Sur le relevé
portal-code-now = Code actuel
portal-code-history = Modifications du code
portal-code-others = Autres codes ({ $count })
portal-code-undone = (annulation)
portal-code-lacking = { $count } conférences sur { $all } n’ont pas de code de facturation.
portal-code-not-changed = Le code n’a pas été modifié
portal-code-overtaken = Quelqu’un d’autre a modifié ces conférences depuis que vous les avez vues. Rien n’a été modifié : consultez de nouveau la liste.
portal-codes-overtaken = Quelqu’un d’autre a modifié la liste entre-temps. La vôtre n’a pas été enregistrée : voici son état actuel.
portal-code-busy = Ce compte est en cours de traitement, par exemple son mois est en cours de clôture. Rien n’a été modifié : réessayez dans un instant.
portal-code-not-listed = Ce code ne figure pas dans la liste des codes de facturation.
portal-code-almost = Il existe déjà un code { $code }, presque identique. Lequel voulez-vous ?
portal-code-use = Prendre
portal-code-locked = Les codes d’un mois clôturé ne peuvent pas être modifiés.
portal-code-too-old = Cette conférence est trop ancienne : son code ne peut plus être modifié.
portal-code-owners-only = Pour ce compte, seul le titulaire attribue les codes de facturation.
portal-code-too-many = Cela fait trop de conférences à la fois : affinez la recherche.
portal-code-none-chosen = Aucune conférence n’a été sélectionnée.
portal-code-bad = Ceci ne peut pas être un code de facturation : { $code }
portal-codes-hint = Les codes de facturation répartissent le coût des conférences ; ils ne modifient jamais un montant.
portal-codes-policy = Codes pouvant être attribués
portal-codes-free = N’importe quel code
portal-codes-listed = Uniquement les codes de la liste
portal-codes-list = Liste des codes
portal-codes-list-hint = Un code par ligne. Un code retiré de la liste reste là où il a été attribué.
portal-codes-required = Signaler les conférences sans code
portal-codes-cardholders = Les animateurs peuvent attribuer des codes aux conférences de leurs salles
portal-codes-saved = La liste est enregistrée.
portal-codes-changed = Des codes de facturation ont été modifiés depuis
portal-revise = Établir un relevé révisé
portal-revise-hint = Le relevé envoyé reste tel quel. Une nouvelle version avec les codes actuels le remplace et est envoyée ; elle énumère ces lignes.
portal-revise-charge = Total avant : { $before }, après : { $after }.
portal-revise-more = Autres lignes : { $count }
portal-revise-asked = Le relevé révisé est en préparation. Il figurera dans la liste dans un instant.
portal-revise-soon = Un relevé révisé de ce mois a été établi il y a moins d’une heure. Réessayez plus tard.
portal-revise-nothing = Un relevé révisé montrerait la même chose.
portal-revise-blocked = Le relevé ne peut pas être révisé pour le moment. Contactez-nous.

## Second facteur

portal-second-factor = Second facteur
portal-second-factor-hint = En plus du mot de passe, un code d’une application vous est demandé à la connexion. Ainsi, le mot de passe seul ne suffit pas.
portal-second-factor-set = Le configurer ou le retirer
portal-second-factor-on = Configurer
portal-second-factor-off = Retirer
portal-second-factor-app = Ajoutez ce compte à une application d’authentification, puis saisissez le code affiché.
portal-second-factor-open = Ouvrir dans l’application sur cet appareil
portal-second-factor-key = Clé à saisir sur un autre appareil :
portal-second-factor-confirm = Confirmer
portal-second-factor-is-on = Le second facteur est configuré.
portal-recovery-hint = Conservez ces codes en lieu sûr : chacun remplace une fois l’application. Ils ne sont affichés que maintenant.
portal-recovery-left = Codes de secours restants : { $count }
portal-one-time-code = Code de l’application
portal-code-ask = Saisissez le code affiché par votre application, ou l’un de vos codes de secours.
portal-code-wrong = Ce code n’est pas correct ou a déjà été utilisé. Attendez le suivant.

## Mail

portal-mail-invite-subject = Votre accès aux informations en ligne de { $brand }
portal-mail-invite-intro = { $brand } vous a donné accès aux informations sur les comptes en ligne pour le numéro { $number }. Vous y trouverez vos conférences et leur coût, mois par mois.
portal-mail-invite-action = Définir votre mot de passe
portal-mail-invite-ignore = Si vous n’attendiez pas ce message, vous pouvez l’ignorer.
portal-mail-forgotten-subject = Nouveau mot de passe : { $brand }
portal-mail-forgotten-intro = Un nouveau mot de passe a été demandé pour les informations sur les comptes en ligne, numéro { $number }.
portal-mail-forgotten-action = Définir un nouveau mot de passe
portal-mail-forgotten-ignore = Si cette demande ne vient pas de vous, vous pouvez ignorer ce message : votre mot de passe reste inchangé.
portal-mail-changed-subject = Votre mot de passe a été modifié : { $brand }
portal-mail-changed-intro = Le mot de passe de votre accès aux informations sur les comptes en ligne vient d’être modifié, et toutes les sessions ont été fermées.
portal-mail-changed-action = Définir un autre mot de passe
portal-mail-changed-ignore = Si vous n’êtes pas à l’origine de ce changement, définissez aussitôt un autre mot de passe et prévenez-nous.
portal-mail-valid = Le lien fonctionne une fois, jusqu’au { $until }.
portal-mail-online = Consulter ce mois en ligne
