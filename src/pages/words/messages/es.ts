import type { MessageWords } from '../message.ts';

/** The sentences of polar itself in Spanish. */
export const esMessages: MessageWords = {
  'job.reading': 'Leyendo {folder}',
  'job.drawing': 'Dibujando la Toybox',
  'job.reading-toybox': 'Leyendo la Toybox',
  'job.downloading': 'Descargando {model}',
  'job.reading-again': 'Leyendo sus fotos con {model}',
  'job.reading-again-of': 'Leyendo sus fotos con {model} (carpeta {index} de {total})',
  'job.read': {
    one: '{folder}: {count} foto ({added} nuevas, {known} conocidas)',
    other: '{folder}: {count} fotos ({added} nuevas, {known} conocidas)',
  },
  'job.gone': '{number} que ya no están',
  'job.skipped': '{number} omitidas',
  'job.answers': {
    one: '{model} responde ahora, con {count} foto',
    other: '{model} responde ahora, con {count} fotos',
  },
  'job.stopped': 'Detenido; lo hecho se conserva.',
  'job.busy': '«{label}» sigue en marcha; espere, o deténgalo antes',
  'job.lock': 'otro «polar index» está escribiendo aquí; espere a que termine',
  'hint.near': '{a} y {b} son casi la misma imagen; otra enseñaría más',
  'hint.unlike':
    '{photo} no se parece a las demás fotos; ¿muestra la misma cosa? Quizá una parte sirva mejor',
  'note.word': '«{word}» se lee como palabra; escriba {name} para la cosa aprendida',
  'note.near': '«{word}» no es una cosa aprendida; ¿quería decir {name}?',
  'note.unknown': 'ninguna cosa aprendida se llama «{word}»',
  'note.absent':
    'probablemente no está en estas fotos: ninguna destaca como aquellas de las que se aprendió {name}; siguen las más cercanas',
  'note.cut': 'el final de la frase no se ha leído: este modelo admite {tokens} tokens; acórtela',
  'note.english':
    'este modelo lee inglés; para otros idiomas use uno de muchos idiomas, como {model} (polar models)',
  'search.nothing': 'nada que buscar; diga qué muestra la foto, o dé una foto parecida',
  'concept.taken':
    '«{name}» ya existe; elija otro nombre, apréndalo de nuevo o siga enseñándolo, o elimínelo antes',
  'concept.none-to-add': '«{name}» no existe, no se le pueden añadir fotos; enséñelo antes',
  'concept.none': '«{name}» no existe',
  'concept.name':
    'el nombre {name} no sirve; se admiten letras y cifras (dentro, espacios, puntos, apóstrofos, _ y guiones), {most} como máximo',
  'concept.class': 'la clase {name} no sirve; se esperan una o dos palabras, {most} caracteres como máximo',
  'concept.learnt-with':
    '«{name}» se aprendió con {learnt}, el modelo en uso es {used}; elija el modelo {model}, o enséñelo de nuevo a este',
  'concept.older-state':
    '«{name}» se aprendió con {learnt}, el modelo en uso es {used}; enséñelo de nuevo a este estado del modelo',
  'concept.other-size': '«{name}» no encaja con el modelo {model} ({why}); enséñelo de nuevo con este modelo',
  'concept.no-features': '«{name}» llegó sin los rasgos de sus fotos; apréndalo de nuevo de todas sus fotos',
  'concept.file-large': 'más de {megabytes} MB; una cosa aprendida es mucho menor',
  'concept.no-file': 'ningún archivo en la petición; se espera «adapter»',
  'concept.no-zip': 'no es un archivo zip que se pueda leer; elija una cosa descargada',
  'concept.unpacks':
    'más de {megabytes} MB al descomprimir; una cosa aprendida es mucho menor, elija una descargada',
  'concept.no-adapter': 'falta; se espera la carpeta de un adaptador PEFT',
  'concept.damaged': 'una cosa aprendida dañada ({why}); enséñela de nuevo, o use una copia intacta',
  'concept.foreign':
    'un adaptador de otro tipo ({why}); elija una cosa aprendida, o una LoRA sencilla de rango uno',
  'concept.none-deleted': 'nada que recuperar: lo eliminado se guarda 30 días',
  'learn.few': {
    one: '«{name}»: {count} foto, se esperan al menos {fewest}; dé unas cinco fotos que muestren la cosa en distintos lugares',
    other:
      '«{name}»: {count} fotos, se esperan al menos {fewest}; dé unas cinco fotos que muestren la cosa en distintos lugares',
  },
  'learn.few-readable': {
    one: '«{name}»: {count} foto legible de {given}, se esperan al menos {fewest}; dé unas cinco fotos que muestren la cosa en distintos lugares',
    other:
      '«{name}»: {count} fotos legibles de {given}, se esperan al menos {fewest}; dé unas cinco fotos que muestren la cosa en distintos lugares',
  },
  'learn.many': '«{name}»: {photos} fotos, más de las {most} que guarda una cosa; dé menos',
  'photo.no-id': 'ninguna foto tiene este identificador',
  'photo.gone': 'la foto ya no está o no se puede leer',
  'photo.empty': 'un archivo vacío, se espera una imagen; sustitúyalo',
  'photo.none': 'no es una imagen legible ({why}); se espera {formats}',
  'photo.format': 'una imagen en formato {format}, que no se lee; se espera {formats}',
  'photo.damaged': 'una imagen dañada ({why}); sustitúyala por una copia intacta',
  'photo.raw': 'una foto RAW sin JPEG dentro; expórtela como JPEG',
  'photo.memory':
    '{width} × {height} píxeles necesitan {needed} GB de memoria, más de los {most} GB permitidos en este equipo; redúzcala',
  'photo.too-little-memory': 'poca memoria para descodificarla ahora ({why}); cierre otros programas',
  'photo.slow': 'tarda más de {limit} minutos en descodificarse; redúzcala',
  'photo.large': '{found} MB, más del límite de {most} MB; redúzcala',
  'photo.over-limit': 'más del límite de {most} MB; redúzcala',
  'photo.many-bytes': 'más de {most} MB a la vez; traiga menos fotos',
  'photo.no-pictures': 'ninguna imagen en la petición; se esperan archivos llamados «photos»',
  'photo.is-video': 'un vídeo, se espera una foto; elija una foto',
  'photo.channels':
    '{found} canales, se esperan {wanted} en una imagen {kind}; guárdela como JPEG o PNG corriente',
  'video.gone': 'el vídeo ya no está o no se puede leer',
  'video.none': 'no contiene imagen en movimiento, se espera un vídeo; sustitúyalo',
  'video.no-picture': 'no contiene ninguna imagen, se espera un vídeo; sustitúyalo',
  'video.damaged': 'un vídeo dañado o ilegible ({why}); sustitúyalo',
  'video.damaged-at': 'un vídeo dañado (sin imagen en {time} s)',
  'file.changing': 'cambia mientras se lee; vuelva a leer la carpeta después',
  'file.changed': 'ha cambiado desde que se leyó; vuelva a leer la carpeta y repita',
  'file.irregular': 'no es un archivo normal, se espera una imagen',
  'file.slow': 'no se leyó en {minutes} minutos; ¿sigue ahí su disco?',
  'file.through-link': 'un enlace, o alcanzado por uno, que no se sigue; vuelva a leer la carpeta',
  'file.missing': 'no existe tal archivo; compruebe la ruta',
  'file.link': 'un enlace, que no se sigue',
  'file.long-path':
    'su ruta es más larga de lo que el sistema puede abrir; acorte los nombres de las carpetas',
  'file.permission': 'no se puede leer ({code}); compruebe los permisos',
  'file.cannot-write':
    'no se puede escribir ({why}); compruebe que se puede escribir en la carpeta y que el disco no está lleno',
  'file.lock-lost': 'el bloqueo se quitó o lo tomó otro durante el trabajo; lo escrito se conserva, repítalo',
  'file.things': 'dañado, se espera JSON; bórrelo, las fotos no están en él',
  'file.safetensors': 'no es un archivo safetensors intacto ({why}); descárguelo o expórtelo otra vez',
  'file.disk': 'no se puede leer ({code}); ¿está bien su disco, y sigue ahí?',
  'file.away': 'su disco desapareció mientras se leía; vuelva a leer cuando esté de nuevo',
  'file.name': 'su nombre no es UTF-8 y no se puede leer; cámbielo',
  'file.immich': 'está en immich, no en este equipo; polar immich album la pone allí en un álbum',
  'folder.missing': 'no existe tal carpeta; compruebe la ruta',
  'folder.unknown': 'no está en el índice; «polar folders» muestra las carpetas que están',
  'folder.whole-path': 'se espera una ruta completa, por ejemplo {example}',
  'folder.closed': 'no se puede abrir ({code}); se espera una carpeta que se pueda leer',
  'folder.file': 'un archivo, se espera una carpeta de fotos',
  'folder.empty': 'no se encontraron fotos; se espera {formats}',
  'folder.others': 'no se encontraron fotos (hay: {others}); se espera {formats}',
  'folder.vanished':
    'la carpeta desapareció mientras se leía; lo hecho se conserva, vuelva a leer cuando esté de nuevo',
  'folder.no-manager': 'ningún gestor de archivos la abrió',
  'folder.many':
    'las fotos están en {folders} carpetas y se muestran {most} a la vez como máximo; elija menos',
  'folder.visitor': 'las carpetas solo se muestran en este equipo',
  'index.cannot-open': 'no se puede abrir ({why}); compruebe la dirección y las credenciales',
  'index.full':
    'no se puede escribir el índice: su disco está lleno; haga sitio y repita, lo hecho se conserva',
  'index.cannot-write':
    'no se puede escribir el índice ({why}); compruebe que se puede escribir en su carpeta; lo hecho se conserva',
  'index.contended': 'no se puede escribir el índice, otros programas lo cambian sin parar ({why}); repita',
  'select.unreadable': 'ninguna de las fotos se puede leer; la primera: {reason}',
  'select.gone': 'este archivo ya no se guarda; vuelva a hacerlo',
  'select.large':
    '{photos} fotos de {gigabytes} GB, más de lo que cabe en un archivo zip ({most}, 4 GB en total); tome menos, o exporte a una carpeta',
  'select.changed': '{reason}; el archivo zip no se escribió, repita',
  'album.none': 'no hay ningún álbum con este nombre; «polar albums» los muestra',
  'album.none-removed': 'ninguno de los últimos {most} álbumes eliminados se llama así',
  'album.taken': 'ya hay un álbum con este nombre; elija otro nombre, o elimine antes ese',
  'album.many': 'ya hay {most} álbumes; elimine antes algunos',
  'album.place': 'pide un lugar, cosa que la aplicación no puede; use polar albums show en el terminal',
  'album.file': 'dañado, se esperan búsquedas guardadas; repárelo, o bórrelo para empezar de nuevo',
  'model.toybox': 'dibujos: para probarlo todo enseguida',
  'model.photos': 'recomendado para fotos',
  'model.slow-machine': 'grandes colecciones en un equipo lento',
  'model.small': 'la descarga pequeña',
  'model.gpu': 'inglés, con GPU o paciencia',
  'model.many': 'muchos idiomas, con GPU; no para uso comercial',
  'model.paper': 'las mediciones del artículo',
  'model.stays': 'la Toybox viene con polar y se queda',
  'model.used': '{model} está en uso; elija antes otro modelo',
  'model.cannot-load': 'ONNX Runtime no puede cargar el modelo ({why}); descárguelo otra vez',
  'model.not-cached': 'no hay tal modelo en la caché {folder}; polar models muestra lo que hay',
  'hub.unreachable': 'no se llega al hub ({why}); compruebe la conexión, o use un modelo que ya esté aquí',
  'hub.failed':
    'la descarga falló {times} veces ({why}); compruebe la conexión e inténtelo de nuevo, lo descargado se conserva',
  'hub.refuses':
    'el hub niega el acceso ({status}); ponga en HF_TOKEN un token que pueda leer este modelo, y acepte sus condiciones en su página',
  'hub.none':
    'no encontrado (404); compruebe el nombre y la revisión del modelo, o defina HF_TOKEN si es privado',
  'hub.waits': 'el hub pide esperar (429); inténtelo más tarde, lo descargado se conserva',
  'hub.status': 'el hub respondió {status}; inténtelo más tarde, lo descargado se conserva',
  'hub.offline':
    'no está en la caché {folder}, y HF_HUB_OFFLINE prohíbe descargarlo; ejecute «polar models download {model}» donde haya red, con HF_HUB_CACHE en una carpeta que pueda traer aquí',
  'hub.proxy':
    'el proxy {address}: se espera una dirección como http://proxy:3128; corrija HTTPS_PROXY, HTTP_PROXY o ALL_PROXY',
  'hub.no-hash': 'el hub no da una suma para comprobar el archivo; inténtelo más tarde',
  'immich.unreachable': 'no se llega a immich ({why}); compruebe la dirección y si está en marcha',
  'immich.no-json': '{path} no respondió con JSON; ¿es la dirección de un servidor immich?',
  'immich.strange': '{path} respondió algo desconocido ({why}); polar se escribió para immich 2 y 3',
  'immich.cut-off': '{path} se cortó ({why}); inténtelo otra vez',
  'immich.large': '{path} respondió más de {most} MB',
  'immich.moved': 'lleva a {address}; conéctese a esa dirección: polar immich connect',
  'immich.key':
    'la clave API no se conoce allí{why}; cree una en Account Settings > API Keys, y luego: polar immich connect {address}',
  'immich.key-may-not':
    'la clave API no puede hacerlo{why}; dele los permisos {permissions} en Account Settings > API Keys',
  'immich.status': '{path} respondió {status} ({why})',
  'immich.not-connected':
    'no hay ningún servidor immich conectado; ejecute antes «polar immich connect <url>»',
  'immich.other-server':
    'está conectado otro servidor immich, {address}; vuelva a conectarse a aquel, o quite sus fotos: polar index --forget {server}',
  'immich.not-its-photo': 'no es una foto de {address}, que está conectado',
  'immich.no-photo': 'no existe tal foto, o la clave no puede verla',
  'server.fault': 'algo salió mal; el terminal dice más',
  'server.broken-off': 'la petición se interrumpió',
  'server.form': 'el formulario está interrumpido o dañado; envíelo de nuevo',
  'server.many': 'más de {limit} a la vez',
  'server.not-connected': 'su servidor no está conectado',
  'server.unknown':
    'no se ha leído ninguna foto de este servidor; léalas antes, por ejemplo con «polar index immich:»',
  'server.long': 'más de {most} caracteres; acórtelo',
  'server.other-site': 'se rechazan las peticiones de otros sitios web',
  'server.open': 'abra la dirección que polar serve muestra en el terminal',
  'server.opened': 'esta dirección ya se usó; el terminal muestra la siguiente',
};
