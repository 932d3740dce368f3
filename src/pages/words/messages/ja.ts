import type { MessageWords } from '../message.ts';

/** The sentences of polar itself in Japanese. */
export const jaMessages: MessageWords = {
  'job.reading': '{folder} を読み込み中',
  'job.drawing': 'Toybox を描画中',
  'job.reading-toybox': 'Toybox を読み込み中',
  'job.downloading': '{model} をダウンロード中',
  'job.reading-again': '{model} で写真を読み込み中',
  'job.reading-again-of': '{model} で写真を読み込み中（フォルダー {index} / {total}）',
  'job.read': { other: '{folder}：写真 {count} 枚（新しいもの {added}、既知 {known}）' },
  'job.gone': 'なくなったもの {number}',
  'job.skipped': '飛ばしたもの {number}',
  'job.answers': { other: 'これからは {model} が答えます（写真 {count} 枚）' },
  'job.stopped': '停止しました。済んだ分は残ります。',
  'job.busy': '「{label}」がまだ続いています。待つか、先に停止してください',
  'job.lock': '別の「polar index」がここに書き込み中です。終わるまでお待ちください',
  'hint.near': '{a} と {b} はほとんど同じ画像です。別の写真のほうがよく学べます',
  'hint.unlike':
    '{photo} はほかの写真と似ていません。同じものが写っていますか？一部を切り抜くとよいかもしれません',
  'note.word': '「{word}」は普通の語として読まれます。学習したものは {name} と書いてください',
  'note.near': '「{word}」は学習したものではありません。{name} のことですか？',
  'note.unknown': '「{word}」という学習したものはありません',
  'note.absent':
    'これらの写真にはおそらくありません：{name} を学んだ写真ほど際立つものがありません。近いものを示します',
  'note.cut': '文の終わりは読まれませんでした：このモデルは {tokens} トークンまでです。短くしてください',
  'note.english':
    'このモデルは英語を読みます。ほかの言語には {model} のような多言語モデルを使ってください（polar models）',
  'search.nothing': '検索するものがありません。写真に写っているものを書くか、似た写真を選んでください',
  'concept.taken':
    '「{name}」はすでにあります。別の名前にするか、学び直すか、学び足すか、先に削除してください',
  'concept.none-to-add': '写真を加える「{name}」がありません。先に教えてください',
  'concept.none': '「{name}」はありません',
  'concept.name':
    '名前 {name} は使えません。文字と数字（間に空白、点、アポストロフィ、_、ハイフン）で、{most} 文字までです',
  'concept.class': '種類 {name} は使えません。一語か二語、{most} 文字までです',
  'concept.learnt-with':
    '「{name}」は {learnt} で学習したもので、使用中は {used} です。モデル {model} を選ぶか、このモデルにもう一度教えてください',
  'concept.older-state':
    '「{name}」は {learnt} で学習したもので、使用中は {used} です。モデルのこの状態でもう一度教えてください',
  'concept.other-size': '「{name}」はモデル {model} に合いません（{why}）。このモデルで学び直してください',
  'concept.no-features': '「{name}」には写真の特徴が付いていません。すべての写真から学び直してください',
  'concept.file-large': '{megabytes} MB を超えています。学習したものはずっと小さいはずです',
  'concept.no-file': 'リクエストにファイルがありません。「adapter」が必要です',
  'concept.no-zip': '読み込める zip ファイルではありません。ダウンロードしたものを選んでください',
  'concept.unpacks':
    '展開すると {megabytes} MB を超えます。学習したものはずっと小さいはずです。ダウンロードしたものを選んでください',
  'concept.no-adapter': 'ありません。PEFT アダプターのフォルダーが必要です',
  'concept.damaged': '学習したものが壊れています（{why}）。教え直すか、正常なコピーを使ってください',
  'concept.foreign':
    '別の種類のアダプターです（{why}）。学習したもの、またはランク 1 の普通の LoRA を選んでください',
  'concept.none-deleted': '元に戻せるものがありません。削除したものは 30 日間残ります',
  'learn.few': {
    other:
      '「{name}」：写真 {count} 枚、少なくとも {fewest} 枚必要です。違う場所で撮った写真を五枚ほど選んでください',
  },
  'learn.few-readable': {
    other:
      '「{name}」：{given} 枚のうち読み込めるのは {count} 枚、少なくとも {fewest} 枚必要です。違う場所で撮った写真を五枚ほど選んでください',
  },
  'learn.many': '「{name}」：写真 {photos} 枚は、保てる {most} 枚を超えています。減らしてください',
  'photo.no-id': 'この番号の写真はありません',
  'photo.gone': '写真がないか、読み込めません',
  'photo.empty': '空のファイルです。画像に取り替えてください',
  'photo.none': '読み込める画像ではありません（{why}）。対応形式：{formats}',
  'photo.format': '{format} 形式の画像は読み込めません。対応形式：{formats}',
  'photo.damaged': '壊れた画像です（{why}）。正常なコピーに取り替えてください',
  'photo.raw': 'JPEG を含まない RAW 写真です。JPEG で書き出してください',
  'photo.memory':
    '{width} × {height} ピクセルの展開には {needed} GB のメモリが必要で、許された {most} GB を超えます。小さくしてください',
  'photo.too-little-memory': '展開するメモリが足りません（{why}）。ほかのプログラムを閉じてください',
  'photo.slow': '展開に {limit} 分より長くかかります。小さくしてください',
  'photo.large': '{found} MB は上限の {most} MB を超えています。小さくしてください',
  'photo.over-limit': '上限の {most} MB を超えています。小さくしてください',
  'photo.many-bytes': '一度に {most} MB を超えています。写真を減らしてください',
  'photo.no-pictures': 'リクエストに画像がありません。「photos」というファイルが必要です',
  'photo.is-video': '動画です。写真を選んでください',
  'photo.channels':
    'チャンネルが {found} 個あります（{kind} の画像では {wanted} 個）。普通の JPEG か PNG で保存し直してください',
  'video.gone': '動画がないか、読み込めません',
  'video.none': '動く画像が入っていません。動画に取り替えてください',
  'video.no-picture': '画像が入っていません。動画に取り替えてください',
  'video.damaged': '壊れているか読み込めない動画です（{why}）。取り替えてください',
  'video.damaged-at': '壊れた動画です（{time} 秒に画像がありません）',
  'file.changing': '読み込み中に変わっています。終わったら読み直してください',
  'file.changed': '読み込んだあとに変わりました。フォルダーを読み直してから、もう一度行ってください',
  'file.irregular': '通常のファイルではありません。画像が必要です',
  'file.slow': '{minutes} 分以内に読み込めませんでした。ディスクはまだありますか？',
  'file.through-link': 'リンク、またはリンク経由のため、たどりません。読み直してください',
  'file.missing': 'そのファイルはありません。パスを確かめてください',
  'file.link': 'リンクのため、たどりません',
  'file.long-path': 'パスが長すぎて開けません。フォルダー名を短くしてください',
  'file.permission': '読み込めません（{code}）。権限を確かめてください',
  'file.cannot-write':
    '書き込めません（{why}）。フォルダーに書き込めるか、ディスクに空きがあるか確かめてください',
  'file.lock-lost':
    '作業中にロックが外されたか引き継がれました。書き込んだ分は残ります。もう一度行ってください',
  'file.things': '壊れています。JSON のはずです。削除してください。写真そのものは入っていません',
  'file.safetensors':
    '正常な safetensors ファイルではありません（{why}）。ダウンロードか書き出しをやり直してください',
  'file.disk': '読み込めません（{code}）。ディスクは正常で、まだありますか？',
  'file.away': '読み込み中にディスクがなくなりました。戻ったら読み直してください',
  'file.name': '名前が UTF-8 ではないため読み込めません。名前を変えてください',
  'file.immich':
    'immich にあり、このコンピューターにはありません。polar immich album でそこのアルバムに入れられます',
  'folder.missing': 'そのフォルダーはありません。パスを確かめてください',
  'folder.unknown': '索引にありません。索引にあるフォルダーは「polar folders」で表示できます',
  'folder.whole-path': '完全なパスが必要です。例：{example}',
  'folder.closed': '開けません（{code}）。読めるフォルダーが必要です',
  'folder.file': 'ファイルです。写真のフォルダーが必要です',
  'folder.empty': '写真が見つかりません。対応形式：{formats}',
  'folder.others': '写真が見つかりません（あるもの：{others}）。対応形式：{formats}',
  'folder.vanished': '読み込み中にフォルダーがなくなりました。済んだ分は残ります。戻ったら読み直してください',
  'folder.no-manager': '開けるファイルマネージャーがありません',
  'folder.many':
    '写真は {folders} 個のフォルダーにあり、一度に開けるのは {most} 個までです。減らしてください',
  'folder.visitor': 'フォルダーはこのコンピューターでだけ開けます',
  'index.cannot-open': '開けません（{why}）。アドレスと認証情報を確かめてください',
  'index.full':
    '索引を書き込めません。ディスクがいっぱいです。空きを作ってからやり直してください。済んだ分は残ります',
  'index.cannot-write':
    '索引を書き込めません（{why}）。フォルダーに書き込めるか確かめてください。済んだ分は残ります',
  'index.contended':
    '索引を書き込めません。ほかのプログラムが絶えず変えています（{why}）。やり直してください',
  'select.unreadable': 'どの写真も読み込めません。最初のもの：{reason}',
  'select.gone': 'このファイルはもうありません。作り直してください',
  'select.large':
    '写真 {photos} 枚（{gigabytes} GB）は zip の上限（{most} 枚、合計 4 GB）を超えています。減らすか、フォルダーに書き出してください',
  'select.changed': '{reason}。zip は書き込まれていません。やり直してください',
  'album.none': 'この名前のアルバムはありません。「polar albums」で一覧できます',
  'album.none-removed': '最後に削除した {most} 個のアルバムに、この名前のものはありません',
  'album.taken': 'この名前のアルバムはすでにあります。別の名前にするか、先にそれを削除してください',
  'album.many': 'アルバムがすでに {most} 個あります。先にいくつか削除してください',
  'album.place':
    '場所を条件にしていて、アプリでは扱えません。ターミナルで polar albums show を使ってください',
  'album.file': '壊れています。保存した検索のはずです。直すか、削除して初めからにしてください',
  'model.toybox': '絵：すぐにすべてを試せます',
  'model.photos': '写真におすすめ',
  'model.slow-machine': '遅いコンピューターで大きなライブラリー',
  'model.small': '小さいダウンロード',
  'model.gpu': '英語、GPU か忍耐が必要',
  'model.many': '多言語、GPU が必要。商用不可',
  'model.paper': '論文の評価用',
  'model.stays': 'Toybox は polar に付属し、削除できません',
  'model.used': '{model} は使用中です。先に別のモデルを選んでください',
  'model.cannot-load': 'ONNX Runtime がモデルを読み込めません（{why}）。モデルをダウンロードし直してください',
  'model.not-cached': 'キャッシュ {folder} にそのモデルはありません。あるものは polar models で一覧できます',
  'hub.unreachable': 'hub に接続できません（{why}）。接続を確かめるか、手元にあるモデルを使ってください',
  'hub.failed':
    'ダウンロードに {times} 回失敗しました（{why}）。接続を確かめてやり直してください。済んだ分は残ります',
  'hub.refuses':
    'hub に拒否されました（{status}）。このモデルを読めるトークンを HF_TOKEN に設定し、モデルのページで条件に同意してください',
  'hub.none': '見つかりません（404）。モデルの名前と版を確かめるか、非公開なら HF_TOKEN を設定してください',
  'hub.waits': 'hub が待つよう求めています（429）。あとでやり直してください。済んだ分は残ります',
  'hub.status': 'hub の応答は {status} です。あとでやり直してください。済んだ分は残ります',
  'hub.offline':
    'キャッシュ {folder} になく、HF_HUB_OFFLINE のためダウンロードできません。ネットワークのある所で HF_HUB_CACHE を持ち運べるフォルダーにして「polar models download {model}」を実行してください',
  'hub.proxy':
    'プロキシ {address}：http://proxy:3128 のようなアドレスが必要です。HTTPS_PROXY、HTTP_PROXY、ALL_PROXY を直してください',
  'hub.no-hash': 'hub がファイルを確かめるハッシュを返しません。あとでやり直してください',
  'immich.unreachable': 'immich に接続できません（{why}）。アドレスと、動いているかを確かめてください',
  'immich.no-json': '{path} の応答が JSON ではありません。immich サーバーのアドレスですか？',
  'immich.strange': '{path} の応答が未知のものです（{why}）。polar は immich 2 と 3 のために作られています',
  'immich.cut-off': '{path} が途中で切れました（{why}）。やり直してください',
  'immich.large': '{path} の応答が {most} MB を超えました',
  'immich.moved': '{address} に転送されます。そのアドレスに接続してください：polar immich connect',
  'immich.key':
    'API キーが認識されません{why}。Account Settings > API Keys で作り、polar immich connect {address} を実行してください',
  'immich.key-may-not':
    'API キーに権限がありません{why}。Account Settings > API Keys で {permissions} を許可してください',
  'immich.status': '{path} の応答は {status} です（{why}）',
  'immich.not-connected':
    'immich サーバーに接続していません。先に「polar immich connect <url>」を実行してください',
  'immich.other-server':
    '別の immich サーバー {address} に接続しています。元のサーバーに接続し直すか、その写真を外してください：polar index --forget {server}',
  'immich.not-its-photo': '接続中の {address} の写真ではありません',
  'immich.no-photo': 'その写真はないか、このキーでは見られません',
  'server.fault': '問題が起きました。ターミナルに詳しく出ています',
  'server.broken-off': 'リクエストが中断されました',
  'server.form': 'フォームが途切れたか壊れています。もう一度送ってください',
  'server.many': '一度に {limit} を超えています',
  'server.not-connected': 'そのサーバーに接続していません',
  'server.unknown':
    'このサーバーの写真は読み込まれていません。先に読み込んでください。例：「polar index immich:」',
  'server.long': '{most} 文字を超えています。短くしてください',
  'server.other-site': 'ほかのサイトからのリクエストは拒否します',
  'server.open': 'polar serve がターミナルに表示したアドレスを開いてください',
  'server.opened': 'このアドレスはもう使われました。次のアドレスはターミナルにあります',
};
