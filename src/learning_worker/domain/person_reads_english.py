"""The English phrases of the list that makes a person read an answer. Any change raises the version in `person_reads_list`."""

ENGLISH = """
# English: harm to oneself
$iam = i|im|am|ive|id|ill|we
$want = want|wanted|wanna|wish|wished|need|hope|going|gonna|might|will|could|should|deserve|plan|planning|tried|trying|try|ready|rather|want_to|going_to|feel_like|thinking_of|thinking_about|thought_about|think_about|have_to|planning_to|planned
$die = die|disappear|vanish|be_dead|be_gone|not_exist|not_be_here|not_be_alive|stop_existing|stop_living|end_it|end_it_all|end_everything|end_my_life|end_things|not_wake_up|be_dead|dying|disappearing|ending_it|ending_things|never_wake_up|sleep_forever|kms|unalive
$iam ~ $want ~ $die
i ... disappear forever
i ~ wish|wished|want ~ i|that_i|it ~ was|were|had|wasnt|werent|didnt|wouldnt|could|hadnt|never|been ~ dead|gone|born|exist|alive|wake*|here|never|die|disappear|just_disappear|stop
i|id ~ had|was|were|been ~ never ~ been|born|existed
never ~ been born ... me|i|better|wish
i ~ dont|do_not|didnt|no_longer|never ~ want|wanna|deserve|wish|care ~ live|exist|be_alive|be_here|be_around|wake_up|go_on_living|go_on|be_on_this_earth|live_like_this|survive|breathe
want|wanted to end it all|my|everything
$myself = myself|my_life|my_own_life|me_own_life
kill|killing|harm|harming|hang|hanging|drown|shoot|stab|poison|killed|electrocute|ending|end|take|taking|suffocate|starve|starving|strangle|overdosing ~ $myself
$iam ... cut|cutting|burn|burning|scratch|scratching|hurt|hurting|hit|hitting|punish|punishing|bite|biting|bruise ~ myself ~ with|on_purpose|every|again|when|because|so|until|till|at|to|just|after|deliberately|secretly|and|in|.
hurt|hurting myself on|again|because|to|when|so ~ purpose|feel|.|i
cut|cutting|been_cutting|scratching|burning|carving|slicing ~ my ~ arm|arms|wrist|wrists|leg|legs|skin|thigh|thighs|stomach
i ... burn|scratch|slit|slash|slice|slicing|carve|pick ~ my ~ arm|arms|wrist|wrists|leg|legs|skin|thigh|thighs ... with|until|till|so|when|whenever|every|if|to|because|bleed*
slit|slitting ~ my wrist|wrists|throat
i|my|me ... razor|razors|razorblade*|blade|blades ... wrist*|arm*|skin|leg*|thigh*|cut*|myself|under|hide|hidden|bathroom|drawer|bed|bag|case|room|pillow|phone|pocket|when|because
razor|blade|blades|lighter|compass|scissors|needle|knife ... my|own ~ skin|arm|arms|wrist|wrists|thigh|thighs|leg|legs
i ~ do|did|made|make ~ them|it|these|those ~ with ~ my|a? ~ compass|blade|razor|lighter|scissors|knife|myself|.
self|selfharm|selfharming ~ harm|harmed|harming|harms|again|to ... i|again|me|my|when|because|since
i|ive|im|started ... self|selfharm* ~ harm*|selfharm*|harming|again|.
i|ive ~ relapsed
$iam ~ feel|feeling|been|am|so|having ~ suicidal|self_destructive
i|my|me|having|have ... suicidal|suicide thoughts|feelings|note|attempt|plan|letter
i ... commit|attempt|attempted|committing|tried ~ suicide
i|im|ive|i_have ~ thought|think|thinking|considered|considering|keep_thinking|been_thinking ~ about|of|how ~ suicide|dying|killing|being_dead|death_every|not_being_here|not_existing|how_to_die|how_to_end|how_to_kill|ways_to_die|jumping|ending|my_death|my_own_death|my_funeral|hanging
about ~ ending|taking my life|it|own
$pills = pills|tablets|paracetamol|painkillers|medication|meds|ibuprofen|antidepressants|bleach|sleeping_pills|overdose
$iam ... saving|saved|hoard*|hid|hiding|stash*|collect*|swallow*|counting|counted|stockpil*|drank|drink ~ up? ... $pills
i|ive ... took|take|taken|taking|swallow ~ up|all|my|a|too|the|whole|load|handful|bunch ~ load|lot|many|bottle|whole|bunch|packet|handful|of ... $pills
$pills ... i ~ saved|hid|hidden|collected|took|have ~ ready|saved|.|for
i|ive|to|gonna ... overdosed|overdose|od_on|overdosing
$high = bridge|roof|rooftop|ledge|cliff|tracks|platform|balcony|building|window|train|traffic|bus|car_park|overpass|motorway|cars|lorry|truck
$iam ... jump|jumping|step|stepping|throw_myself|walk|walking|run|throwing_myself|lie|fall ~ off|in_front|from|into|under|out|onto|down|in_front_of ~ of|a|the|my|next|that ~ of|next ~ $high
i|sometimes ... $high ... jump*|letting_go|let_go|stepping|end_it|step_off|lean|over_the_edge|what_if|how_easy
want|wanted|think|thinking|thought|about ... jump|jumping off|from|in_front|in the|a|of|front ... $high
about jumping off|from|in|of front|the|a ... $high
my|a|the ~ goodbye|suicide|farewell note|notes|letter|letters|video ... my|i|is|are|to|under|.
$iam ... wrote|written|writing ~ goodbye|suicide|farewell|the|my|a|letters ~ goodbye|last|letter|note|letters|notes ~ letter|note|already|to_my|to_everyone|goodbye|for_my|.
i ~ noose|tied|bought|have|got ... rope|noose ... neck|ready|bought|tied|closet|hidden|.
$iam ... gave|given|giving ~ all|most ~ my|away ~ things|stuff|games|clothes|belongings|phone|possessions|my ~ away|things|stuff
this|it is|will_be ~ my last|goodbye ~ essay|day|week|homework|assignment|letter|note|goodbye|text|message|.
when|time|if you|anyone|someone ~ read|reads|find|finds|are_reading this ... i|ill|im ... gone|dead|here
say|said|saying ~ my goodbye|goodbyes
bald|soon|tomorrow|then ~ i ~ wont|will_not ~ be ~ here|around|alive|a_problem|exist
i ~ wont|dont_think|will_not|probably_wont|do_not_think|dont_plan|not_going ... be ~ here|around|alive ... for|by|when|next|long|much|anymore|to|after|.
i ~ wont|will_not|dont_think_ill|dont_expect|doubt_ill ... live|make|last|see|reach ~ long|past|until|till|to|my|it|another ~ past|sixteen*|seventeen*|eighteen*|birthday|christmas|next|summer|graduation|be|to
i|ill ~ wont|not ~ be|be_a ~ bothering|a|problem|burden ~ problem|burden|you|for|anymore|much ... long*|much|anymore|anyone|.
you|they ~ wont|will_not ~ have to deal|worry|bother|put_up ~ with|about ~ me
$gone = died|die|dead|gone|disappeared|disappear|vanished|vanish|never_born|wasnt|werent|wasnt_here|killed_myself|didnt_exist|left_this_world|never_existed|stopped_existing|didnt_wake_up|dont_wake_up|never_woke_up|ceased
if|when|once i|im|i'd ~ $gone ~ .|tomorrow|tonight|anyway|and|nobody|no|they|everyone|it|who|would|here|around|alive|born|from
if|once i|im|that_i ~ $gone
if|when|whether i|id ~ had|was|were|hadnt ~ never ~ been|born|existed
$nobody = nobody|noone|no_one|none_of_them|not_a_soul|who
$nobody ~ would|will|d|ll|cares|notices|wouldnt|care|misses|cry|is_going_to|is_gonna ~ notice|care|miss|cry|mind|remember|come|about|even ~ me|if|when|that ~ i|im|me|.|anyway|died
$nobody ~ would|will|is_going_to|is_gonna ~ miss me
everyone|everybody|they|all|world|school ... deserve|deserves ~ die
nobody|noone|no_one|none_of_them|not_a_soul ~ likes|loves|wants|cares|needs|understands ~ about? ~ me .|at|in|and|not|even|here|or|because
$nobody ~ cares|care ~ if|whether|about ~ i|me
everyone|everybody|they|world|family|things|people|all|parents|mum|mom|life|it ... better|happier|easier|relieved|glad|fine|safer ~ off? ~ without_me|if_i|when_i|once_i|when_im|if_im|once_im|if_id|that_i|if_they_didnt_have_me
better|happier|easier|relieved ~ off? ~ without me
everyone|everybody|they|all hates|hate me
hate myself|my_life|being_me|being_alive|existing|my_own_life
i|theres|is|me|my ... no|any|little|much point ~ in? ~ living|life|going_on|anything|trying|being_here|my_life|carrying_on|existing|being_alive|it_all|being|staying
i|whats|what_is|what ... no|the|any|is_the point ~ of? ~ in? ~ living|life|going_on|anything|trying|being|me|it_anymore
i ... see|is|theres|there_is ~ no|any ~ way_out|future|hope|tomorrow ~ for|in|left|anymore|.
i|me|my|theres|is|have|see ... no|any|little reason ~ for_me|left? ~ to ~ live|go_on|stay|wake_up|be_here|keep_going|be_alive|carry_on
my life|existence has|is ~ no|over|worthless|meaningless|pointless|not_worth|hell|ruined|a_mistake|a_waste
life ~ isnt|is_not|not|is_no_longer ~ worth ~ living|it|anything
$iam ~ cant|cannot|can_not|couldnt ~ do|take|cope|live|stand|handle|keep|bear|deal_with|survive|face ~ it|this|life|living|doing_this|everything|going|home? ~ anymore|any|longer|much_longer|.
i ~ cant|cannot|can_not ~ go_on|carry_on|cope|keep_going ~ .|like|living|with_life|without|because|and|pretending|much
i ~ cant|cannot ~ live_like_this
$iam ~ given|giving|give|done|finished|over|through ~ up|with ~ on ~ life|living|everything|myself|this_world|this_life|trying_to_live
tired|sick|exhausted ~ of ~ living|life|being_alive|existing|being_here|fighting_to|waking_up|everything_and|my_life
tired|sick|exhausted ~ of ~ pretending ~ im|i_am|to_be|everything|its|it_is|.
$iam ~ dont_care|do_not_care|wouldnt_care|wouldnt_mind|couldnt_care|dont_mind ... if|whether ~ i ~ live|die|died|wake|woke|alive|survive|get_hit|dead|not|never|didnt|disappeared|got
doesnt|not|would ... matter|bother|mind ~ if|whether ~ i ~ live|die|died|wake|am_alive|dead|lived|didnt|exist
i ... not|never|dont ~ wake|waking up
i ... and|sleep|asleep never|not|dont|and ~ wake|never_wake up
hoping|hope|pray|wishing|praying ~ i ~ dont|wont|didnt|never ~ wake
$iam ~ a|just|such|nothing_but|only|feel_like ~ a|burden|worthless|such ~ burden|waste_of|mistake|failure_to_everyone|disappointment_to|worthless|nothing|problem_to
i'm|im|am ~ a burden|mistake|worthless
i|im|feel|feeling|feels ~ so|worthless|like ~ worthless|unwanted|unloved|hopeless|trapped|hollow|numb|empty|broken|dead ~ inside|.|and|all
feel|feels|felt ~ like|broken|dead|empty ~ ending|killing|dying|hurting|inside|cutting
to|so|until|just i|to ~ can|feel ~ feel ~ something|anything|alive|nothing
pain|noise|voices ... never stop|end|stops
pain|noise|hurting|thoughts ... in_my_head|inside_me|my_heart ... stop*|go_away|gets|quiet
voices ... my head|me
i|my ... hit|hitting|bang|banging|smash|smashing|punch|punching ~ my head|fist|fists|hand|the_wall ... wall|against|until|bleed*
make|making|made|forcing ~ myself ~ sick|throw_up|vomit|puke
i ~ need ~ help .
help me ~ please .
we|i ~ have|got|had ~ no|nothing ~ food|to_eat .|at|because|since|again|left
there|theres|its ~ is ~ no|nothing ~ food|to_eat ~ at|in ~ home|our|my|house
i|im|feel|feeling|felt ~ worthless|unwanted|unloved|hopeless|empty|numb|hollow|useless ~ inside|.|and|all
like ~ im|i_am ~ nothing|worthless|invisible|rubbish|trash|dirt
im|am|i ~ dying|dead|screaming|crying inside
take|takes|took|taking ~ it|anger|his|her|them|everything ~ anger|temper|stress? ~ out on me|us
should|shouldnt|should_not|shouldve|shudnt ~ never|not? ~ of|have|ve? ~ been born
i ... want|wanted|need ~ everything|it|pain|this|thoughts ~ end|stop|be_over|over|go_away|go
id|i_would ~ be? ~ better|rather ~ off|be ~ dead
$iam ~ going|gonna|about|want|wanna|ready ~ to ~ end it|things|everything
just|please|me ~ let_me|to ~ die .|already|in_peace
. ~ want|wanna|gonna ~ to? ~ $die
# English: what is done to a child
$kin = dad|daddy|father|stepdad|stepfather|mum|mom|mummy|mommy|mother|stepmum|stepmom|stepmother|brother|brothers|stepbrother|sister|uncle|auntie|aunt|grandpa|grandad|granddad|grandfather|gran|grandma|cousin|parents|boyfriend|girlfriend|bf|ex|coach|teacher|tutor|priest|neighbour|neighbor|babysitter|boss|friend|friends|pastor|carer|papa|family|guardian|roommate|cousins|uncles|sisters|aunts|nan|nana|bfs|girlfriend|gf|teachers|neighbours
$who = $kin|man|men|guy|guys|boys|boy|girls|girl|kids|kid|lads|someone|somebody|people|he|she|they|everyone|stranger|bullies|theyll|hell|shell|theyd|hed|shed|gang|group|one|them|students
$hurts = hit|hits|hitting|beat|beats|beating|beaten|punch|punches|punched|punching|kick|kicks|kicked|kicking|slap|slaps|slapped|slapping|smack|smacks|smacked|choke|chokes|choked|strangle|strangles|strangled|burns|burned|burnt|shove|shoves|shoved|push|pushes|pushed|throw|throws|threw|whip|whips|whipped|belts|hurt|hurts|hurting|spit|spits|spat|batters|thrashes|drags|dragged|grabs|grabbed|lock|locks|locked|pins|pinned|shook|shakes|starve|starves|abuse|abuses|abused|abusing|molest|molests|molested|rape|rapes|raped|bully|bullies|bullied|bullying|threaten|threatens|threatened|threatening|blackmail|blackmails|blackmailing|blackmailed|stab|stabs|stabbed|attack|attacks|attacked|grope|gropes|groped|stalk|stalks|stalked|stalking|kill|kills|shoot|jump|jumped|touch|touches|touched|touching|undress|undresses|undressed|kisses|kissed|assault|assaulted|assaults|force|forced|forces|forcing|trap|traps|trapped|corner|corners|cornered|strips|stripped|tortures|torture|harass|harasses|harassed|films|filmed|forbids|poison|torment|torments|chase|chased|chases|strangling|pulls|pulled
$who ... $hurts me .|in|and|with|when|if|again|at|on|so|because|every|until|to|down|up|out|by|like|after|while|there|where|here|now|over|against|across|almost|all|really|for|around|off|into|badly|as|sometimes|even|my|or|before|he|she|they|hard|a|once|twice|behind|round|along|right|between|under|near|outside|inside|whenever|till|first|this|since|last|yesterday|today|most|about|the|but
$who ... will|gonna|going_to|would|would_have ~ $hurts me|us|my
makes|made|forces|forced|making|forcing|gets me ~ to? ~ share_pics|share_pictures|send_pics|send_pictures|send_him|touch|kiss|undress|strip|watch_him|watch_porn|sleep_with|do_things|do_stuff|lie_with|sit_on_his|sit_on_him|take_off|take_my|suck|have_sex|look_at_his|look_at_him
$who ... touch|touches|touched|touching|feels|rubs|rubbed|grabs|grabbed|squeezes|puts_his_hand|put_his_hand ~ me|my|on|up|down|under ~ my ~ leg|legs|body|chest|private*|bum|bottom|breast|breasts|boobs|thigh|thighs|skirt|shirt|trousers|pants|there|inappropriately
$who ... his|her hand|hands ... my|me|down ~ leg|shirt|skirt|trousers|pants|top|body|mouth|throat|neck|.
$who ... throw|throws|threw|throwing|chucks|chucked|hurls|hurled|smashes|smashed ... at|against|over me
i|me|you|we|us ... lock|locks|locked|locking|shut ~ in|inside|into ~ the|a|my? ~ cellar|basement|cupboard|closet|shed|garage|dark|attic|loft|bathroom|toilet*|my_room|locker
didnt|wouldnt|doesnt|wont|did_not|would_not ~ stop ~ when|after|even|though|although ~ when|though? ~ i ~ said|say|told|begged|asked|cried|screamed|was
i ~ said|say|told|kept_saying ~ him|them? ~ no|stop ... but|and|he|they ~ he|they|didnt|kept|wouldnt|carried
i ~ didnt|did_not ~ want ~ to|it? ~ but ~ he|they
i ~ feel|felt|feeling ~ dirty|filthy|ashamed|gross|used ~ all|since|after|inside|whenever|every|ever|about_what
asks|asking|asked|ask|texts|texting ... what ~ im|i|i_am|i_was ~ wearing
tells|telling|told|makes|asks|asked me ~ to? ~ delete ~ it|them|the|our|everything|messages|this
making|make|made|makes|force|forces|forced|forcing|want|wants me ~ to? ~ carry|sell|deliver|deal|smuggle|steal|hold ~ packages|package|drugs|weed|stuff|things|money|bags|for|some|from
happening to me .|at|and|too|right|every|since
wish|wishing|hope|hoping|pray|praying ~ a|the|some ~ car|lorry|bus|train|truck|van|lightning ... hit|hits|run|runs|kill|kills|crush|crushes|struck|strike me
they|he|hes|theyre|theyll ~ will|are|is|going_to|gonna? ~ come|coming|comes ~ for|after|to_get me .|and|if|tonight|tomorrow|at|when
calls|call|calling|called me ~ slut|slag|whore|fat|ugly|faggot|fag|retard|freak|worthless|bitch|disgusting|pig|tranny|useless|names
hands ~ around|round my|me neck|throat
$who ... sex|sleep|slept ~ with me
does|did|do|doing|done ~ bad|weird|horrible|disgusting|sexual? ~ things|stuff|something ~ with? me
what he|she|they|my_dad|my_uncle|dad|my_stepdad|my_brother does|did|do|do_to|is_doing to me
$i_am = am|im|was|were|get|got|been|being|getting|be|ive_been|i_keep_getting|keep_getting
i|im|ive ~ $i_am ~ hit|beaten|slapped|punched|kicked|raped|abused|molested|assaulted|groped|bullied|blackmailed|threatened|beat|whipped|locked_in|locked_up|neglected|starved|harassed|stalked|followed_home|hurt_at_home|trafficked|choked|tortured|jumped|forced_to|strangled|spanked
being|getting ~ hit|beaten|abused|molested|raped|blackmailed|groped|bullied ~ by|at|every|me ~ my|home|him|at|school|day
$who ... comes|came|gets|climbs|sneaks|creeps|crawls|lies|walks|coming|sneaking|got ~ into|in|to|on|down ~ bed_with|my|bed ~ bed|room|bedroom|me ~ at|when|while|and|during|every|with|after|if|in|because|.
in|into|on|beside my bed ... he|she|him|dad|stepdad|uncle
came|comes|come ~ into|in my room ... night|asleep|drunk|when
keeps ~ me up at night
watches|watch|watching|filmed|films|filming|peeks ~ me ... shower|undress|change|changing|naked|sleep|bath|toilet|bathroom
$fear = scared|afraid|terrified|frightened|dread|dreading|petrified|fear|nervous_to
$iam ... $fear ~ of? ~ go|going|be|being|walk|walking|come|coming ~ back? ~ home|school|there|alone_with|house
i|im|am|been|so|always ~ $fear ~ for|when|what? ~ my|him|daddy ~ $kin?
$iam ... $fear ~ of|what|that|when ~ he|she|him|they|my ... does|will|do|comes|drinks|drunk|hits|hurt|home|.|me
$iam ~ dont|do_not|never|cant|cannot|no_longer|hate ~ want|wanna|going|being|to|go ~ to? ~ go|be|back|going|come ~ back? ~ home
i ~ dont|do_not|never|dont_ever|not ~ feel|felt ~ safe ~ at|in|with|around|here|anywhere|when|.|anymore|there|walking
not safe|unsafe ~ at|in|with|for ~ home|my_house|my_dad|school|him|me_at_home
i|dont ... like|hate|want|alone ~ being|to_be|be|left ~ alone|left_alone ~ with ~ him|my|her|that_man
ran|run|running ~ away ~ from ~ home ... i|because|he|my|me
i ... run|running|ran ~ away ~ from ~ home|my_house|my_family|here
$tell = tell|told|telling
he|she|they|dad|mum|uncle|i ... not ~ allowed|supposed? ~ tell|say|talk ~ about? ~ anyone|anybody|anything|this|it|you|the_teachers|a_teacher
i|im ~ cant|cannot|mustnt|not_allowed_to|never|am_not_allowed_to|could_never|must_not|not_supposed_to ~ tell ~ anyone|anybody|mum|mom|my_mum|my_mom|someone|a_teacher|you
if|when|because i ~ ever|say ~ $tell|say|talk|speak|report|snitch ~ on|to|anything ~ anyone|anybody|someone|somebody|teacher|a_teacher|police|the_police|mum|mom|my_mum|him|them|on|it|this|about_it|to_anyone|anything ~ to|.|he|she|they|anyone|what|about|ever
our ~ little|secret ~ secret|.|and
keep|stay|be ~ quiet|it_secret|it_a_secret|my_mouth_shut|silent ... or|he|about_it|hurt|else|kill|happens|nobody|my
tells|told|says|said|telling ~ me ~ to ~ keep|stay|not|it ~ quiet|tell|my_mouth_shut|is_our|it_secret|it_a_secret
$nobody ~ will|would|ll|d|going_to ~ believe ~ me
people|them|everyone|teachers|teacher|doctor ~ that ~ i ~ fell|walked_into|tripped|slipped
don't ~ tell|call|ring my parents|mum|mom|dad|family|mother|father|stepdad
$marks = bruise|bruises|scars|scar|cuts|burns|scratches|marks|welts|cigarette_burns
my|these|those|new ~ $marks ... are|is|from|come|because|by|hide|hidden|on ... dad|mum|mom|him|her|he|she|brother*|stepdad|belt|myself|i|mine|not|parents|uncle|fist*
$marks ~ on|all|down|up|over|across ~ over|on? ~ my ~ arm|arms|wrist|wrists|leg|legs|back|thigh|thighs|body|neck|face|ribs|stomach
my ~ arm|arms|wrist|wrists|leg|legs|thigh|thighs|back|body ~ is|are|was ~ covered|full|black|sore ~ in|of|with|and $marks|blue|scratches|from
hide|hiding|cover|covering|covers|see|sees|hides|notices ~ up|the|all ~ my|the ~ $marks|arms
i ... long sleeves|hoodie|jumpers|sleeve ... so|because|to|hide|cover|even
$who ... with|on|to ~ a|his|her|the ~ belt|stick|cable|hanger|fist|fists|shoe|slipper|spoon|bottle|cane|ruler ... me|my|i|bruises
hit|hits|beat|beats ~ me|us ~ with
me ... with ~ his|her|a|the ~ belt|stick|cable|hanger|fist|fists|shoe|slipper|cane|cigarette|lighter
my $kin ... mean|angry|violent|aggressive|drunk|high|mad when|if|he|she|and ... drink*|drunk|hit*|beat*|hurt*|throw*|me|us|scream*
my $kin ... drinks|drunk|drinking|high ... and|then|hits|when|i|every|so|all
mom|mum|dad|stepdad|father|mother ... gets|is|comes_home ~ mean|angry|violent|aggressive|drunk|mad|high|wasted ... drink*|drunk|hit*|beat*|hurt*|throw*|break*|me|us
when|because|if|after dad|mum|mom|daddy|my_dad|my_mum|my_mom|my_stepdad|my_father|my_mother|stepdad ... drunk|drinks|drinking|angry|home ... hide|hits|me|scared|he|she|i|my
i|we ~ hide|hid|hiding|lock ~ in|under|myself|ourselves ... when|until|because|from ... he|she|dad|mum|mom|him|they|drunk|drinking
dad|he|stepdad|father|boyfriend ... hits|beats|hit|beat|chokes|punches|hurts|threatens|threw|pushes ~ my|mum|mom|our ~ mum|mom|mother|little|sister|brother|.|and
we|us|home|house|fridge ... no|any|nothing|havent_had|had|without ~ food|eat|dinner ~ in|at|since|for ~ home|house|fridge|friday|monday|days|weeks|weekend|tuesday|wednesday|thursday
i|ive|we ... havent|havent_had|barely|not ~ had|eaten ~ food|any|anything|properly|dinner|proper? ~ food|meal? ~ since|for|in
they|he|she|mum|mom|dad|parents ~ dont|doesnt|wont|never|stopped|stops ~ feed|feeds|feeding|let|give|gives|giving ~ me|us
me ... without|no ~ any ~ food|dinner|eating|water|heating|supper ... when|if|for|days|night|because|as|again|since|.
no ~ one|body is|comes ~ home ~ for|to|until ... days|us|me|look
leaves|leave|left ~ me|us ~ alone ... days|weekend|nights|week|without|weeks
$pics = picture|pictures|pics|pic|photos|photo|video|videos|nudes|images|screenshots
naked|nude|nudes|topless|sexual|private|intimate ~ $pics|selfies|body ~ of|from|to ~ me|my|myself|i
nudes|nude|naked|topless ... of_me|me|i|my|myself|send|sent
me ... naked|nude|nudes|dick_pics|dick_pic|underwear|take_off|my_clothes|my_body
i|ive ... nudes|dick_pic|naked_pics|naked_pictures
$pics ~ of|where ~ me|himself|his|myself ... naked|nude|online|everyone|send|share*|post*|leak*|school|shower|changing|undress*|without|spread*|sending|delete|internet|group|himself|if|unless|or|asleep
$pics ~ of himself|his
send|sends|sent|sending|share|shares|shared|post|posted|leak|leaked|spread|spreading|show|showed ~ my|more|him|the ~ my ~ nudes|$pics|body ... to|everyone|online|him|or|if|unless|school|around|.
wants|wanted|asks|asked|asking|begging|begs|pressures|pressuring|keeps_asking|told|tells ~ me ~ to|for ~ to|send|show|meet|take|strip|undress ~ him|send|my|more ~ $pics|body|clothes|nudes|alone|private|in_secret|naked|feet|at_his|him
$who ... online|internet|snapchat|snap|instagram|insta|discord|tiktok|roblox|game|chat|facebook ... me ... $pics|meet|naked|nude*|threat*|blackmail*|address|send*|touch*|where
met|meet|meeting ~ a|him|this ~ man|guy|stranger|older|him ~ from ~ online|internet|discord|snapchat|instagram|roblox
blackmail|blackmailing|blackmails|blackmailed|groomed|grooming me|by_a|by_him
they|parents|family|dad|father|uncle ... marry|married|marriage|send|sold|sell|cut ~ me|off ~ to|off|back ~ to|cousin|a ~ cousin|man|pakistan|somalia
i|im|being ... forced ~ to|into ~ marry|marriage
please ~ help me .|someone|i|he|my|please|im|before
someone|somebody|anyone ~ please ~ help me
raped|abused|molested|groped me
trying|tries|tried ~ to ~ poison|strangle|choke|drown|kill|touch|kiss|rape me
# English: threats
$weapon = gun|guns|knife|knives|bomb|bombs|rifle|pistol|machete|shotgun|weapon|weapons|acid|blade|axe|hammer|petrol
$iam ... bring|bringing|take|taking|have|got|carry|carrying|hide|hidden|hiding|buy|bought|packed|keep|put|pack|brought|stole|get ~ a|my|the|in|dads|brothers|his ... $weapon ~ in|to|with|at|from|into|and|for|under|on|tomorrow|ready ... school|class|bag|locker|backpack|tomorrow|monday|me|use|home|you|them|him
$iam ~ bringing|bring|going_to_bring|gonna_bring|taking|will_bring|have ~ a|my ... $weapon ~ tomorrow|to_school|in_my|in|monday
have|got ~ my|a ... gun|guns .|and|use
i|ive ... gun ... use it
$weapon ~ in|into|to|inside ~ my|his|her ~ bag|locker|backpack|school|class|schoolbag|rucksack|sock|jacket|pocket
$who ... has|have|had|brings|brought|showed|showing|carries|carrying|bringing|shows|pulled|got ~ me ... $weapon ... school|class|locker|bag|on_me|at_me|me|backpack|playground
me ... with|had|has ~ a|the|his|their ~ $weapon
$weapon ~ to|at|on|against ~ my|me ~ throat|neck|head|face|.|and|ribs
i|know ~ know ~ where ... gun|guns|rifle|shotgun|pistol|keys_to_the_gun
i ~ can|could|will ~ easily ~ get ~ hold|a|my ... gun|guns|rifle
$them = him|her|them|you|everyone|everybody|someone|somebody|anyone|every|everyone_in|all_of|that|those|this|my|mr|mrs|ms|miss|people|kids|teachers|anybody|whoever|the_whole|the_next|all|the_teacher|these|the_kids|the_class|the_boys|the_girls|the_principal|each
$kill = kill|stab|shoot|murder|strangle|slaughter|poison|hurt|knife|behead|beat_up|smash|execute|burn|bomb|attack|destroy|end|butcher|hit|blow_up|get_rid_of|massacre
$iam ~ going_to|gonna|will|want_to|wanna|wanted_to|could|swear_ill|swear_i_will|ill|planning_to|about_to|might|should|feel_like|wish_i_could|plan_to|swear_im_going_to|swear_to_god_i_will ~ $kill ~ $them
$iam ~ going_to|gonna|will|wanna|want_to ~ stab|murder|strangle|slaughter
$iam ~ will|going_to|gonna|wanna|want_to|could|ill ~ smash|kick|bash|cave|break|knock|beat|punch|slit|cut|rip|put|blow ~ his|her|their|your|that ~ skull|head|face|teeth|jaw|neck|throat|legs|brains
ill ~ smash|bash|cave|break|knock|slit ~ his|her|their|your ~ skull|head|face|teeth|jaw|neck|throat|legs
. ~ gonna|wanna|will ~ smash|bash|cave|break|slit|kick ~ his|her|their|your ~ skull|head|face|teeth|jaw|neck|throat
. ~ gonna|wanna ~ $kill ~ $them
ill|i_will ~ kill|stab|murder|knife|slaughter|strangle|poison|shoot ~ $them
ill|i_will|ill_just ~ stab|kill|shoot ~ the|any|every|anyone ~ next|whole|person|entire
i ... kill|killing|stabbing|shooting|hurting|murdering|strangling ~ him|her|them|everyone|everybody|all_of_them|people|you|my ~ all|.|at|and|in|with|one|teacher|mum|dad|parents|class
$iam ... make|making ~ them|everyone|everybody|you|him|her|all|school ... pay|sorry|regret|suffer|bleed|hurt
they|you|everyone|everybody|youll|theyll|hell|all|whole|school ~ will|gonna|ll|going_to|all|are_going_to ~ all ~ pay|be_sorry|regret|suffer|be_dead|see_what|wish_they ~ .|for|it|me|when|what|on|on_monday|tomorrow|soon
you ~ will|are|gonna|going_to ~ all ~ be|going_to|gonna ~ die|dead|sorry
youll|youre|theyre ~ all|going_to|gonna|dead|be ~ die|dead|sorry|going_to_die|gonna_die
i|im|ill|my|want|take|get ... my revenge
blow|blowing|burn|burning|shoot|shooting|bomb|bombing ~ up|down? ~ this|my|our|whole|up|down? ~ whole|damn|stupid? ~ school|class|classroom|building|place|changing_room|gym|hall|canteen|bus|staffroom|playground|assembly|office
school ~ shooter|shooting ... i|im|me|next|plan*|tomorrow|my|our
i|im|be|ill|planning ... school|mass ~ shooter|shooting|attack
my|a hit|kill|death list
you|youre|hes|shes|theyre|names|name ... on ~ my list
dont|do_not|nobody|no_one|better_not|should_not|shouldnt ~ come|go ~ to|in ~ school|class|in|tomorrow ~ on|tomorrow|monday|today|friday|if|next
stay ~ home|away|at_home ~ from|on|tomorrow ~ school|monday|tomorrow|friday|if|or
death threats|threat
tell|tells|told|telling|say|says|message|messages ~ me ~ to|that|i ~ to|should ~ kill|hang|die|kms|end
kys
me ... kill yourself
waiting|wait|waits ~ for me ~ after|outside|at|on ... school|gate|bus|beat|hurt|knife|jump
followed|follow|follows|following ~ me ~ home|to|from|around|everywhere
"""
