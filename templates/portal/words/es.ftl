# The words of the online consultation in Spanish.

portal-name = Información de cuentas en línea
portal-skip = Ir al contenido
portal-way = Ruta de navegación
portal-to-start = Ir a la página de inicio

## The mini-guide's own words

portal-account-summary = Resumen de la cuenta
portal-conference-list = Lista de conferencias
portal-room-display = Salas mostradas
portal-active-rooms = Salas activas
portal-all-rooms = Todas las salas
portal-not-invoiced = Sin facturar
portal-since = Desde el { $date }
portal-accumulated-short = Tiempo acum.
portal-download = Descargar

## Lists

portal-as-of = a fecha de { $time }
portal-behind = se está sumando consumo más reciente
portal-statement-revision = Resumen, versión { $number }
portal-closed-empty = Cerrado sin consumo
portal-being-checked = En comprobación
portal-checked-hint = Las cifras de este mes se están comprobando. Aparecerán aquí en cuanto se termine.
portal-show = Mostrar
portal-nothing-found = No se ha encontrado nada. Pruebe con otra búsqueda o deje el campo vacío.
portal-rows = Filas { $first } a { $last } de { $all }
portal-pages = Páginas
portal-previous = Anterior
portal-next = Siguiente
portal-participants-erased = El detalle de las conexiones de esta conferencia ya no se conserva por completo.
portal-statements = Resúmenes
portal-replaced = sustituido
portal-no-statements = Todavía no hay ningún resumen.
portal-your-accounts = Sus cuentas y salas
portal-no-places = Actualmente no hay ninguna cuenta ni sala asociada a su dirección.

## Signing in

portal-about = Consulte su consumo de audioconferencia: el mes en curso y los anteriores.
portal-sign-in = Iniciar sesión
portal-sign-out = Cerrar sesión
portal-number = Número de cuenta o de sala
portal-number-hint = El número de cuenta muestra todas sus salas; el número de una sala, solo esa sala.
portal-email = Nombre de usuario (su dirección de correo electrónico)
portal-password = Contraseña
portal-forgotten = ¿Ha olvidado la contraseña o aún no tiene una?
portal-forgotten-title = Establecer una contraseña
portal-forgotten-hint = Si la dirección está asociada a esta cuenta o sala, le enviaremos un enlace para establecer una contraseña.
portal-send-link = Enviar el enlace
portal-new-password = Nueva contraseña
portal-current-password = Contraseña actual
portal-change-password = Cambiar la contraseña
portal-set-password = Guardar la contraseña
portal-password-hint = Al menos { $shortest } caracteres. Unas cuantas palabras que solo usted combinaría son fáciles de recordar.
portal-me = Su perfil
portal-sessions = Sesiones abiertas
portal-this-session = este navegador
portal-session-times = desde { $started }, último uso { $seen }
portal-end-session = Cerrar esa sesión
portal-end-sessions = Cerrar las demás sesiones

## Messages

portal-wrong = El número, el nombre de usuario o la contraseña no son correctos.
portal-too-often = Demasiados intentos. Espere unos minutos e inténtelo de nuevo.
portal-busy = Muchas personas están iniciando sesión en este momento.
portal-signed-out = Ha cerrado la sesión.
portal-link-sent = Consulte su correo electrónico.
portal-link-sent-hint = Si la dirección está asociada a esta cuenta o sala, le hemos enviado un mensaje con un enlace.
portal-link-used = Este enlace ya se ha utilizado o ha caducado. Solicite uno nuevo.
portal-password-wrong = La contraseña actual no es correcta.
portal-password-short = Esta contraseña es demasiado corta.
portal-password-long = Esta contraseña es demasiado larga: 128 caracteres como máximo.
portal-password-weak = Esta contraseña es fácil de adivinar. Elija otra.
portal-password-set = La contraseña se ha guardado.
portal-sessions-ended = Sesión cerrada.
portal-not-found = Esta página no existe.
portal-not-found-hint = Quizá se haya movido o usted no tenga acceso a ella.
portal-not-allowed = Esta dirección no admite este tipo de petición.
portal-too-large = La petición es demasiado grande.
portal-foreign = Este formulario se envió desde otro sitio web y no se ha aceptado.
portal-broken = Se ha producido un error por nuestra parte.
portal-unavailable = El servicio está saturado.
portal-try-again = Inténtelo de nuevo dentro de un momento.

## Códigos de facturación

portal-save = Guardar
portal-undo = Deshacer
portal-back = Volver a la lista
portal-try-again-button = Intentarlo de nuevo
portal-codes = Códigos de facturación
portal-code-any = Todos
portal-code-none = Sin código
portal-code-own = el código de la llamada
portal-code-give = Asignar un código de facturación
portal-code-hint = Déjelo vacío para quitar el código.
portal-code-selected = Asignar a las seleccionadas
portal-code-all = Asignar a todas las de la lista ({ $count })
portal-code-tick = Seleccionar
portal-code-tick-all = Seleccionar todas en esta página
portal-code-given = Conferencias que ahora tienen el código { $code }: { $count }.
portal-code-taken = Conferencias cuyo código se ha quitado: { $count }.
portal-code-back = Conferencias que vuelven a tener su código anterior: { $count }.
portal-code-left = Modificadas entretanto y dejadas como están: { $count }.
portal-code-nothing = No había nada que cambiar.
portal-code-then = en el extracto: { $code }
portal-code-on-statement = Código en el extracto
portal-on-statement = En el extracto
portal-code-now = Código actual
portal-code-history = Cambios del código
portal-code-others = Otros códigos ({ $count })
portal-code-undone = (deshecho)
portal-code-lacking = { $count } de { $all } conferencias no tienen código de facturación.
portal-code-not-changed = El código no se ha cambiado
portal-code-overtaken = Otra persona ha cambiado estas conferencias desde que usted las vio. No se ha cambiado nada: vuelva a consultar la lista.
portal-codes-overtaken = Otra persona ha cambiado la lista entretanto. La suya no se ha guardado: este es su estado actual.
portal-code-busy = Esta cuenta se está procesando; por ejemplo, se está cerrando su mes. No se ha cambiado nada: inténtelo de nuevo en un momento.
portal-code-not-listed = La lista de códigos de facturación no contiene este código.
portal-code-almost = Ya existe un código { $code }, escrito casi igual. ¿Cuál quiere?
portal-code-use = Usar
portal-code-locked = Los códigos de un mes cerrado no se pueden cambiar.
portal-code-too-old = Esta conferencia es demasiado antigua: su código ya no se puede cambiar.
portal-code-owners-only = En esta cuenta solo el titular asigna códigos de facturación.
portal-code-too-many = Son demasiadas conferencias a la vez: acote la búsqueda.
portal-code-none-chosen = No se ha seleccionado ninguna conferencia.
portal-code-bad = Esto no puede ser un código de facturación: { $code }
portal-codes-hint = Los códigos de facturación reparten el coste de las conferencias; nunca cambian un importe.
portal-codes-policy = Qué códigos se pueden asignar
portal-codes-free = Cualquier código
portal-codes-listed = Solo códigos de la lista
portal-codes-list = Lista de códigos
portal-codes-list-hint = Un código por línea. Un código que ya no figura en la lista se mantiene donde se asignó.
portal-codes-required = Señalar las conferencias sin código
portal-codes-cardholders = Los moderadores pueden asignar códigos a las conferencias de sus salas
portal-codes-saved = La lista se ha guardado.
portal-codes-changed = Desde entonces se han cambiado códigos de facturación
portal-revise = Emitir un extracto revisado
portal-revise-hint = El extracto enviado se mantiene como está. Una nueva versión con los códigos actuales lo sustituye y se envía; enumera estas líneas.
portal-revise-charge = Importe total antes: { $before }, después: { $after }.
portal-revise-more = Otras líneas: { $count }
portal-revise-asked = El extracto revisado se está preparando. Aparecerá en la lista en un momento.
portal-revise-soon = Hace menos de una hora se emitió un extracto revisado de este mes. Inténtelo más tarde.
portal-revise-nothing = Un extracto revisado mostraría lo mismo.
portal-revise-blocked = El extracto no se puede revisar por el momento. Consúltenos.

## Segundo factor

portal-second-factor = Segundo factor
portal-second-factor-hint = Además de la contraseña, al iniciar sesión se pide un código de una aplicación. Así, la contraseña sola no basta.
portal-second-factor-set = Configurarlo o quitarlo
portal-second-factor-on = Configurar
portal-second-factor-off = Quitar
portal-second-factor-app = Añada esta cuenta a una aplicación de autenticación y escriba el código que muestra.
portal-second-factor-open = Abrir en la aplicación de este dispositivo
portal-second-factor-key = Clave para escribir en otro dispositivo:
portal-second-factor-confirm = Confirmar
portal-second-factor-is-on = El segundo factor está configurado.
portal-recovery-hint = Guarde estos códigos en un lugar seguro: cada uno sustituye una vez a la aplicación. Solo se muestran ahora.
portal-recovery-left = Códigos de recuperación restantes: { $count }
portal-one-time-code = Código de la aplicación
portal-code-ask = Escriba el código que muestra su aplicación o uno de sus códigos de recuperación.
portal-code-wrong = Este código no es correcto o ya se ha utilizado. Espere al siguiente.

## Mail

portal-mail-invite-subject = Su acceso a la información en línea de { $brand }
portal-mail-invite-intro = { $brand } le ha dado acceso a la información de cuentas en línea del número { $number }. En ella encontrará sus conferencias y lo que cuestan, mes a mes.
portal-mail-invite-action = Establecer la contraseña
portal-mail-invite-ignore = Si no esperaba este mensaje, puede ignorarlo.
portal-mail-forgotten-subject = Nueva contraseña: { $brand }
portal-mail-forgotten-intro = Se ha solicitado una nueva contraseña para la información de cuentas en línea, número { $number }.
portal-mail-forgotten-action = Establecer una nueva contraseña
portal-mail-forgotten-ignore = Si no la ha solicitado usted, puede ignorar este mensaje: su contraseña no cambia.
portal-mail-changed-subject = Su contraseña ha cambiado: { $brand }
portal-mail-changed-intro = La contraseña de su acceso a la información de cuentas en línea acaba de cambiarse y se han cerrado todas las sesiones.
portal-mail-changed-action = Establecer otra contraseña
portal-mail-changed-ignore = Si no ha sido usted, establezca otra contraseña de inmediato y avísenos.
portal-mail-valid = El enlace puede utilizarse una sola vez, hasta el { $until }.
portal-mail-online = Consultar este mes en línea
