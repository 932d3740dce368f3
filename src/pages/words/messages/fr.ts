import type { MessageWords } from '../message.ts';

/** The sentences of polar itself in French. */
export const frMessages: MessageWords = {
  'job.reading': 'Lecture de {folder}',
  'job.drawing': 'Dessin de la Toybox',
  'job.reading-toybox': 'Lecture de la Toybox',
  'job.downloading': 'Téléchargement de {model}',
  'job.reading-again': 'Lecture de vos photos avec {model}',
  'job.reading-again-of': 'Lecture de vos photos avec {model} (dossier {index} sur {total})',
  'job.read': {
    one: '{folder} : {count} photo ({added} nouvelles, {known} connues)',
    other: '{folder} : {count} photos ({added} nouvelles, {known} connues)',
  },
  'job.gone': '{number} disparues',
  'job.skipped': '{number} ignorées',
  'job.answers': {
    one: '{model} répond maintenant, à partir de {count} photo',
    other: '{model} répond maintenant, à partir de {count} photos',
  },
  'job.stopped': 'Arrêté ; ce qui est fait est conservé.',
  'job.busy': '« {label} » est encore en cours ; attendez, ou arrêtez-le d’abord',
  'job.lock': 'un autre « polar index » écrit ici ; attendez qu’il ait fini',
  'hint.near': '{a} et {b} sont presque la même image ; une autre apprendrait davantage',
  'hint.unlike':
    '{photo} ne ressemble pas aux autres photos ; montre-t-elle la même chose ? Une partie conviendrait peut-être mieux',
  'note.word': '« {word} » est lu comme un mot ; écrivez {name} pour la chose apprise',
  'note.near': '« {word} » n’est pas une chose apprise ; vouliez-vous dire {name} ?',
  'note.unknown': 'aucune chose apprise ne s’appelle « {word} »',
  'note.absent':
    'probablement pas dans ces photos : aucune ne ressort comme celles dont {name} a été appris ; voici les plus proches',
  'note.cut': 'la fin de la phrase n’a pas été lue : ce modèle prend {tokens} tokens ; raccourcissez-la',
  'note.english':
    'ce modèle lit l’anglais ; pour d’autres langues, prenez-en un multilingue, comme {model} (polar models)',
  'search.nothing': 'rien à chercher ; dites ce que montre la photo, ou donnez une photo semblable',
  'concept.taken':
    '« {name} » existe déjà ; prenez un autre nom, faites-le réapprendre ou continuer, ou supprimez-le d’abord',
  'concept.none-to-add': '« {name} » n’existe pas, on ne peut y ajouter de photos ; apprenez-le d’abord',
  'concept.none': '« {name} » n’existe pas',
  'concept.name':
    'le nom {name} ne convient pas ; il faut des lettres et des chiffres (à l’intérieur espaces, points, apostrophes, _ et traits d’union), {most} au plus',
  'concept.class': 'la classe {name} ne convient pas ; il faut un ou deux mots, {most} caractères au plus',
  'concept.learnt-with':
    '« {name} » a été appris avec {learnt}, le modèle utilisé est {used} ; choisissez le modèle {model}, ou réapprenez-le avec celui-ci',
  'concept.older-state':
    '« {name} » a été appris avec {learnt}, le modèle utilisé est {used} ; réapprenez-le avec cet état du modèle',
  'concept.other-size': '« {name} » ne convient pas au modèle {model} ({why}) ; réapprenez-le avec ce modèle',
  'concept.no-features':
    '« {name} » est venu sans les traits de ses photos ; réapprenez-le de toutes ses photos',
  'concept.file-large': 'plus de {megabytes} Mo ; une chose apprise est bien plus petite',
  'concept.no-file': 'aucun fichier dans la requête ; « adapter » est attendu',
  'concept.no-zip': 'ce n’est pas un fichier zip lisible ; choisissez une chose téléchargée',
  'concept.unpacks':
    'plus de {megabytes} Mo une fois décompressé ; une chose apprise est bien plus petite, choisissez-en une téléchargée',
  'concept.no-adapter': 'manque ; un dossier d’adaptateur PEFT est attendu',
  'concept.damaged': 'une chose apprise abîmée ({why}) ; réapprenez-la, ou prenez-en une copie intacte',
  'concept.foreign':
    'un adaptateur d’un autre genre ({why}) ; choisissez une chose apprise, ou une simple LoRA de rang un',
  'concept.none-deleted': 'rien à rétablir : ce qui est supprimé est gardé 30 jours',
  'learn.few': {
    one: '« {name} » : {count} photo, il en faut au moins {fewest} ; donnez environ cinq photos qui montrent la chose en différents lieux',
    other:
      '« {name} » : {count} photos, il en faut au moins {fewest} ; donnez environ cinq photos qui montrent la chose en différents lieux',
  },
  'learn.few-readable': {
    one: '« {name} » : {count} photo lisible sur {given}, il en faut au moins {fewest} ; donnez environ cinq photos qui montrent la chose en différents lieux',
    other:
      '« {name} » : {count} photos lisibles sur {given}, il en faut au moins {fewest} ; donnez environ cinq photos qui montrent la chose en différents lieux',
  },
  'learn.many': '« {name} » : {photos} photos, plus que les {most} qu’une chose conserve ; donnez-en moins',
  'photo.no-id': 'aucune photo n’a cet identifiant',
  'photo.gone': 'la photo a disparu ou ne peut pas être lue',
  'photo.empty': 'un fichier vide, une image est attendue ; remplacez-le',
  'photo.none': 'ce n’est pas une image lisible ({why}) ; formats attendus : {formats}',
  'photo.format': 'une image au format {format}, qui n’est pas lu ; formats attendus : {formats}',
  'photo.damaged': 'une image abîmée ({why}) ; remplacez-la par une copie intacte',
  'photo.raw': 'une photo RAW sans JPEG à l’intérieur ; exportez-la en JPEG',
  'photo.memory':
    '{width} × {height} pixels demandent {needed} Go de mémoire, plus que les {most} Go permis sur cette machine ; réduisez-la',
  'photo.too-little-memory':
    'trop peu de mémoire pour la décoder maintenant ({why}) ; fermez d’autres programmes',
  'photo.slow': 'met plus de {limit} minutes à décoder ; réduisez-la',
  'photo.large': '{found} Mo, plus que la limite de {most} Mo ; réduisez-la',
  'photo.over-limit': 'plus que la limite de {most} Mo ; réduisez-la',
  'photo.many-bytes': 'plus de {most} Mo à la fois ; apportez moins de photos',
  'photo.no-pictures': 'aucune image dans la requête ; des fichiers nommés « photos » sont attendus',
  'photo.is-video': 'une vidéo, une photo est attendue ; choisissez une photo',
  'photo.channels':
    '{found} canaux, {wanted} attendus pour une image {kind} ; enregistrez-la en JPEG ou PNG ordinaire',
  'video.gone': 'la vidéo a disparu ou ne peut pas être lue',
  'video.none': 'aucune image animée dedans, une vidéo est attendue ; remplacez-la',
  'video.no-picture': 'aucune image dedans, une vidéo est attendue ; remplacez-la',
  'video.damaged': 'une vidéo abîmée ou illisible ({why}) ; remplacez-la',
  'video.damaged-at': 'une vidéo abîmée (aucune image à {time} s)',
  'file.changing': 'change pendant la lecture ; relisez le dossier ensuite',
  'file.changed': 'a changé depuis la lecture ; relisez le dossier, puis recommencez',
  'file.irregular': 'ce n’est pas un fichier ordinaire, une image est attendue',
  'file.slow': 'n’a pas été lu en {minutes} minutes ; le disque est-il encore là ?',
  'file.through-link': 'un lien, ou atteint par un lien, qui n’est pas suivi ; relisez le dossier',
  'file.missing': 'aucun fichier de ce nom ; vérifiez le chemin',
  'file.link': 'un lien, qui n’est pas suivi',
  'file.long-path':
    'son chemin est plus long que le système ne peut ouvrir ; raccourcissez les noms des dossiers',
  'file.permission': 'illisible ({code}) ; vérifiez les droits',
  'file.cannot-write':
    'impossible à écrire ({why}) ; vérifiez que le dossier est accessible en écriture et que le disque n’est pas plein',
  'file.lock-lost':
    'le verrou a été retiré ou repris pendant le travail ; ce qui est écrit est conservé, recommencez',
  'file.things': 'abîmé, du JSON est attendu ; supprimez-le, les photos elles-mêmes n’y sont pas',
  'file.safetensors': 'pas un fichier safetensors intact ({why}) ; téléchargez-le ou exportez-le de nouveau',
  'file.disk': 'illisible ({code}) ; le disque est-il en bon état, et encore là ?',
  'file.away': 'son disque est parti pendant la lecture ; relisez quand il sera revenu',
  'file.name': 'son nom n’est pas en UTF-8 et ne peut être lu ; renommez-le',
  'file.immich':
    'se trouve dans immich, pas sur cette machine ; polar immich album la met dans un album là-bas',
  'folder.missing': 'aucun dossier de ce nom ; vérifiez le chemin',
  'folder.unknown': 'pas dans l’index ; « polar folders » montre les dossiers qui y sont',
  'folder.whole-path': 'un chemin entier est attendu, par exemple {example}',
  'folder.closed': 'impossible à ouvrir ({code}) ; un dossier lisible est attendu',
  'folder.file': 'un fichier, un dossier de photos est attendu',
  'folder.empty': 'aucune photo trouvée ; formats attendus : {formats}',
  'folder.others': 'aucune photo trouvée (il y a : {others}) ; formats attendus : {formats}',
  'folder.vanished':
    'le dossier a disparu pendant la lecture ; ce qui est fait est conservé, relisez quand il sera revenu',
  'folder.no-manager': 'aucun gestionnaire de fichiers ne l’a ouvert',
  'folder.many':
    'les photos sont dans {folders} dossiers, et {most} au plus sont montrés à la fois ; choisissez-en moins',
  'folder.visitor': 'les dossiers ne sont montrés qu’à qui est devant cette machine',
  'index.cannot-open': 'impossible à ouvrir ({why}) ; vérifiez l’adresse et les identifiants',
  'index.full':
    'l’index ne peut être écrit : son disque est plein ; faites de la place et recommencez, ce qui est fait est conservé',
  'index.cannot-write':
    'l’index ne peut être écrit ({why}) ; vérifiez que son dossier est accessible en écriture ; ce qui est fait est conservé',
  'index.contended':
    'l’index ne peut être écrit, d’autres programmes le changent sans cesse ({why}) ; recommencez',
  'select.unreadable': 'aucune des photos ne peut être lue ; la première : {reason}',
  'select.gone': 'ce fichier n’est plus conservé ; refaites-le',
  'select.large':
    '{photos} photos de {gigabytes} Go, plus que n’en contient une archive zip ({most}, 4 Go en tout) ; prenez-en moins, ou exportez vers un dossier',
  'select.changed': '{reason} ; l’archive n’a pas été écrite, recommencez',
  'album.none': 'aucun album de ce nom ; « polar albums » les montre',
  'album.none-removed': 'aucun des {most} derniers albums supprimés ne porte ce nom',
  'album.taken': 'un album de ce nom existe déjà ; prenez un autre nom, ou supprimez d’abord celui-là',
  'album.many': 'il y a déjà {most} albums ; supprimez-en d’abord',
  'album.place':
    'demande un lieu, ce que l’application ne sait pas faire ; utilisez polar albums show dans le terminal',
  'album.file':
    'abîmé, des recherches enregistrées sont attendues ; réparez-le, ou supprimez-le pour recommencer',
  'model.toybox': 'dessins : pour tout essayer tout de suite',
  'model.photos': 'recommandé pour les photos',
  'model.slow-machine': 'grandes collections sur une machine lente',
  'model.small': 'le petit téléchargement',
  'model.gpu': 'anglais, avec un GPU ou de la patience',
  'model.many': 'nombreuses langues, avec un GPU ; pas d’usage commercial',
  'model.paper': 'les mesures de l’article',
  'model.stays': 'la Toybox fait partie de polar et reste',
  'model.used': '{model} est utilisé ; choisissez d’abord un autre modèle',
  'model.cannot-load': 'ONNX Runtime ne peut charger le modèle ({why}) ; téléchargez-le de nouveau',
  'model.not-cached': 'aucun modèle de ce nom dans le cache {folder} ; polar models montre ceux qui y sont',
  'hub.unreachable': 'le hub est injoignable ({why}) ; vérifiez la connexion, ou prenez un modèle déjà là',
  'hub.failed':
    'le téléchargement a échoué {times} fois ({why}) ; vérifiez la connexion et réessayez, ce qui est là est conservé',
  'hub.refuses':
    'le hub refuse l’accès ({status}) ; donnez à HF_TOKEN un jeton qui peut lire ce modèle, et acceptez ses conditions sur sa page',
  'hub.none':
    'introuvable (404) ; vérifiez le nom et la révision du modèle, ou définissez HF_TOKEN s’il est privé',
  'hub.waits': 'le hub demande d’attendre (429) ; réessayez plus tard, ce qui est là est conservé',
  'hub.status': 'le hub a répondu {status} ; réessayez plus tard, ce qui est là est conservé',
  'hub.offline':
    'pas dans le cache {folder}, et HF_HUB_OFFLINE interdit de le télécharger ; lancez « polar models download {model} » là où il y a un réseau, avec HF_HUB_CACHE sur un dossier que vous pouvez apporter ici',
  'hub.proxy':
    'le proxy {address} : une adresse comme http://proxy:3128 est attendue ; corrigez HTTPS_PROXY, HTTP_PROXY ou ALL_PROXY',
  'hub.no-hash': 'le hub ne donne pas d’empreinte pour vérifier le fichier ; réessayez plus tard',
  'immich.unreachable': 'immich est injoignable ({why}) ; vérifiez l’adresse, et s’il fonctionne',
  'immich.no-json': '{path} n’a pas répondu en JSON ; est-ce l’adresse d’un serveur immich ?',
  'immich.strange': '{path} a répondu quelque chose d’inconnu ({why}) ; polar est écrit pour immich 2 et 3',
  'immich.cut-off': '{path} a été interrompu ({why}) ; réessayez',
  'immich.large': '{path} a répondu plus de {most} Mo',
  'immich.moved': 'renvoie vers {address} ; connectez-vous à cette adresse : polar immich connect',
  'immich.key':
    'la clé API n’y est pas connue{why} ; créez-en une sous Account Settings > API Keys, puis : polar immich connect {address}',
  'immich.key-may-not':
    'la clé API n’en a pas le droit{why} ; donnez-lui les droits {permissions} sous Account Settings > API Keys',
  'immich.status': '{path} a répondu {status} ({why})',
  'immich.not-connected':
    'aucun serveur immich n’est connecté ; lancez d’abord « polar immich connect <url> »',
  'immich.other-server':
    'un autre serveur immich est connecté, {address} ; reconnectez-vous au premier, ou retirez ses photos : polar index --forget {server}',
  'immich.not-its-photo': 'pas une photo de {address}, qui est connecté',
  'immich.no-photo': 'aucune photo de ce genre, ou la clé ne peut la voir',
  'server.fault': 'quelque chose s’est mal passé ; le terminal en dit plus',
  'server.broken-off': 'la requête a été interrompue',
  'server.form': 'le formulaire est interrompu ou abîmé ; renvoyez-le',
  'server.many': 'plus de {limit} à la fois',
  'server.not-connected': 'son serveur n’est pas connecté',
  'server.unknown':
    'aucune photo de ce serveur n’est lue ; lisez-les d’abord, par exemple avec « polar index immich: »',
  'server.long': 'plus de {most} caractères ; raccourcissez',
  'server.other-site': 'les requêtes d’autres sites sont refusées',
  'server.open': 'ouvrez l’adresse que polar serve affiche dans le terminal',
  'server.opened': 'cette adresse a déjà servi ; le terminal montre la suivante',
};
