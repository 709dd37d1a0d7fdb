"""The phrase list that ships: sentences in which pupils tell of harm to themselves or to others.

`phrase_list` says how it is read. Names like `$wer` stand for the people, harms and places that sentences of one kind
share, so that a new wording of an old kind is found as well.
"""

from learning_worker.domain.person_reads_english import ENGLISH
from learning_worker.domain.person_reads_german import GERMAN
from learning_worker.domain.person_reads_hints import HINTS

HARMLESS = """
# what only sounds like it
$spiel = schach|tennis|rennen|wettrennen|wettlauf|laufen|spiel|spielen|fußball|kicker|tischtennis|mensch|uno|monopoly|fifa|sport|quiz|armdrücken|schwimmen|finale|badminton|kartenspiel|videospiel|mario*|völkerball|fangen|handball|basketball|mathe|vokabeltest
$game = chess|cards|tennis|race|races|game|games|fifa|football|monopoly|uno|scrabble|mario*|final|basketball|match|sprint|running|swimming|badminton|table_tennis|minecraft|fortnite|quiz|level
- mich|uns ... beim|im|in|bei ~ der|dem|ersten|letzten? $spiel ~ geschlagen|verhauen|besiegt|abgezogen|fertiggemacht|angefasst
- schlägt|haut|schlagen|fasst|besiegt mich ... beim|im|in|bei ~ der|dem? $spiel
- beat|beats|hit|hits|kill|kills|killed|shoot|shot me|us ... at|in|by ~ a|the|our|my? $game|points|goal
- if i died|die|was_dead|disappeared ~ in|at|during ~ a|the|my|this? $game|video_game
- be dead tired
- would|will|could not kill him|her|them
- sterbe|sterben|tot vor|gelacht ~ lachen|langeweile|neugier|hunger
- lach|lache|lachen|gelacht mich|ich_mich ~ tot|kaputt|schlapp
- kill|kills|killing|killed it|time|the_time|the_vibe|the_mood|the_boss|the_dragon|the_monster|zombies
- shoot|shot|shooting the|a|this|that|my|some ~ film|video|scene|movie|photo*|ball|goal*|hoops|pictures
- could|would|can never ~ jump
- hate my life would|is_a
- hurt|cut|burn|burned myself ~ on|while|cooking|at|in|shaving ~ the|a|my? ~ pan|stove|paper|oven|grass|tin|glass|football|training|cooking|pe|shaving
- schneide|schneid|verbrenne|verletze mich ~ am|beim|an ~ der|dem|einem? papier|kochen|herd|topf|ofen|sport|backen|gemüse|pfanne
- go on holiday|trip|a_trip|the_trip|about
- schlagen|schlägt|schlug mich|mir ... ~ für ... vor
- schlagen|schlägt|schlug mich|mir ... klassensprecher*|amt|wahl ~ vor
- pushes|push|pushed me to|forward
- pictures|pics|photos ~ of ~ the|my|our? homework|worksheet|task|board|notes|dog|cat
$work = essay|text|story|letter|speech|report|article|paragraph|poem|presentation|review|answer|homework|introduction
- end|finish my|this|the ~ $work
- end it ~ here? ~ with ~ a|an|this|my? ~ quote|quotation|question|sentence|summary|conclusion|line|appeal|joke|poem|word|few_words
- wenn|falls ich ~ sterbe|tot|hirntot bin? ... organ*
- if|when i ~ die|am_dead|im_dead ... my? organs
$stoff = aufgabe|aufgaben|frage|fragen|thema|wort|wörter|text|nummer|nr|rechnung|formel|gedicht|satz|stoff|mathe|teil|übung|gleichung|vokabel*|grammatik
- bitte ~ hilf|helft|helfen|hilft ~ sie|ihr? ~ mir ~ ich ~ verstehe|versteh|kapiere|kapier ~ nicht? ~ dieses|diese|diesen|den? ~ $stoff
- please ~ help me ~ i ~ dont|cant|do_not|cannot ~ understand|get ~ this? ~ question*|task|exercise|number|text|word*|poem|homework|maths|math|topic|equation
- ihr werdet ~ sehen dass|wie !ich|ihr|mich|mir|mein*|es|er|sie|die|alle|euch|euer|eure|ihn*|keiner|niemand|jeder
- kommt|kam|setzt ... bett ~ und ~ liest|las|singt|sang|deckt_mich_zu|erzählt_mir|erzählt_eine|sagt_gute|wünscht
- comes|came|sits ... bed|room ~ at? ~ night|evening? ~ and ~ reads|read|sings|tucks|tells_me_a_story|says_good
- hole|hol|nehme|nehm das|ein|mein? messer und ~ schneide|schneid .
- hole|hol|nehme|nehm das|ein|mein? messer und ~ schneide|schneid dann|mir? das|die|den|ein|eine? brot|brötchen|zwiebel*|gemüse|obst|apfel|äpfel|kuchen|fleisch|käse|wurst|tomate*|gurke*|karotte*|möhre*|kartoffel*|paprika|torte|pizza|teig|papier|pappe
- throw|throws|threw|throwing|chucked ~ a|the|my|some? ~ ball|balls|snowball|snowballs|pillow|pillows|paper|frisbee|confetti|party
- hit|hits me for six|four
- hit|hits me with ~ a ~ perfect|good|long|great|brilliant|quick? pass|ball|cross
- threw|throws|pushed|pushes me ~ in|into ~ the ~ pool|sea|lake|water
- mich ... wasser|pool|becken ~ geschubst|geworfen|geschmissen
- dreimeter*|fünfmeter*|zehnmeter*|sprungbrett|sprungturm ... ... gesprungen
- bin ich? ~ nicht mehr ~ lange? ~ da|hier weil|denn|da? wir ... umziehen|ziehen|wegziehen
- gonna|wanna $kill ~ it|this|the_exam|my_exam
- ich|wir habe|hab|hatte|hatten|haben heute|leider|gerade|gestern? nichts|nix zu|zum essen dabei
"""

DEFAULT_LIST = f"version 9\n{GERMAN}{ENGLISH}{HINTS}{HARMLESS}"
