"""The phrases that make a person read an answer; a school replaces them with `person_reads.txt`. Grammar: `phrase_list`."""

DEFAULT_LIST = """
version 5
# German: harm to oneself
ich will|möchte|mag|wollte nicht mehr leben
will|möchte|mag ich nicht mehr leben
ich will|möchte|wollte ~ sterben
will|möchte|wollte ich ~ sterben
ich will|möchte|wollte ~ tot sein
will|möchte|wollte|würde ich ~ tot sein
ich wäre ~ tot
wäre ich ~ tot
ich will|möchte ~ verschwinden
will|möchte ich ~ verschwinden
am liebsten würde ich ~ verschwinden
ich bringe|bring mich ... um
bringe|bring ich mich ... um
mich ~ umbringen
mich ~ umzubringen
ich will|werde|möchte|könnte mir ... das leben nehmen
mir das leben zu nehmen
wie ich es ~ beende
ich ~ allem ein ende machen|setzen
ich ritze mich
ritze ich mich
ich verletze mich ~ selbst
ich schneide mich ... arm|arme|armen|bein|beine|haut
schneide ich mich ... arm|arme|armen|bein|beine|haut
ich habe mich ~ geritzt
mich wieder|oft|gestern|selbst geritzt
keinen grund mehr zu leben
mein leben hat ~ keinen sinn
ohne mich ~ besser dran
niemand|keiner würde mich vermissen
mich würde ~ niemand|keiner vermissen
will|möchte|mag ~ nicht mehr da|hier sein
ich kann ~ nicht mehr .
ich halte|halt ... nicht mehr aus ...  will|kann|mag
ich will|möchte dass es|alles ~ aufhört|vorbei|endet
ich ... nicht|nie mehr|wieder aufwachen
ich ... nicht|nie mehr|wieder aufzuwachen
nie mehr|wieder aufzuwachen|aufwachen
wenn ich ~ tot wäre|bin
wenn ich ~ weg wäre
wenn ich ~ nicht mehr da wäre|bin
mir überlegt|ausgemalt|vor ... zug|brücke|dach|fenster|gleise
stelle|stell ich mir vor ... zu springen
stelle|stell ich mir vor ... zu sterben
mir vor ... zug|brücke|dach|fenster|gleise ... springen
mich ... vor den|einen zug werfen|schmeißen|legen
schneide|ritze|verbrenne ich mich ~ wieder|immer|oft|selbst|jeden|heimlich
ich schneide|ritze|verbrenne mich ~ wieder|immer|oft|selbst|jeden|heimlich
mir ... arm|arme|beine|haut auf|aufgeschnitten|aufgeritzt
ich hab|habe ... tabletten|pillen|schlaftabletten ~ gesammelt|geschluckt|gehortet
ich hab|habe zu viele|alle tabletten|pillen|schlaftabletten
ohne mich ~ besser|leichter|glücklicher
besser|leichter|glücklicher ~ ohne mich
dass|wenn es mich ~ nicht ~ gäbe|gibt
will|möchte|werde|wollte|könnte mir ~ was|etwas antun
mir was|etwas anzutun
ich hasse mich
mein leben ist ~ nichts ~ wert
ich bin ~ nichts wert
versucht mich ~ aufzuhängen|umzubringen
wofür|wozu ich ~ noch lebe
ich werde|bin ~ nicht mehr lange da|hier
ohne mich ~ wärt|seid|wäret ihr ~ besser
ohne mich ~ geht|ginge es euch|allen|ihnen ~ besser
ich hab|habe ~ suizidgedanken|selbstmordgedanken
ich ... mich suizidieren
ich sehe|seh|finde ~ keinen sinn mehr ~ im leben
ich sehe|seh|finde ~ keinen sinn mehr ~ in meinem leben
sehe|seh ich ~ keinen sinn mehr
mein leben ist ~ sinnlos
ist ~ alles ~ sinnlos .
ich ... nicht mehr weiterleben
warum man nicht mehr weiterleben will
ich ... nur noch leer
# German: what is done to a child
vater|mutter|papa|mama|stiefvater|stiefmutter schlägt|haut|verprügelt|tritt mich
bruder|onkel|opa|eltern|freund schlägt|haut|verprügelt|schlagen|tritt mich
schlägt|haut|verprügelt|tritt mich ... vater|mutter|papa|mama|stiefvater|onkel
schlagen|verprügeln mich ... eltern
er|sie schlägt|verprügelt mich
papa|vater|stiefvater schlägt|verprügelt|würgt mama|meine|mutter ... und|wenn ich
papa|vater|stiefvater schlägt|verprügelt|würgt meine mutter|mama|schwester|bruder
er|sie hat|haben mich ~ geschlagen|verprügelt|missbraucht|vergewaltigt
hat mich ~ missbraucht|vergewaltigt
zu hause|daheim werde ich ~ geschlagen|verprügelt
ich werde zu hause|daheim ~ geschlagen|verprügelt
werde|wurde ich zu hause ~ geschlagen|verprügelt
onkel|opa|bruder|cousin|vater|papa|stiefvater|trainer|lehrer|freund|mann|er fasst|faßt mich ... an
er hat mich ... angefasst
trainer|lehrer|onkel|opa|stiefvater|vater|papa küsst mich
habe|hab ... angst ~ nach hause zu gehen
angst vor meinem vater|stiefvater|onkel|bruder|opa|freund|papa
angst vor meiner mutter|stiefmutter|mama
ich darf ... niemandem ~ erzählen|sagen was
darf das ~ niemandem erzählen|sagen
vater|mutter|papa|mama|stiefvater|stiefmutter|bruder|onkel|opa|eltern|freund|cousin|er|sie hat|haben mich ~ geschlagen|verprügelt|verhauen|getreten|geboxt|missbraucht|vergewaltigt
vater|mutter|papa|mama|stiefvater|stiefmutter|bruder|onkel|opa|eltern|freund|cousin|er|sie hat|haben mich ... mit ... gürtel|stock|faust|kabel
vater|mutter|papa|mama|stiefvater|stiefmutter|bruder|onkel|opa|eltern|freund|cousin|er|sie mich ~ schlägt|haut|verprügelt|tritt|boxt|schlagen|anfasst
prügelt|schlägt|tritt ~ auf mich ein
vater|mutter|papa|mama|stiefvater|stiefmutter|bruder|onkel|opa|eltern|freund|cousin|er|sie schlägt|haut mir
vater|mutter|papa|mama|stiefvater|stiefmutter|bruder|onkel|opa|eltern|freund|cousin|er|sie zieht mich ~ aus
vater|mutter|papa|mama|stiefvater|stiefmutter|bruder|onkel|opa|eltern|freund|cousin|er|sie sperrt mich
kriege|bekomme|krieg ich ~ prügel|schläge
ich kriege|bekomme|krieg ~ prügel|schläge
schlagen|schlägt mich ~ wenn
mit mir ... eklige|komische|schlimme sachen
macht ~ eklige|komische|schlimme sachen
bei meinem onkel|opa|stiefvater|vater|cousin im bett
zu|bei hause|uns ... nichts zu essen ... mama|papa|mutter|vater|eltern
traue|trau mich ~ nicht ~ nach hause|heim
traue|trau ich mich ~ nicht ~ nach hause|heim
freund|mann|vater|stiefvater|onkel|opa|bruder|cousin|er ... kommt ~ nachts in mein zimmer|bett
freund|mann|vater|stiefvater|onkel|opa|bruder|cousin|er ... kommt ~ nachts zu mir
erpresst mich
zwingt|zwang mich ... sachen|ausziehen|anfassen|zusehen
ich ... nacktbilder|nacktfotos|nudes
nacktbilder|nacktfotos|nudes von mir
ich wurde|werde ~ vergewaltigt|missbraucht|misshandelt
wurde|werde ich ~ vergewaltigt|missbraucht|misshandelt
# German: threats
mach|mache euch|dich|sie|ihn ~ kalt|fertig ... waffe|messer|pistole
mach|mache euch|dich|sie|ihn ~ kalt
mach|mache ich ... kalt
ich bring|bringe die|den|das|meine|meinen|jeden ... um
bring|bringe ich die|den|das|meine|meinen|jeden ... um
und stech|steche|knall|knalle ihn|sie|dich|euch|alle|den|die|jeden ... ab|nieder
ich hab|habe ... messer|waffe|pistole dabei
stech|steche|knall|knalle ich ihn|sie|dich|euch|alle|den|die|jeden ... ab|nieder
ich stech|steche|knall|knalle ihn|sie|dich|euch|alle|den|die|jeden ... ab|nieder
ich laufe|lauf|mache|mach ... amok|amoklauf
ich sprenge|zünde ... schule
ich bringe|bring ihn|sie|euch|alle|dich ... um
ich ihn|sie|dich|euch ~ umbringen könnte|will|werde
bringe|bring ich ihn|sie|euch|alle|dich ... um
ich werde|will ihn|sie|euch|alle|dich ~ umbringen|töten|abstechen|erschießen
ich bringe|bring ~ morgen ... waffe|messer|pistole mit
ich bringe|bring|nehme|nehm ... waffe|messer|pistole|gewehr ... mit ... schule
morgen bringe|bring|nehme ich ... waffe|messer|pistole mit
ich knalle|steche ihn|sie|euch|dich|alle ... ab
knalle|steche ich ihn|sie|euch|dich|alle ... ab
# English: harm to oneself
i don't|dont want to live|exist
i do not want to live|exist
i don't|dont want to be alive|here
i do not want to be alive
i ~ want|wanted to die
i ~ wish i was|were dead
i ~ want to be dead
want|wanted to end it all
want|wanted to end my life
kill|killing myself
harm|harming|hurting myself
i hurt myself on purpose
i ~ cut myself ~ every|again|when|because|at
have|i've been cutting myself
cut|cutting my arm|arms|wrist|wrists|leg|legs|skin
no reason to live ~ any|anymore|more
i have no reason to live
better off without me
my life has no point
nobody|noone would|will miss me
no one would|will miss me
i ~ want|wanted to disappear
i ... disappear forever
about ~ ending my life|it
ending my life
i ... cutting|burning|scratching|harming myself
been|started|keep cutting|burning|scratching|harming myself
i ~ can't|cannot ~ do this anymore|any
i ~ can't|cannot ~ go on anymore|any|like
want everything|it|all to end|stop|be
if i died|disappeared
if i was|were ~ dead|gone
if i wasn't|weren't ~ here|around|born|alive
saving|saved|collecting|collected|hiding|hid|swallowed|taken|took ~ up|all|my|a|some ... pills|tablets
i ... not|never wake|waking up
i ... and never|not wake up
wish i wouldn't|didn't|won't wake
feel|feels like ending|killing|dying|hurting
i ~ scratch|burn|cut my ~ skin|arm|arms|leg|legs|wrist|wrists
hang|drown|shoot|stab|poison myself
want|wanted|going|gonna|think|thinking|thought|about to|of|about ... jump|jumping off|from|in|of front|the|a ... bridge|roof|train|building
about jumping off|from|in|of front|the|a ... bridge|roof|train|building
i've|have been thinking about jumping
better|happier|easier ~ without me
i hate myself
no|the point in living ~ any|anymore
i ~ see no|the|any point in living
don't see the|any point in living
i'd be better off dead
i would be better off dead
i won't be ~ bothering|a you|problem|burden ~ much|for|anymore long*
i hate my life
i'm|im|am ~ so tired of life|living
better|happier|easier when|if|once i'm|im|am gone
pain will never stop|end
i ~ can't|cannot ~ take it|this anymore|any
i'm|im|am going|gonna to end it
i'm|im|am gonna end it
i'm|im|am ~ a burden
want it all to go|end
i feel ~ broken|dead|empty|worthless inside
have|having ~ suicidal thoughts|feelings
# English: what is done to a child
father|dad|mother|mum|mom|stepfather|stepdad|stepmother hits|beats|hit|beat|punches|kicks|slaps me
stepmum|stepmom|brother|uncle|grandpa|parents|boyfriend hits|beats|hit|beat|punches|kicks|slaps me
he|she hits|beats|punches|kicks|slaps me
he|she touches|touched me
father|dad|stepfather|stepdad|uncle|brother|boyfriend|coach|teacher ~ touches|touched|kisses|kissed me
comes into|in my room at night
came into|in my room at night
im|am ~ afraid|scared to go home
am|i'm|im afraid|scared|terrified of my dad|father|mum|mom|mother|stepfather|stepdad|uncle|brother
he|she|they told|said ~ not to tell anyone
raped|abused me
father|dad|mother|mum|mom|stepfather|stepdad|stepmum|stepmom|brother|uncle|grandpa|grandad|cousin|parents|boyfriend|coach|teacher|he|she|they ~ kicked|kicks|punched|slapped|shoved|pushed|throws|threw|chokes|choked|burned|burnt|hurts|locks|locked me
father|dad|mother|mum|mom|stepfather|stepdad|stepmum|stepmom|brother|uncle|grandpa|grandad|cousin|parents|boyfriend|coach|teacher|he|she|they ... and throws|hits|beats|kicks|slaps|punches|hurts me
father|dad|mother|mum|mom|stepfather|stepdad|stepmum|stepmom|brother|uncle|grandpa|grandad|cousin|parents|boyfriend|coach|teacher|he|she|they will|gonna ~ beat|hit|kill|hurt me
they'll|he'll|she'll ~ beat|hit|kill|hurt me
scared|afraid|terrified ~ of what my
he|she|uncle|father|dad|stepdad|stepfather|brother|cousin|friend|boyfriend ~ comes|came|gets|climbs to|into|in my bed|room
pictures|photos|pics|videos of himself
naked|nude pictures|photos|pics of me|myself
me for ~ naked|nude|nudes
sends|sent|send me ... naked|nude|nudes
forced|forces me to ~ do|touch|kiss|undress|watch
makes|made me do things
makes|made me touch|kiss|undress|watch
i'm|im|am too scared|afraid to go home
don't tell my parents|mum|mom|dad
did things|something to me
does things|something to me
what he|she does to me
bruises ... from|when|because my|dad|mum|mom|he|she
i don't like being alone with
keeps me up at night
hit|hits|beat|beats me with
mom|mum|dad|stepdad|father|mother gets ~ mean|angry|violent when|if he|she drinks
trying|tries to poison|strangle|choke me
# English: threats
i ... where to get a gun
have|got|take|taking|bring|bringing my ... gun
have a gun ... use it
blow|burn|shoot up|down this|the|my|our school
blowing|burning|shooting up|down this|the|my|our school
you will|you'll|they'll|youre all be|going dead|die|to
you will all be dead|sorry
i swear i'll|ill ~ stab|shoot|kill|knife
i swear i will ~ stab|shoot|kill|knife
i'll ~ stab|shoot|kill|knife the|that|this|any|every
don't come to school on|tomorrow|today
i'm|im|am going to kill|shoot|stab|hurt him|her|them|you|everyone|everybody|somebody|someone
i'm|im|am gonna kill|shoot|stab|hurt him|her|them|you|everyone|everybody|somebody|someone
i will kill|shoot|stab him|her|them|you|everyone|everybody
i'll kill|shoot|stab him|her|them|you|everyone|everybody
i want to kill|shoot|stab him|her|them|you|everyone|everybody
i'm|im|am bringing a gun|knife ~ tomorrow
i'm|im|am bringing|taking ... gun|knife to school
i will bring ... gun|knife ~ tomorrow
i will bring ... gun|knife to school
"""
