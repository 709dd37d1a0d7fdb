"""Hints, in both languages: words that say little alone and much together, in any order. `phrase_list` says how it is read.

Any change raises the version in `person_reads_list`.
"""

HINTS = """
# harm to oneself, hinted at
$ich = ich|mich|mir
balkon|dach|brücke|hochhaus|parkhaus|gleise|gleisen|bahnsteig|fensterbrett|klippe & ich & überlege|überleg|denke|denk|stelle_mir|stell_mir|frage_mich|frag_mich & fällt|falle|fallen|springen|springe|spring|aufprall|weh|vorbei|schnell
edge|ledge|roof|rooftop|balcony|bridge|storey|platform|tracks|cliff & i|im & wonder|wondering|think|thinking|imagine|imagining|picture & jump|jumping|fall|falling|hurt|step|quick|painless|end|over
vermissen|vermisst|vermisse|fehlen & keiner|niemand|keinem|niemandem & ich|mich|einzige|einziger & weg|tot|verschwunden|nicht_mehr|gestorben
weine|wein|heule|heul|flenne & ich & jede_nacht|jeden_abend|jeden_tag|nachts|in_den_schlaf|nur_noch
cry|crying & i|im|ive & every_night|every_day|to_sleep|each_night|all_the_time
if|whether ~ i|ill|im ~ will|gonna? ~ be ~ around|alive ~ for|by|when|then|anymore|next|.
my|own ~ own funeral|grave
my|own funeral|grave
angetan|antue|antu & mir & ich|selbst
wrist|wrists|handgelenk|handgelenke|unterarme|oberschenkel & ich|meine|meinen|my|i & brennen|brennt|bluten|blutet|sting|stings|bleed|bleeding & again|wieder|did_it|do_it|nacht|night|getan|gemacht
blut|blute|blutet|blood|bleeding|bleed & ich|i|my|meine|mein & klinge|rasierer|razor|blade|schneide|geschnitten
keiner|niemand|nobody ... kümmern|kümmert|worry|bother|deal & mich|mir|me & mehr|anymore|dann|then
abgenommen|gegessen|esse|ess|essen & ich & zu_fett|so_fett|dick_bin|kotze|kotz|auskotzen|ausgekotzt|rausgebrochen|erbreche|erbrochen|abführmittel|übergeben
ate|eat|eating|eaten|lunch|dinner|food|meals & i|ive|im & throw_up|threw_up|throwing_up|puke|purge|purging|get_rid_of_it|make_myself_sick|laxatives|too_fat|so_fat|feel_fat|skipping|dont_deserve
cutting|burning|scratching ~ helps|help|calms & me|i|pain|myself
dark|suicidal|horrible ~ thoughts & i|im|my|ive|me
# what is done to a child, hinted at
$zuhause = papa|vater|mama|mutter|stiefvater|stiefmutter|stiefpapa|stiefmama|opa|oma|onkel|tante|bruder|cousin|eltern|freund|er|sie
$athome = dad|mum|mom|stepdad|stepmum|stepmom|father|mother|stepfather|stepmother|uncle|aunt|auntie|grandad|gran|nan|brother|parents|boyfriend|he|she|they
gürtel|kochlöffel|rohrstock|herdplatte|bügeleisen|peitsche|teppichklopfer|schlappen|kabel & $zuhause & ich|mich|mir|meine|meinen & holt|nimmt|hebt|gedrückt|drückt|zieht|kriege|krieg|knallt|gehauen|haut|schlägt|geschlagen|drauf
belt|cane|slipper|stove|iron|hob|cigarette|rice|cable|kettle & $athome & me|my|i & gets_his|gets_the|gets_out|takes_off|took_off|kneel|burn|burns|burned|burnt|held|pressed|bleed|bleeds|whip|marks
blaues auge & $ich & $zuhause|gefallen|wieder|danach
bruise|bruises & i|my|me & dad|mum|mom|stepdad|he|she|him|her|brother|uncle|boyfriend|from_home
someone|somebody|man|guy|stranger ~ is|keeps ~ following|stalking|watching me
black eye|eyes & i|me|my & $athome & again|gave|me|after|fell|because
kneel|knien|knie & $athome|$zuhause & me|mich|ich & makes|made|muss|stundenlang|hours|rice|reis|till|bis|bleed
hose|unterhose|slip|schlafanzug & $zuhause|trainer|lehrer|mann & ich|mir|meine & runter|ausziehen|runtergezogen|runterziehen|aufgemacht|runtermachen
trousers|pants|knickers|underwear|pyjamas & $athome|coach|teacher|man & my|me & pulls|pulled|down|takes|took|take
massiert|streichelt|küsst|umarmt|kitzelt & mich|mir & komisch|unangenehm|unter_uns|geheimnis|eklig|heimlich|obwohl|nicht_will
bleibt ~ unter uns & mich|mir|ich
between us & me|my|i & says|said|stays|keep|just
bath|shower|bathroom|bedroom & me|my|i|im & $athome|coach|teacher & locks_the|locked_the|gets_in|gets_into|got_in|naked|undress|watches_me|touches
doktor spielen & ich|mir|mich
on top of me & he|she|dad|stepdad|uncle|cousin|brother|man|boy|they
webcam|cam & i|me|my & men|man|guys|money|strip|he
legt|liegt|setzt ~ sich? ~ auf mich
stirb|verreck|spring doch|endlich|einfach & mir|mich
bild|bilder|foto|fotos|video|videos & ich|mich|mir & sonst|erpresst|droht|gedroht|euro|geld & er|sie|typ|junge|jungen|jemand|freund|ex|die
picture|pictures|pic|pics|photo|photos|video & me|my & or|unless|otherwise|pay|money & he|she|they|hes|theyre|guy|boy & everyone|post|posts|send|sends|share|shares|leak|show|shows|do_what|have_to
xbox|roblox|discord|snapchat|snap|instagram|insta|fortnite|internet|tiktok|online & me|i & he|hes|man|guy|lad|bloke & not_tell|dont_tell|secret|meet|alone|older|hotel
roblox|discord|snapchat|snap|instagram|insta|fortnite|internet|tiktok|online & mich|mir|ich & er|typ|mann|kerl & treffen|geheim|nicht_sagen|nichts_sagen|allein|älter|hotel|ausziehen
cupboard|cupboards|fridge & nothing|empty|bare & we|i|me|us
kühlschrank & leer|nichts & ich|wir|uns
trinkt|säuft|liegt & mama|mutter|papa|vater & ich|mir & den_ganzen_tag|nur_noch|zu_viel|schon_morgens
my ~ mum|mom|dad|stepdad|mother|father|parents ~ is|are|was ~ an? ~ alcoholic|alcoholics|drunk|addict|junkie
drinks|drinking|drunk & mum|mom|dad|stepdad|mother|father & i|me|my & all_day|again|too_much|every_night|every_day
spucken|spuckt|spuckten|gespuckt & mir|mich & sie|die|er|alle|immer|jungs|mädchen|klasse
soll ~ doch|endlich|einfach? ~ springen|sterben|verrecken|verschwinden & ich|mir|mich
burn|burned|spit|spat|cut|pull|pulled|rip|ripped & my_hair|my_food|in_my|on_me & they|boys|girls|kids|he|she|everyone
messer|brotmesser|küchenmesser & papa|mama|vater|mutter|stiefvater|bruder & schreien|schreit|geschrien|angst|streiten|streit|gestritten|gebrüllt|brüllt|anschreien & ich|mir|meine|meiner|wir
knife & dad|mum|mom|stepdad|father|mother|brother & shouting|screaming|scared|fighting|yelling|argue|arguing|waved|held & i|me|my|we
hospital|krankenhaus & dad|stepdad|papa|stiefvater|vater|boyfriend & put_mum|put_my|put_me|geprügelt|prügelt|geschlagen
jugendamt|social_workers|social_services|social_worker & i|me|ich|mich & next|angst|verrate|lügen|sonst|lie|scared|or_else|tell|talk|dürfen
wedding|marry|married|hochzeit|verlobt|heiraten & i|me|ich|mich & want_me_to|want_me|make_me|making_me|forcing|forced|ich_soll|ich_muss|wollen_dass|zwingen|gezwungen|fly|flight|flug
lock|locked|abgeschlossen|eingeschlossen|eingesperrt|verriegelt & room|zimmer|keller|cellar|basement|door|tür & outside|außen|bucket|eimer|not_allowed|leave|raus & i|im|me|ich|mich
not|nicht ~ allowed|aloud|erlaubt ~ to leave|go_out my|the? room|house & i|im
draußen|bahnhof|park|auto|treppenhaus & ich & geschlafen|schlafen|schlafe|übernachtet & rausgeworfen|rausgeschmissen|ausgesperrt|mama|papa|eltern|stiefvater
outside|station|park|car|bench|stairwell & i|im|ive & slept|sleep|sleeping & kicked_out|kicked_me|threw_me|locked_out|mum|mom|dad|stepdad
schwanger|pregnant & ich|i|im & angst|scared|eltern|parents|keiner|nobody|niemand
# threats, hinted at
steht ~ nicht mehr auf & ich & nächste|nächsten|ernst|dann|bald
laugh|laughing|lachen|lacht & none_of_them|nobody|no_one|keiner|niemand & i|ill|ich & day|monday|tomorrow|montag|bald|watched|ready|bereit & walk_in|come_in|reinkomme|reingehe|rein|then|dann
"""
