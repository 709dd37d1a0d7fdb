"""The German phrases of the list that makes a person read an answer. Any change raises the version in `person_reads_list`."""

GERMAN = """
# German: harm to oneself
$will = will|wollte|soll|möchte|mag|würde|werde|könnte|kann|muss|sollte|hätte
$niemand = niemand|keiner|niemanden|keinen|niemandem|keinem|kein_mensch
$ichhab = ich_hab|ich_habe|hab_ich|habe_ich|hatte_ich|ich_hatte
$sterben = sterben|krepieren|verrecken|verschwinden|abkratzen|tot_sein|nicht_mehr_leben|nicht_mehr_sein|nicht_mehr_existieren|nicht_mehr_weiterleben|nicht_mehr_weiter_leben|nicht_mehr_da_sein|nicht_mehr_hier_sein|nie_geboren|weg_sein|nicht_mehr_aufwachen|nie_mehr_aufwachen|nie_wieder_aufwachen|weg_von_dieser_welt|von_der_welt
$enden = aufhört|aufhören|vorbei|endet|ende|enden|ein_ende|schluss
ich ~ $will ~ $sterben
$will ~ ich ~ $sterben
warum|wieso|wozu|wofür man|ich ~ nicht mehr weiterleben|leben
warum|wieso|wozu|wofür ich ~ lebe|leb|existiere|da_bin|hier_bin
ich ~ $will ~ es|alles|allem|dem_ganzen|das_alles|mein_leben|meinem_leben ~ beenden|beende|ein_ende_machen|ein_ende_setzen|ein_ende_bereiten
wie ich ~ es|mein_leben|alles ~ beende|beenden
ich ~ allem ein ende machen|setzen
ich ~ $will|wünsche_mir|bete|wünschte ~ dass|das? ~ es|alles|der_schmerz|schmerzen ~ $enden
$will ich ~ dass|das? ~ es|alles ~ $enden
$will ~ nicht|nicht_mehr ~ da|hier sein
ich wäre|wär|sollte|wünschte|wünsche ~ tot|gestorben|nie_geboren|nie_auf_der_welt
wäre|wär ich ~ tot|gestorben|nie_geboren|nicht_geboren|nie_auf_die_welt
ich ~ nie|nicht geboren
mich ~ niemals|nie gegeben|geboren
wenn|falls ich ~ tot|weg|gestorben|nicht_mehr_da|nicht_mehr_lebe|nicht_mehr_leben|nicht_mehr_hier ~ wäre|bin|wär|bist|würde|.
wenn|falls ich ~ sterbe|sterben|verschwinde|verschwinden|weg_bin|tot_bin|verrecke
ich ... nicht|nie|nimmer ~ mehr|wieder ~ aufwach*|aufzuwach*|aufsteh*
würde|will|möchte|wünschte|hoffe|wäre ~ ich ... nicht|nie ~ mehr|wieder ~ aufwach*|aufzuwachen
für immer ~ schlafen|einschlafen|verschwinden|weg
einschlafen und nicht|nie
ich ... lebensmüde|suizidal|selbstmordgefährdet|depressionen|suizidgedanken|selbstmordgedanken|todesgedanken
$ichhab|mit|meine|meinen ~ suizid*|selbstmord*|todes_sehnsucht|todessehnsucht|todesgedanken
ich ~ $will ~ suizid|selbstmord ~ begehen|machen
ich|mich ... mich suizidieren
denke|denk|dachte|nachgedacht|nachdenke|nachdenken ... ich|mich ... umbring*|umzubring*|suizid|selbstmord|sterben|zu_sterben
ich ~ denke|denk|dachte|denken ... an|ans|über|daran|darüber ... suizid|selbstmord|ans_sterben|zu_sterben|meinen_tod|schluss_zu_machen
wie es ~ wäre|ist|wär ~ tot|nicht|weg|zu_sterben|wenn_ich
mich ... umbring*|umzubring*|umgebracht|erhäng*|aufhäng*|aufzuhängen|erhängt|töten|zu_töten|killen|ritz*|geritzt|ritzt|aufschlitz*|auslösch*|umlegen|ertränk*|vergift*|erschieß*
bringe|bring|brächte mich|ich_mich ... um
$ritzen = schneide|schneid|ritze|ritz|verbrenne|verbrenn|kratze|schlage|schlag|verletze|verletz
ich|und ~ $ritzen mich ~ wieder|immer|oft|selbst|selber|jeden|heimlich|blutig|auf|absichtlich|nachts|abends|um|damit|bis|wenn|weil|am|an|mit
ich ~ ritze|ritz|ritzen mich|mir
$ritzen ich mich ~ wieder|immer|oft|selbst|selber|jeden|heimlich|blutig|auf|absichtlich|um|damit|bis|wenn|weil|am
ritze|ritz|ritzen ich mich|mir
mich ... geschnitten ... absicht*|um_zu|arm|arme|damit|weil
mich ~ selbst|selber ... verletz*|zu_verletz*|weh|wehtu*|bestraf*|schneid*|schlag*|hass*
ich ~ tue|tu|tuh mir ~ weh|was_an|etwas_an|selbst_was
ich ... mir ... wehtun|weh_tun|weh_zu_tun|weh_getan|wehgetan|wehzutun ... absicht*|um|damit|weil|selbst
mir ~ selbst|selber ... weh*
mir ... was|etwas ~ antun|antu|anzutun|angetan
mir ... das|mein leben ~ nehmen|nehme|zu_nehmen|genommen
ich ~ nehme|nehm mir ... das leben
$körper = arm|arme|armen|unterarm*|bein|beine|beinen|oberschenkel*|handgelenk*|haut|pulsader*|adern|ritz*|bauch
$klinge = klinge|klingen|rasierklinge*|cutter*|cuttermesser|zirkel|schere|scherbe*|glasscherbe*|spitzer|messer|rasierer|nadel*|feuerzeug|zigarette*
mir|meine|meinen ... $körper ... auf|aufgeschnitten|aufgeritzt|aufschneide*|aufritz*|geritzt|zerkratz*|blutig|aufgekratzt|aufschlitz*
ich ... mit|die|der|einer|eine|meiner $klinge ... $körper|mich|ritz*
mit|die|der|einer|meiner|einem|dem|meinem $klinge ... ich|mir|meine|meinen ... $körper
ich ... mit|die|der|meine|einer|meiner klinge|rasierklinge*
ich ... schneide|ritze|verbrenne|kratze ... in|am|an|die|den|mein|meine|meinen $körper|arm
schnitte|narben|wunden|striemen|ritzer|kratzer ... an|auf|am|über ~ meinem|meinen|meine|meiner|arm $körper|rücken|.
meine|meinen|die narben|schnitte|ritzer|wunden ... sieht|sehen|verstecke*|merkt|keiner|arm*|bein*
damit|dass|weil|sonst ~ $niemand|man|mama|papa|lehrer ... meine|die arme|narben|schnitte|wunden|flecken|blaue_flecken|beine
ich ~ schlage|schlag|haue|hau|boxe|ramme ... kopf|faust|fäuste|hand ... wand|gegen|tür|mauer
schlage|schlag|haue|hau|boxe|ramme ich ... kopf|faust|fäuste|hand ... wand|gegen|tür|mauer
meinen kopf ... gegen|an ... wand|tür|mauer
bis ich|es ~ nichts|mich|etwas|was|blut* ... spür*|fühl*|blutet
damit|um ~ ich|mich|etwas|was|überhaupt ~ etwas|was|mich|zu ~ spür*|spüren|fühle|fühlen
ich ~ spüre|fühle|spür|fühl ~ nichts mehr
ich ~ fühle|fühl|bin|komme_mir ~ innerlich ~ tot|leer|kaputt|gestorben
ich|mich ~ fühle|fühl mich ... leer|tot|wertlos|nutzlos|überflüssig|wie_tot|wie_dreck|wie_müll
ich ... nur noch leer
$pillen = tabletten|pillen|schlaftabletten|schmerztabletten|medikamente|paracetamol|überdosis|ibus|ibuprofen|antidepressiva|schlafmittel
ich ... $pillen ... sammel*|sammle|gesammelt|geschluckt|schluck*|gehortet|horte|gespart|versteckt|auf_einmal|bereit
$pillen ... sammle|sammel|horte|schlucke ich
sammle|sammel|horte|schlucke|spare|nehme|verstecke ~ ich ... $pillen
ich ~ nehme|nehm|schluck|schlucke|sammle|sammel|horte|spare|zähle|verstecke ... $pillen ... alle|ganze|bis|für|damit|auf_einmal|ein
$ichhab|ich_nehme|ich_nehm|ich_schlucke ~ alle|zu_viele|ganze|eine_packung|eine_ganze_packung|die_ganze|die_ganzen|genug ~ packung|von ... $pillen
ich ... überdosis
$hoch = zug|züge|brücke|dach|dächern|fenster|gleise|gleisen|hochhaus|balkon|parkhaus|bahnsteig|schienen|klippe|autobahn|bahnübergang
ich|mich|mir ... vom|vor|von|aus|auf|an ... $hoch ... spring*|gesprungen|zu_spring*|werf*|schmeiß*|leg*|stürz*|fallen|geh*|zu_gehen|lauf*|stell*|schritt|ruhe|vorbei|denk*
ich ~ springe|spring|lege|leg|werfe|werf|schmeiße|schmeiß|stürze|stürz ~ mich ... $hoch|auto|bus|lkw
wär|wäre ich ~ gesprungen .
mir überlegt|ausgemalt|vor ... vor|vom|von|aus ~ $hoch
mir ~ vor ... zu springen|sterben
$hoch ... spring|springe|werfe|werf|lege|leg|stürze ich
spring|springe|werfe|werf|lege|leg|schmeiße|schmeiß ich|ich_mich ... vom|vor|von|aus|auf ... $hoch
mich ... vor|unter ~ den|einen|ein|das|die|nächsten|nächste|eine zug|auto|bus|lkw|bahn|ubahn|laster
ich ... vor|unter ~ den|einen|ein|das|die|nächsten|nächste|eine zug|auto|bus|lkw|laster ... lauf*|renn*|spring*|werf*|geh*
ich ... runterspring*|runterzuspring*|runter_spring*|runter_zu_spring*|hinunterspring*|herunterspring*|hinunterzuspringen
ich|mir ... strick|seil|galgen ... gekauft|besorgt|bereit|hals|gesucht|geknotet|liegt
ich ... pulsader*
kein|keinen|keine grund|lust|kraft|bock ~ zu|zum|auf|aufs|am ~ mein|das|dieses? leben|weiterleben|weiterzuleben|leben_mehr
kein|keinen|keine ~ grund|lust|kraft|sinn ~ mehr ~ weiterzu*|aufzuwachen|zu_leben|hier_zu_sein|da_zu_sein|am_leben_zu|zu_existieren
kein|keinen|keine grund|lust|kraft|bock mehr ~ zu|zum|auf|aufs|am ~ mein|das|dieses? leben|weiterleben|weiterzuleben|dasein
ich ... keine|null kraft|energie|hoffnung mehr
mein leben ~ hat|macht|ist|hätte ... keinen|kein|sinnlos|scheiße|wertlos|vorbei|wert|hölle|unerträglich|am_ende ~ sinn|.|mehr
mein|das|dieses leben ~ nicht ~ lebenswert|ertrag*|aushalt*|wert
mein leben ist ... nichts ~ wert
mein leben|dieses_leben ~ so|nicht|nie mehr
hasse|hass mein|dieses|das leben
ich mag mich ~ nicht ~ .|mehr|selbst
hasse|hass mich .|selbst|selber|dafür|so|und
ich sehe|seh|finde|hab|habe ~ keinen|kein|keine ~ sinn|ausweg|anderen_ausweg|andere_lösung|zukunft|hoffnung ~ mehr|für_mich|als
sehe|seh|finde|habe|hab ich ~ keinen|kein|keine ~ sinn|ausweg|anderen_ausweg|zukunft|hoffnung|andere_lösung
macht ~ alles|das_alles|nichts ~ keinen|kein|mehr ~ sinn mehr .
ist ~ alles ~ sinnlos .
alles ~ sinnlos|egal|hoffnungslos geworden|für_mich
egal ~ ob ich ... lebe|leb|sterbe|überlebe|aufwache|tot|draufgehe|da_bin|lebend*
$ohne = ohne_mich|wenn_ich_weg|wenn_es_mich|wenn_ich_nicht|wenn_ich_tot|sobald_ich_weg|dass_es_mich|wenn_ich_mal_weg|wenn_ich_einfach_weg|wenn_ich_sterbe|wenn_ich_verschwind*|wenn_ich_endlich
$besser = besser*|leichter|glücklicher|einfacher|froh|froher|erleichtert|ruhe|problem_weniger|sorge_weniger|sorgen_weniger|weniger_sorgen|weniger_probleme|erlöst|freuen|feiern
ohne mich ... $besser
$besser ... $ohne
$ohne ... wäre|wären|hätte|hätten|geht|ginge|würde|würden|wird ... $besser
$niemand|wen|wer würde|wird|vermisst|merkt|bemerkt|interessiert|juckt|fällt|stört|weint|kümmert|braucht|wäre|merken|juckts ... mich|ich|$ohne
$niemand ... auffallen|merken|merkt|bemerken|bemerkt|vermissen|vermisst|weinen|trauern|interessieren|jucken|juckt|kümmern|stören ... wenn|ob|dass|falls|würde ich|mich
mich ... $niemand ~ vermiss*|braucht|brauchen|mag|liebt|will|lieb|versteht|wollte
wenn|ob|dass|falls ich|es_mich ... merkt|bemerkt|vermisst|juckt|interessiert|stört|kümmert|würde|wird|fällt ... $niemand
wen|wer ... vermiss*|juckt|interessiert|stört ... wenn|ob ich|es_mich
$niemand ~ mag|liebt|braucht|vermisst|versteht mich
alle|die_alle|klasse|eltern hassen|hasst mich
hassen|hasst mich ~ alle|.
wenn|dass|und|ob ~ es mich ~ nicht|nie|nimmer ~ gäbe|gibt|gegeben|geben
ich|ihnen|euch ~ bin|und ... will|mag|kann nicht mehr .
bin|bin_ich ~ allen|jedem|euch|ihnen|meinen_eltern|zu_hause_allen|keinem ~ egal|wichtig|scheißegal
ich bin|wäre|falle|fall|bin_ich ... im weg|zur_last .|hier|zu_hause|ihnen|und
ich bin|wäre ~ nur|bloß|allen|euch|jedem|für_alle|für_meine_eltern|ihnen|meinen_eltern ... last|belastung|ballast|im_weg|zur_last|problem
ich bin|wäre ~ ein|eine|nur|doch|für_alle ~ last|belastung|ballast|fehler|abschaum|dreck|müll|enttäuschung|versager|schande|nichts
falle|fall|bin|liege ich|ich_allen|allen ... zur last|im_weg
ich bin ~ nichts|nix ~ wert
ich bin ~ wertlos|nutzlos|überflüssig|am_ende|kaputt .|und
ich kann|mag|will ~ das|es|das_alles|alles|dieses_leben ~ nicht|nicht_länger|nimmer ~ mehr .|und
ich kann|mag ~ nicht|nimma|nimmer ~ mehr .
kann|mag ich ~ nicht|nimmer ~ mehr .
kann|schaffe|will ich ~ nicht|nimmer|nicht_länger ~ mehr? ~ weitermachen|weiterleben|weiter
ich ~ $will ~ weit|einfach? weg .|von_allem|von_zuhause|von_allen|von_hier
ich kann|kanns|will ... nicht mehr|länger aushalten|ertragen|durchhalten|weitermachen|weiterleben|weiter
ich halte|halt|halts|ertrage|ertrag|pack|packe|schaffe|schaff|schaffs|packs ~ das|es|die|alles|hier|meine* ... nicht|nimmer ~ mehr|länger ~ aus|.|hier|zu_hause
ich halte|halt|halts ... nicht|nimmer mehr|länger ~ aus
halte|halt|ertrage|schaffe|schaff ich|ich_das|ich_es|ichs ... nicht|nimmer mehr|länger ~ aus|.
wie|ob ich ... woche|tage|tag|nacht|monat|jahr|winter|das|es ~ überstehe*|überleben|durchstehe*|schaffen_soll|aushalten ~ soll|kann|werde|will
ich werde|bin|werd|glaube_ich_bin ~ nicht|nimmer mehr lange|da|hier ~ da|hier|leben|.|wenn|sein
ich werde|werd|wird|will ... nicht mehr|alt|erleben ~ erleben|werden|alt
meinen ~ geburtstag|abschluss|abi|sommer ... nicht mehr|erleben|erlebe
bin|wäre|wär ich ~ sowieso|eh|bald|dann ~ nicht mehr ~ da|hier|am_leben|unter_euch
bald ~ bin|hab|habe|ist|wird|ists|hat ~ ich|alles|das_alles ... weg|nicht_mehr_da|tot|erlöst|hinter_mir|ruhe_vor_mir|mich_los|vorbei_mit_mir|frei_von_allem
mich ~ bald|endlich|los ~ los|nicht_mehr ~ .|ertragen|sehen
dann ~ ist|hab|habe|hätte|wäre|hört|haben ~ ich|alles|das|es|alle|endlich ... ruhe|vorbei|ruhe_vor_mir|schmerz*|frieden
$ichhab|ich|mein|meinen|meine ... abschiedsbrief* ... geschrieben|schreib*|fertig|liegt|an|versteckt|.
abschiedsbrief* ... $ichhab|schreibe_ich|schreib_ich|hab|habe ... geschrieben|schon|fertig|versteckt
mein|meinen|meine abschiedsbrief|abschiedsbriefe|testament|beerdigung|letzte_nachricht|letzter_brief|letzte_worte
ich ... meine|meinen|alle|mein sachen|zeug|spiele|handy|hund|kleider ... verschenk*|verschenkt
das ist|wird|war ~ mein letzter|letzte tag|brief|text|arbeit|aufsatz|worte|nachricht|abgabe|hausaufgabe
wenn|sobald|bis ihr|sie|du|jemand ~ das|dies|diesen|meinen|diese ... lest|lesen|liest|liest|findet|finden ~ bin|werde|leb* ich
ich ... stimmen ... kopf|befehlen|sagen
stimmen ... in meinem kopf
stimmen ... sagen|befehlen ~ mir|dass_ich
kotze|kotz|erbreche ~ mich|alles|ich ~ nach|jedem|wieder ... essen|absicht*|aus
finger ... in den|meinen hals
ich ... esse|ess|gegessen|hungere ... seit|fast ... tagen|nichts_mehr|gar_nichts|wochen
versucht ~ mich ~ aufzuhängen|umzubringen|zu_töten|zu_erhängen|zu_ertränken
# German: what is done to a child
$kind_nah = vater|vati|papa|papi|dad|mutter|mutti|mama|mami|mum|stiefvater|stiefmutter|stiefpapa|stiefmama|stiefbruder|pflegevater|pflegemutter|pflegeeltern|bruder|brüder|schwester|geschwister|onkel|tante|opa|oma|großvater|großmutter|cousin|cousine|eltern|freund|exfreund|ex|nachbar|nachbarn|trainer|lehrer|sportlehrer|nachhilfelehrer|klavierlehrer|lehrerin|betreuer|betreuerin|erzieher|erzieherin|pfarrer|priester|chef|babysitter|alter|alte|vadder|baba|mitbewohner
$wer = $kind_nah|mann|männer|typ|typen|kerl|jungs|jungen|mädchen|mitschüler|mitschülerin|klassenkameraden|leute|einer|eine|jemand|er|sie|alle|welche|zehnten|zehntklässler|neunten|älteren|größeren|clique|gruppe|klasse|die|ihr|paar
$schlägt = schlägt|schlagen|schlug|schlugen|geschlagen|zuschlägt|haut|hauen|gehauen|verhaut|verhauen|verprügelt|verprügeln|verprügelte|prügelt|prügeln|verdroschen|verdrischt|tritt|treten|getreten|tretet|boxt|boxen|geboxt|würgt|würgen|gewürgt|misshandelt|misshandeln|ohrfeigt|geohrfeigt|schubst|schubsen|geschubst|schüttelt|quält|quälen|gequält|totschlägt|totschlagen|totzuschlagen|zusammenschlägt|zusammenschlagen|zusammengeschlagen|vermöbelt|verkloppt|kloppt|kloppen|bedroht|bedrohen|erpresst|erpressen|missbraucht|missbrauchen|vergewaltigt|vergewaltigen|belästigt|belästigen|bespuckt|anspucken|bespucken|abstechen|absticht|umbringt|umbringen|umzubringen|umlegen|töten|tötet|kaltmachen|fertigmachen|eingesperrt|einsperrt|einsperren|rausgeschmissen|rausgeworfen|gezwungen|gestoßen|runtergestoßen|runtergeworfen|verfolgt|verfolgen|stalkt|stalken|verbrüht|verbrannt|begrapscht|begrapschen|angegrapscht|grapscht|anfasst|anfassen|angefasst|anfaßt|betatscht|befummelt|ausgezogen|auszieht|festgehalten|gemobbt|mobben|mobbt|gefilmt|nackt
$wer ... $schlägt mich
$wer ... mich|mir ... $schlägt
$schlägt mich ... $kind_nah
$schlägt mich ~ jeden|ständig|wieder|immer|regelmäßig|manchmal|oft|wenn|und|dauernd
mich ... $kind_nah ... $schlägt
$wer ... auf|nach mich|mir ~ ein|einschlagen|einprügeln|tritt|einschlägt
prügelt|schlägt|tritt|prügeln|schlagen|treten ~ auf mich ein
$kind_nah|er|sie ... schlägt|haut|schlagen|knallt|klatscht|scheuert ~ mir|mich ~ eine|ins|in|auf|mit|ohrfeige|ohrfeigen
$kind_nah|er|sie ... zieht|zog|hat|ziehen mich|mir ~ aus|nackt|an_den_haaren|am_haar|an_haaren|die_hose|den_slip
$wer ... fasst|faßt|packt|griff|fasste|langt|packte mich|mir ... an|aus|unter|zwischen|hose|beine|po|brust|intim*
fasst|faßt|packt mich ... $kind_nah ... an
grapschen|grapscht|grabschen|grabscht|begrabschen|fassen|fasst|greifen|greift|langen|langt mir|mich ... po|brust|hose|beine|hintern|arsch|schritt|busen|rock|unten
$niemand|weiß|weiss|wissen|weiß_genau ~ wann ich ~ allein*
nennen|nennt|beschimpfen|beschimpft|beleidigen|beleidigt mich ... missgeburt|schlampe|hure|nutte|hurensohn|fettsack|fette*|schwuchtel|transe|opfer|spast*|behindert*|stück|dreck|abschaum|krüppel|hässlich*
schlampe|missgeburt|hure|fettsack|schwuchtel|opfer ... nennen|nennt|genannt|beschimpft mich
mich ~ missgeburt|schlampe|hure|fettsack|schwuchtel|nutte ~ nennen|nennt|genannt
meine|mein|meinen ~ sachen|ranzen|rucksack|schulsachen|mäppchen|jacke|tasche ... klo|toilette|müll ... werfen|wirft|geworfen|schmeißen|schmeißt|geschmissen|gesteckt|.
lachen|lacht mich|mich_alle ~ jeden|immer|dauernd|ständig|alle ... aus
$mutter = mama|mutter|papa|vater|eltern
$mutter ~ ist|sind|war|waren ~ seit ... tag*|woche*|monat* ~ weg|nicht_da|verschwunden|nicht_nach_hause|nicht_mehr
ich|wir ~ bin|sind ... tagelang|nächtelang|wochenlang|tage|wochen ~ allein*
kein|keinen|keine ~ strom|heizung|wasser mehr|zu_hause|weil|und|seit|daheim|bei_uns
$wer|der ... mir|mich ... po|brust|hose|beine|hintern|arsch|schritt|busen|rock ~ gefasst|gegriffen|gegrapscht|gelangt|fasst|griff|fassen|gepackt
papa|mama|stiefvater|mein_vater|meine_mutter|mein_bruder|stiefpapa ... schlägt|haut|tritt ~ er|sie|dann ~ zu
$wer ... küsst|küßt|geküsst|streichelt|berührt|küssen|streicheln mich|mir|mich_da|mich_überall ~ auf|da|dort|überall|unten|immer|wenn|komisch|gegen|obwohl|am|an|und|unter|.
$wer ... mich ... geküsst|gestreichelt|berührt|unsittlich
$wer ... schmeißt|schmiss|wirft|warf|stößt|stieß|schleudert|drückt|presst|schubst mich ... wand|treppe|boden|raus|rum|tür|heizung|schrank|bett|kopf
$wer ... sperrt|sperren|schließt|schließen mich|mir ... ein|keller|zimmer|dunkeln|aus|schrank|klo
schlagen|stechen|bringen|machen|schlägt|bringt|sticht|macht sie|er|die mich ~ ab|um|fertig|kalt|platt|tot|zusammen|kaputt
$wer ... zwingt|zwang|zwingen|erpresst|erpressen|bedroht|bedrohen|filmt|filmen mich
zwingt|zwang|erpresst|bedroht|erpressen|bedrohen mich ... $wer|mit|sachen|ausziehen|anfassen|zusehen|wenn|damit
$wer ... droht|drohen|drohte|drohten|gedroht ~ mir|uns|mich|damit
mir|mich ... gedroht|angedroht|drohen|droht
$wer ... sticht|stechen|bringt|bringen|macht|machen|knallt|knallen|schlägt|schlagen sie|er|die? ~ mich ~ ab|um|fertig|kalt|platt|tot|kaputt|krankenhaus
$wer ... lauert|lauern|lauerten mir|uns
mir ... auflauern|aufgelauert|auflauert
verprügeln|schlagen|bedrohen|treten|schubsen|mobben|erpressen|quälen|bespucken|fertigmachen mich
warten|wartet|warteten ... auf mich ... verprügel*|schlag*|abzieh*|fertig*|mess*|verhau*|geld|und
$ppp = geschlagen|verprügelt|verhauen|vergewaltigt|missbraucht|misshandelt|belästigt|bedrängt|begrapscht|angefasst|angegrapscht|eingesperrt|gequält|getreten|gewürgt|bedroht|erpresst|gemobbt|fertiggemacht|zusammengeschlagen|verfolgt|gestalkt|ausgezogen|gezwungen|rausgeschmissen|zwangsverheiratet
ich|und_dann ~ werde|wurde|werd|bin|würde ... ~ $ppp
und werde ... $ppp
werde|wurde|werd ich ... ~ $ppp
$kind_nah ... schlägt|verprügelt|würgt|haut|schlagen|prügelt|prügeln|tritt|bedroht ... meine|mama|meinen|uns|mutter_und ~ kleine|kleinen|mutter|mama|schwester|bruder|geschwister|uns|.
$kind_nah|er ... meine|mama|meinen|uns ~ kleine|kleinen|mutter|schwester|bruder|geschwister ... $schlägt
$kind_nah|er ... mama|uns|meine_mama|meine_mutter|meine_schwester|meine_geschwister|meinen_bruder ... $schlägt
papa|vater|stiefvater|er schlägt|verprügelt|würgt mama
$kind_nah ... rastet|tickt|dreht|flippt ... aus|durch ... schl*|prüg*|schmeiß*|tritt|haut|wirft|verst*
mein|meine $kind_nah ... betrunken|besoffen|säuft|gesoffen|getrunken|alkoholiker*|ausrastet|gewalttätig|zuschlägt|zugeschlagen|zuhaut|aggressiv
wenn|weil|sobald|falls ~ mein|meine $kind_nah ... trinkt|wütend|sauer|ausflippt|säuft|heimkommt|nach_hause ... schl*|verst*|angst|haut|zuschlägt|prügel*|weil
papa|mama ... betrunken|besoffen|säuft|gesoffen|getrunken|ausrastet|zuschlägt|zugeschlagen|zuhaut
verstecke|versteck|einschließe|verkrieche|schließe mich|mich_immer|ich_mich ... wenn|weil|vor|bis|im|unterm|unter ... $kind_nah|er|sie|bad|bett|schrank
$kind_nah|er ... kommt|kam|schleicht|legt|liegt|geht|setzt ~ sich? ... nachts|abends|nacht|immer|oft|manchmal ... zimmer|bett|mir
$kind_nah|er|mann ... in|an|auf|zu|unter mein|meinem|meine|meiner bett|decke
$kind_nah|er|mann ... in mein zimmer ... nachts|wenn|und|obwohl|schlafe|nackt
nachts ... kommt|kam|legt|schleicht ... $kind_nah|er ... zimmer|bett|mir
$kind_nah|er|mann|typ ... mich|mir|zu ... beim|in_der|unter_der|beim_nackt duschen|umziehen|dusche|ausziehen|baden
bei meinem onkel|opa|stiefvater|vater|cousin im bett
kriege|bekomme|krieg|setzt|gibt|bekomm|kassiere ~ ich|es|sonst|zu_hause ~ prügel|schläge|gürtel|schelle|schellen|tracht|kloppe|ohrfeige*|auf_die_fresse|haue
ich|es|und ~ kriege|bekomme|krieg|setzt|bekomm|kassiere|gibt|kriegt ... prügel|schläge|schelle|schellen|tracht|kloppe|ohrfeigen|haue|den_gürtel
wenn ... gibt|setzt es ~ prügel|schläge|ohrfeigen|hausarrest_und
mit mir|mich ... eklige|ekelige|komische|schlimme|perverse|ekliges|schlimmes sachen|dinge|.
macht|machen|gemacht|tut ~ eklige|ekelige|komische|schlimme|perverse sachen|dinge|zeug
was er|sie|mein_onkel|mein_vater|mein_stiefvater|papa|opa|mein_opa|mein_bruder ~ mit mir ~ macht|gemacht|tut
tut|tun|tat|hat mir ~ weh|wehgetan ... was|er|sie|wenn|da|unten|papa|mama|macht
er|sie|$kind_nah tut|hat|tun mir ... weh|wehgetan|wehgetan|schlimmes|etwas_angetan|was_angetan
unser kleines|geheimnis ~ geheimnis|.|und|bleibt
ich darf|soll|durfte|sollte|muss ... niemand|niemandem|niemanden|keinem|keiner|keinen|nichts|mund|nicht ... erzählen|sagen|verraten|reden|sprechen|halten
ich kann|trau|traue|konnte|mich ... niemandem|keinem|niemand|keiner|niemanden ... erzählen|sagen|anvertrauen|reden|verraten|sprechen
darf|soll das|es|ich|ich_es|davon|ich_das ~ niemandem|keinem|niemand|keiner|niemanden ~ erzählen|sagen|wissen|erfahren
$niemand darf|soll ~ es|das|davon ~ wissen|erfahren|merken
wenn ich ~ was|etwas|es|das|jemand|jemandem|davon|einem_lehrer|der_lehrerin|der_polizei ... verrate|sage|erzähle|sag|erzähl|petze|rede|hingehe
bitte ~ nicht|nichts ~ meinen|meiner|meinem|zu_hause eltern|mutter|vater|mama|papa ~ sagen|anrufen|erzählen
sagen|sag|rufen ~ sie|bitte|es|das ~ bitte ~ nicht|nichts meinen|meiner|meinem eltern|mutter|vater
$angst = angst|panik|schiss|bammel
ich|mich|mir|hab|habe ... $angst ... nach|vor|von hause|heim|heimzugehen|dem_heimweg|daheim
ich|hab|habe ... $angst ... zu|in der|hause|die ~ schule|hause|.|wenn|weil
ich|hab|habe|mit ... $angst ... zur|in_die|vor_der|heim|heimzu*|heimzugehen|heimzukommen ~ schule|zu_gehen|.|gehen
$angst vor meinem|meiner|meinen ~ $kind_nah
$angst vor mama|papa|ihm|dem_freund_von
$angst ... wenn|weil|dass ~ mein|meine|er|papa|mama|sie ... heimkommt|kommt|trinkt|hause|zimmer|schl*|tut|ausrastet
ich ~ $will|geh|gehe|kann ~ nicht|nie|nimmer ~ mehr|wieder? ~ nach_hause|heim
ich ~ will|möchte|kann ~ nicht ~ zu|mit|bei ~ meinem|meiner|mein ~ $kind_nah ... zurück|allein*|sein
traue|trau|getraue mich|ich_mich ... nicht|kaum ... nach|heim|in|zur|aufs ~ hause|heim|die_schule|schule|klo|.|die|weil
ich ... von zu|daheim hause|weg ... weglauf*|abhau*|abgehauen|weggelaufen|weg|raus
blaue|lauter|lauter_blaue|überall_blaue fleck|flecken|flecke|augen|auge ... von|weil|wegen|verst*|sieht|papa|mama|vater|mutter|bruder|am|an
ich ... blaue|blauen fleck|flecken|flecke|auge
die|meine blauen flecken ... von|sind|sieht
striemen ... rücken|po|beine*
ich|mir|mich|uns|hause ... nichts|kein|nix|nur ~ zu|zum|essen ~ essen|abendessen ... bekomm*|krieg*|seit|straf*|mama|papa|weil|wenn|und|tage*
ich|wir|hause|mir|uns ~ bekomme|kriege|bekommen|kriegen|krieg|gibt|habe|haben|gibt_es|kriege_ich|bekomme_ich|gibts ... nichts|kein|nix ~ zu|zum|mehr ~ essen
habe|hab|haben|hätten|hatten|bekomme|bekommen|kriege|kriegen ich|wir ~ nichts|kein|nix ~ zu|zum|mehr ~ essen
und|ich ~ bekomme|bekomm|kriege|krieg ~ kein|nichts ~ essen|zu_essen|abendessen
lässt|lassen|ließ mich ... tagelang|hungern|ganze_nacht|verhungern|nächtelang|wochenlang
kümmert sich niemand um mich|uns
nackt|oben_ohne|unterwäsche|ausziehen|ausgezogen|auszuziehen ... mich|mir|von_mir|ich|vor_ihm
mich|mir|ich ... ausziehen|ausziehe|auszuziehen|nackig ... vor|kamera|soll|muss|will|zwing*
nacktbild*|nacktfoto*|nudes|intimfoto*|dickpic*|nacktvideo* ... mich|mir|ich|von_mir|schick*|droht|erpress*
ich|mir|mich|will|von_mir ... nacktbild*|nacktfoto*|nudes|intimfoto*|dickpic*|nacktvideo*
fotos|foto|bild|bilder|video|videos|pics ... von mir ... ohne|nackt|ausgezogen|unterwäsche|bikini|dusche|umkleide*|veröff*|verschick*|rumschick*|rumgeschickt|herum*|hochlad*|poste*|schick*|weiter*|online|droht|internet|gruppe|klo
ohne|in kleidung|klamotten|unterwäsche|anziehsachen ... schick*|foto*|bild*|zeigen
ich ... ihm|denen|einem_mann|fremden|soll ... fotos|foto|bilder|bild|videos|video ... schick*|ausz*|nackt|von_mir
$wer ... internet|insta|instagram|snapchat|snap|discord|chat|online|tiktok|roblox|whatsapp ... mich|mir ... treffen|foto*|bild*|droh*|erpress*|nackt|schreibt|schick*
ich ... nein|stopp|aufhören ~ gesagt ... aber|und|trotzdem ~ er|weiter*|trotzdem|hat
hat ~ nicht|trotzdem aufgehört|weitergemacht ... ich|obwohl ~ nein|geweint|geschrien|nicht|ich
obwohl ich ~ nicht wollte
ich ... mit ihm|ihnen ... schlafen|sex|rummachen|geschlafen
$wer ... sex|geschlechtsverkehr|schlafen|geschlafen|intim mit mir
$wer ... mit mir schlafen|geschlafen|schlief|sex
$wer ... mich|meine_schwester ... verheirat*|zwangsverheirat*|verkauf*|beschneid*
ich soll|muss|werde ... verheiratet|heiraten ... türkei|ausland|ferien|cousin|mann|nicht
hat|haben mich ~ missbraucht|vergewaltigt|angefasst|begrapscht|bedroht
bitte ~ hilf|helft|helfen|hilft ~ sie|ihr? ~ mir .|ich|weil|sonst|er|sie|hier|jemand|raus
hilf|helft mir bitte .
ich ~ brauche|brauch ~ dringend|unbedingt? ~ hilfe .
# German: threats
$waffe = waffe|waffen|messer|pistole|pistolen|gewehr|knarre|axt|beil|schlagring|bombe|bomben|molotow*|butterflymesser|klappmesser|küchenmesser|schreckschuss*|knife|machete|sprengstoff
$opfer = ihn|sie|euch|dich|alle|die|den|das|jeden|jemanden|meine|meinen|meinem|diesen|diese|dem|der|ihm|ihnen|herrn|frau|lehrer|lehrerin|mitschüler|klasse|schule|einen|wen|denen|ganze|ganzen|nächsten
$töten = umbringen|umbringe|umzubringen|töten|abstechen|absteche|abzustechen|abknallen|abknalle|erschießen|erschieße|erstechen|abschlachten|kaltmachen|killen|niederstechen|totschlagen|umlegen|umlege|wegballern|abmurksen|erwürgen|vergiften|antun|totprügeln|zusammenschlagen|krankenhaus_prügeln|plattmachen|anzünden|verbrennen|vernichten|auslöschen|verprügeln|fertigmachen
ich|und|dann ~ $will ~ $opfer ~ $opfer ~ klasse|schule|lehrer|mitschüler|was|etwas ~ $töten
ich|und|dann ~ $will ~ $opfer ~ $töten
$will ich ~ $opfer ~ $opfer|was|klasse ~ $töten
$will ich ~ $opfer ~ $töten
ich ~ werde|werd|will|würde_gern|könnte ... abstechen|abknallen|abschlachten|kaltmachen|erwürgen|niederstechen|totschlagen|fertigmachen
ich ~ $opfer ~ $töten ~ könnte|will|werde|möchte|würde|muss
dass ich ~ $opfer ~ $töten
ich bringe|bring|stech|steche|knall|knalle|leg|lege|schlag|schlage|mach|mache|murks|hau|haue|schieß|schieße ~ $opfer ... um|ab|nieder|tot|kalt|platt|über_den_haufen|zusammen|krankenhausreif
bringe|bring|stech|steche|knall|knalle|leg|lege|schlag|schlage|mach|mache|schieß|schieße ich ~ $opfer ... um|ab|nieder|tot|kalt|platt|über_den_haufen|zusammen|krankenhausreif
und stech|steche|knall|knalle $opfer ... ab|nieder
stech|steche|knall|knalle ich $opfer ... ab|nieder
ich mach|mache ~ euch|dich|sie|ihn|die|alle ~ fertig|kalt
mach|mache ich ... kalt
ich ... ihm|ihr|ihnen|denen|euch|dem|allen|jemandem ~ was|etwas|schlimmes ~ an|antun|antue|antu
ich ~ laufe|lauf|mache|mach|plane|laufen ... amok|amoklauf|anschlag|massaker
laufe|lauf|mache|plane ich ... amok|amoklauf|anschlag
amok* ... ich|unserer|meiner ~ schule|mache|plane|laufe|will|.
ich ... schule|klasse|klassenzimmer ... sprenge*|anzünd*|zünde*|abfackel*|niederbrenn*|in_die_luft|abbrenn*|brennen
ich ~ sprenge|zünde|fackel|fackle|brenne|jage ... schule|klasse|klassenzimmer|haus|alles ~ an|ab|nieder|in_die_luft|.
zünde|zünd|sprenge|spreng|jage|jag|fackel|fackle ich ... schule|haus|klasse|bude|laden|gebäude|hütte|turnhalle|alles
$schlage_ein = schlag|schlage|hau|haue|ramm|ramme|tret|trete|brech|breche|polier|poliere|stech|steche
ich $schlage_ein ~ ihm|ihr|dem|der|denen|dir|euch|jemandem ~ fresse|schädel|kopf|zähne|genick|knochen|gesicht|kehle|hals|messer|nase
$schlage_ein ich ~ ihm|ihr|dem|der|denen|dir|euch ~ fresse|schädel|kopf|zähne|genick|knochen|gesicht|kehle|hals|messer|nase
ich|und ~ hole|hol|besorge|besorg|klaue|klau ~ $waffe
ich ~ bringe|bring|nehme|nehm|hab|habe|trage|trag|hätte|kaufe|kauf|besorge|besorg|verstecke|packe ... $waffe ... schule|rucksack|tasche|spind|schulranzen|klasse|besorgt|geholt
ich ~ bringe|bring|nehme|nehm|hab|habe|trage|trag|hätte ... $waffe ... mit|dabei ~ .|in|zur|und|wenn|falls
bringe|bring|nehme|nehm|hab|habe|trage|besorge|packe ich|ich_mir ... $waffe ... mit|dabei|schule|rucksack|tasche|spind|klasse|gegen
$waffe ... in|im ~ der|die|meiner|meinem|meine|meinen|den ~ schule|rucksack|tasche|schulranzen|spind|schultasche ... mit*|dabei|habe|hab|ich|versteckt|.
hat|haben|bringt|bringen|zeigt|zeigte ... $waffe ... mit_in_die_schule|schule|klasse|schulhof|pausenhof|rucksack|spind|pause
mich|mir ... mit|ein|einem|einer ~ $waffe ... bedroht|bedrohen|gedroht|verfolgt|hals|angegriffen|kehle|abgezogen|gezeigt
$waffe ... an|vor|gegen mich|meine|meinen|mir|den ~ hals|kehle|kopf|gehalten|gerichtet|bauch
$kind_nah|er|sie|einer|jemand ... mir|mich|uns ... $waffe ... hals|kehle|bedroht|gedroht|gezeigt
ich ... weiß|weiss wo ... $waffe|waffenschrank|schlüssel_zum
ich|mir ... waffe|knarre|pistole ... besorg*|holen|geholt|komm*
ich ~ habe|hab ~ waffe|pistole|knarre|gewehr .|und|dann|damit
ich ... nächste|nächsten amok*|schießerei
ihr|die|klasse|schule|sie werdet|wird|werden ~ alle|schon|noch|es|das|dafür ~ sehen|bereuen|bezahlen|büßen|sterben|leid_tun|leidtun .|was|wie|dass|morgen|montag|ich
ihr|die_werden_schon|dann_werden_die werdet|schon ~ alle|noch|schon|es|sehen ~ sehen|bereuen|bezahlen|büßen|sterben|.
das|dafür|es|montag|morgen werden|werdet|wird|müssen|sollen ~ sie|ihr|die|alle|er ~ alle|noch|mir ~ bereuen|bezahlen|büßen|leid*|sterben
lasse|lass ~ ich|sie|euch|ihn|die|alle ~ alle|bluten|büßen ~ bluten|büßen|bezahlen
räche|räch mich|ich_mich|an ~ an|dafür|.|allen|euch|ihnen
todesliste|abschussliste|tötungsliste ... ich|hab*|name*|steh*
meine|eine todesliste|abschussliste
kommt|komm ~ lieber|besser|morgen|montag nicht ~ in|zur|lieber ~ die|schule ~ schule|wenn
bleibt|bleib ~ morgen|montag|lieber ~ lieber|besser|morgen ~ zu hause .|wenn|sonst
"""
