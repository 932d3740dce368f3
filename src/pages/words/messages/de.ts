import type { MessageWords } from '../message.ts';

/** The sentences of polar itself in German. */
export const deMessages: MessageWords = {
  'job.reading': '{folder} wird gelesen',
  'job.drawing': 'Die Toybox wird gezeichnet',
  'job.reading-toybox': 'Die Toybox wird gelesen',
  'job.downloading': '{model} wird geladen',
  'job.reading-again': 'Ihre Fotos werden mit {model} gelesen',
  'job.reading-again-of': 'Ihre Fotos werden mit {model} gelesen (Ordner {index} von {total})',
  'job.read': {
    one: '{folder}: {count} Foto ({added} neu, {known} bekannt)',
    other: '{folder}: {count} Fotos ({added} neu, {known} bekannt)',
  },
  'job.gone': '{number} nicht mehr da',
  'job.skipped': '{number} übergangen',
  'job.answers': {
    one: '{model} antwortet jetzt, aus {count} Foto',
    other: '{model} antwortet jetzt, aus {count} Fotos',
  },
  'job.stopped': 'Angehalten; das Fertige bleibt.',
  'job.busy': '„{label}“ läuft noch; warten Sie, oder halten Sie es erst an',
  'job.lock': 'ein anderes „polar index“ schreibt hier gerade; warten Sie, bis es fertig ist',
  'hint.near': '{a} und {b} sind fast dasselbe Bild; ein anderes würde mehr lehren',
  'hint.unlike':
    '{photo} sieht anders aus als die übrigen Fotos; zeigt es dasselbe Ding? Vielleicht hilft ein Ausschnitt',
  'note.word': '„{word}“ wird als Wort gelesen; schreiben Sie {name} für das gelernte Ding',
  'note.near': '„{word}“ ist kein gelerntes Ding; meinten Sie {name}?',
  'note.unknown': 'kein gelerntes Ding heißt „{word}“',
  'note.absent':
    'wahrscheinlich nicht in diesen Fotos: keines hebt sich so ab wie die, aus denen {name} gelernt wurde; es folgen die nächsten',
  'note.cut': 'das Ende des Satzes wurde nicht gelesen: Dieses Modell nimmt {tokens} Tokens; kürzen Sie ihn',
  'note.english':
    'dieses Modell liest Englisch; für andere Sprachen nehmen Sie eines für viele Sprachen, etwa {model} (polar models)',
  'search.nothing': 'nichts zu suchen; sagen Sie, was das Foto zeigt, oder geben Sie ein ähnliches Foto an',
  'concept.taken':
    '„{name}“ gibt es schon; nehmen Sie einen anderen Namen, lassen Sie es neu oder weiter lernen, oder löschen Sie es zuerst',
  'concept.none-to-add': '„{name}“ gibt es nicht, also kommen keine Fotos dazu; bringen Sie es zuerst bei',
  'concept.none': '„{name}“ gibt es nicht',
  'concept.name':
    'der Name {name} geht nicht; erlaubt sind Buchstaben und Ziffern (dazwischen Leerzeichen, Punkte, Apostrophe, _ und Bindestriche), höchstens {most}',
  'concept.class':
    'die Art {name} geht nicht; erwartet werden ein oder zwei Wörter, höchstens {most} Zeichen',
  'concept.learnt-with':
    '„{name}“ wurde mit {learnt} gelernt, benutzt wird {used}; wählen Sie das Modell {model}, oder bringen Sie es diesem Modell neu bei',
  'concept.older-state':
    '„{name}“ wurde mit {learnt} gelernt, benutzt wird {used}; bringen Sie es diesem Stand des Modells neu bei',
  'concept.other-size':
    '„{name}“ passt nicht zum Modell {model} ({why}); bringen Sie es diesem Modell neu bei',
  'concept.no-features':
    '„{name}“ kam ohne die Merkmale seiner Fotos; lassen Sie es aus allen seinen Fotos neu lernen',
  'concept.file-large': 'mehr als {megabytes} MB; ein gelerntes Ding ist weit kleiner',
  'concept.no-file': 'keine Datei in der Anfrage; erwartet wird „adapter“',
  'concept.no-zip': 'keine lesbare Zip-Datei; wählen Sie ein heruntergeladenes Ding',
  'concept.unpacks':
    'entpackt mehr als {megabytes} MB; ein gelerntes Ding ist weit kleiner, wählen Sie ein heruntergeladenes',
  'concept.no-adapter': 'fehlt; erwartet wird der Ordner eines PEFT-Adapters',
  'concept.damaged':
    'ein beschädigtes gelerntes Ding ({why}); bringen Sie es neu bei, oder nehmen Sie eine heile Kopie',
  'concept.foreign':
    'ein Adapter anderer Art ({why}); wählen Sie ein gelerntes Ding, oder eine einfache LoRA vom Rang eins',
  'concept.none-deleted': 'nichts zurückzuholen: Gelöschtes wird 30 Tage aufgehoben',
  'learn.few': {
    one: '„{name}“: {count} Foto, erwartet mindestens {fewest}; geben Sie etwa fünf Fotos, die das Ding an verschiedenen Orten zeigen',
    other:
      '„{name}“: {count} Fotos, erwartet mindestens {fewest}; geben Sie etwa fünf Fotos, die das Ding an verschiedenen Orten zeigen',
  },
  'learn.few-readable': {
    one: '„{name}“: {count} lesbares Foto von {given}, erwartet mindestens {fewest}; geben Sie etwa fünf Fotos, die das Ding an verschiedenen Orten zeigen',
    other:
      '„{name}“: {count} lesbare Fotos von {given}, erwartet mindestens {fewest}; geben Sie etwa fünf Fotos, die das Ding an verschiedenen Orten zeigen',
  },
  'learn.many': '„{name}“: {photos} Fotos, mehr als die {most}, die ein Ding behält; geben Sie weniger',
  'photo.no-id': 'kein Foto hat diese Kennung',
  'photo.gone': 'das Foto ist fort oder nicht lesbar',
  'photo.empty': 'eine leere Datei, erwartet wird ein Bild; ersetzen Sie sie',
  'photo.none': 'kein lesbares Bild ({why}); erwartet wird {formats}',
  'photo.format': 'ein Bild im Format {format}, das nicht gelesen wird; erwartet wird {formats}',
  'photo.damaged': 'ein beschädigtes Bild ({why}); ersetzen Sie es durch eine heile Kopie',
  'photo.raw': 'ein RAW-Foto ohne JPEG darin; exportieren Sie es als JPEG',
  'photo.memory':
    '{width} × {height} Pixel brauchen {needed} GB Speicher zum Entpacken, mehr als die {most} GB, die hier erlaubt sind; verkleinern Sie es',
  'photo.too-little-memory': 'gerade zu wenig Speicher zum Entpacken ({why}); schließen Sie andere Programme',
  'photo.slow': 'braucht länger als {limit} Minuten zum Entpacken; verkleinern Sie es',
  'photo.large': '{found} MB, mehr als die Grenze von {most} MB; verkleinern Sie es',
  'photo.over-limit': 'mehr als die Grenze von {most} MB; verkleinern Sie es',
  'photo.many-bytes': 'mehr als {most} MB auf einmal; bringen Sie weniger Fotos herein',
  'photo.no-pictures': 'keine Bilder in der Anfrage; erwartet werden Dateien namens „photos“',
  'photo.is-video': 'ein Video, erwartet wird ein Foto; wählen Sie ein Foto',
  'photo.channels':
    '{found} Kanäle, erwartet werden {wanted} bei einem Bild der Art {kind}; speichern Sie es als gewöhnliches JPEG oder PNG',
  'video.gone': 'das Video ist fort oder nicht lesbar',
  'video.none': 'kein bewegtes Bild darin, erwartet wird ein Video; ersetzen Sie es',
  'video.no-picture': 'kein Bild darin, erwartet wird ein Video; ersetzen Sie es',
  'video.damaged': 'ein beschädigtes oder nicht lesbares Video ({why}); ersetzen Sie es',
  'video.damaged-at': 'ein beschädigtes Video (kein Bild bei {time} s)',
  'file.changing': 'ändert sich, während es gelesen wird; lesen Sie den Ordner danach noch einmal',
  'file.changed': 'hat sich geändert, seit es gelesen wurde; lesen Sie den Ordner neu, dann noch einmal',
  'file.irregular': 'keine gewöhnliche Datei, erwartet wird ein Bild',
  'file.slow': 'wurde in {minutes} Minuten nicht gelesen; ist die Platte noch da?',
  'file.through-link':
    'ein Link, oder über einen erreicht, dem nicht gefolgt wird; lesen Sie den Ordner noch einmal',
  'file.missing': 'keine solche Datei; prüfen Sie den Pfad',
  'file.link': 'ein Link, dem nicht gefolgt wird',
  'file.long-path': 'sein Pfad ist länger, als das System öffnen kann; kürzen Sie die Namen der Ordner',
  'file.permission': 'nicht lesbar ({code}); prüfen Sie die Rechte',
  'file.cannot-write':
    'lässt sich nicht schreiben ({why}); prüfen Sie, ob in den Ordner geschrieben werden darf und die Platte nicht voll ist',
  'file.lock-lost':
    'die Sperre wurde während der Arbeit entfernt oder übernommen; das Geschriebene bleibt, machen Sie es noch einmal',
  'file.things': 'beschädigt, erwartet wird JSON; löschen Sie die Datei, die Fotos selbst stehen nicht darin',
  'file.safetensors': 'keine heile Safetensors-Datei ({why}); laden oder exportieren Sie sie noch einmal',
  'file.disk': 'nicht lesbar ({code}); ist die Platte in Ordnung, und noch da?',
  'file.away': 'die Platte ging fort, während gelesen wurde; lesen Sie noch einmal, wenn sie wieder da ist',
  'file.name': 'der Name ist kein UTF-8 und kann nicht gelesen werden; benennen Sie es um',
  'file.immich': 'liegt in immich, nicht auf diesem Computer; polar immich album legt es dort in ein Album',
  'folder.missing': 'kein solcher Ordner; prüfen Sie den Pfad',
  'folder.unknown': 'nicht im Index; die gelesenen Ordner stehen unter „Ordner“, oder in „polar folders“',
  'folder.whole-path': 'erwartet wird ein ganzer Pfad, zum Beispiel {example}',
  'folder.closed': 'lässt sich nicht öffnen ({code}); erwartet wird ein Ordner, der gelesen werden darf',
  'folder.file': 'eine Datei, erwartet wird ein Ordner mit Fotos',
  'folder.empty': 'keine Fotos gefunden; erwartet wird {formats}',
  'folder.others': 'keine Fotos gefunden (vorhanden: {others}); erwartet wird {formats}',
  'folder.vanished':
    'der Ordner verschwand, während er gelesen wurde; das Fertige bleibt, lesen Sie noch einmal, wenn er wieder da ist',
  'folder.no-manager': 'kein Dateimanager hat ihn geöffnet',
  'folder.many':
    'die Fotos liegen in {folders} Ordnern, und höchstens {most} werden auf einmal gezeigt; wählen Sie weniger',
  'folder.visitor': 'Ordner werden nur an diesem Computer gezeigt',
  'index.cannot-open': 'lässt sich nicht öffnen ({why}); prüfen Sie die Adresse und die Zugangsdaten',
  'index.full':
    'der Index lässt sich nicht schreiben: Die Platte ist voll; schaffen Sie Platz und versuchen Sie es noch einmal, das Fertige bleibt',
  'index.cannot-write':
    'der Index lässt sich nicht schreiben ({why}); prüfen Sie, ob in seinen Ordner geschrieben werden darf; das Fertige bleibt',
  'index.contended':
    'der Index lässt sich nicht schreiben, andere Programme ändern ihn ständig ({why}); versuchen Sie es noch einmal',
  'select.unreadable': 'keines der Fotos lässt sich lesen; das erste: {reason}',
  'select.gone': 'diese Datei ist nicht mehr da; machen Sie sie neu',
  'select.large':
    '{photos} Fotos mit {gigabytes} GB, mehr, als ein Zip-Archiv fasst ({most} mit zusammen 4 GB); nehmen Sie weniger, oder exportieren Sie in einen Ordner',
  'select.changed': '{reason}; das Archiv wurde nicht geschrieben, versuchen Sie es noch einmal',
  'album.none': 'kein Album heißt so; „polar albums“ zeigt alle',
  'album.none-removed': 'keines der letzten {most} entfernten Alben heißt so',
  'album.taken':
    'ein Album dieses Namens gibt es schon; nehmen Sie einen anderen Namen, oder entfernen Sie zuerst jenes',
  'album.many': '{most} Alben gibt es schon; entfernen Sie zuerst einige',
  'album.place': 'fragt nach einem Ort, was die App nicht kann; nehmen Sie im Terminal polar albums show',
  'album.file':
    'beschädigt, erwartet werden gespeicherte Suchen; bringen Sie die Datei in Ordnung, oder löschen Sie sie, um neu zu beginnen',
  'model.toybox': 'Zeichnungen: um alles gleich zu probieren',
  'model.photos': 'für Fotos empfohlen',
  'model.slow-machine': 'große Sammlungen auf einem langsamen Rechner',
  'model.small': 'der kleine Download',
  'model.gpu': 'Englisch, mit Grafikkarte oder Geduld',
  'model.many': 'viele Sprachen, mit Grafikkarte; nicht für gewerbliche Zwecke',
  'model.paper': 'die Messungen des Fachartikels',
  'model.stays': 'die Toybox gehört zu polar und bleibt',
  'model.used': '{model} wird benutzt; wählen Sie zuerst ein anderes Modell',
  'model.cannot-load':
    'ONNX Runtime kann das Modell nicht laden ({why}); laden Sie das Modell noch einmal herunter',
  'model.not-cached': 'kein solches Modell im Zwischenspeicher {folder}; polar models zeigt, was da ist',
  'hub.unreachable':
    'der Hub ist nicht erreichbar ({why}); prüfen Sie die Verbindung, oder nehmen Sie ein Modell, das schon da ist',
  'hub.failed':
    'das Laden schlug {times}-mal fehl ({why}); prüfen Sie die Verbindung und versuchen Sie es noch einmal, das Geladene bleibt',
  'hub.refuses':
    'der Hub verweigert den Zugang ({status}); setzen Sie HF_TOKEN auf einen Schlüssel, der dieses Modell lesen darf, und stimmen Sie auf seiner Seite den Bedingungen zu',
  'hub.none':
    'nicht gefunden (404); prüfen Sie Namen und Stand des Modells, oder setzen Sie HF_TOKEN, wenn es privat ist',
  'hub.waits': 'der Hub bittet zu warten (429); versuchen Sie es später, das Geladene bleibt',
  'hub.status': 'der Hub antwortete {status}; versuchen Sie es später, das Geladene bleibt',
  'hub.offline':
    'nicht im Zwischenspeicher {folder}, und HF_HUB_OFFLINE verbietet das Laden; rufen Sie „polar models download {model}“ auf, wo es ein Netz gibt, mit HF_HUB_CACHE auf einem Ordner, den Sie herbringen können',
  'hub.proxy':
    'der Proxy {address}: erwartet wird eine Adresse wie http://proxy:3128; berichtigen Sie HTTPS_PROXY, HTTP_PROXY oder ALL_PROXY',
  'hub.no-hash': 'der Hub gibt keine Prüfsumme für die Datei; versuchen Sie es später',
  'immich.unreachable': 'immich ist nicht erreichbar ({why}); prüfen Sie die Adresse, und ob es läuft',
  'immich.no-json': '{path} antwortete nicht mit JSON; ist das die Adresse eines immich-Servers?',
  'immich.strange': '{path} antwortete mit Unbekanntem ({why}); polar wurde für immich 2 und 3 geschrieben',
  'immich.cut-off': '{path} brach ab ({why}); versuchen Sie es noch einmal',
  'immich.large': '{path} antwortete mit mehr als {most} MB',
  'immich.moved': 'leitet weiter nach {address}; verbinden Sie sich mit dieser Adresse: polar immich connect',
  'immich.key':
    'der API-Schlüssel ist dort nicht bekannt{why}; machen Sie einen unter Account Settings > API Keys, dann: polar immich connect {address}',
  'immich.key-may-not':
    'der API-Schlüssel darf das nicht{why}; geben Sie ihm unter Account Settings > API Keys die Rechte {permissions}',
  'immich.status': '{path} antwortete {status} ({why})',
  'immich.not-connected':
    'kein immich-Server ist verbunden; rufen Sie zuerst „polar immich connect <url>“ auf',
  'immich.other-server':
    'verbunden ist ein anderer immich-Server, {address}; verbinden Sie sich wieder mit jenem, oder nehmen Sie seine Fotos heraus: polar index --forget {server}',
  'immich.not-its-photo': 'kein Foto von {address}, das verbunden ist',
  'immich.no-photo': 'kein solches Foto, oder der Schlüssel darf es nicht sehen',
  'server.fault': 'etwas ist schiefgegangen; das Terminal sagt mehr',
  'server.broken-off': 'die Anfrage wurde abgebrochen',
  'server.form': 'das Formular ist abgebrochen oder beschädigt; senden Sie es noch einmal',
  'server.many': 'mehr als {limit} auf einmal',
  'server.not-connected': 'sein Server ist nicht verbunden',
  'server.unknown':
    'von diesem Server sind keine Fotos gelesen; lesen Sie sie zuerst, zum Beispiel mit „polar index immich:“',
  'server.long': 'länger als {most} Zeichen; kürzen Sie es',
  'server.other-site': 'Anfragen von anderen Webseiten werden abgelehnt',
  'server.open': 'öffnen Sie die Adresse, die polar serve im Terminal zeigt',
  'server.opened': 'diese Adresse wurde schon benutzt; das Terminal zeigt die nächste',
};
