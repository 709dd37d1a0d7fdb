"""The pages in English."""

from learning_worker.web.texts import Texts

ENGLISH = Texts(
    # Frame
    code="en",
    product="Learning Workshop",
    language_name="English",
    switch_to="Deutsch",
    switch_label="Auf Deutsch umschalten",
    skip_to_content="Skip to content",
    sign_out="Sign out",
    sign_out_draft=(
        "You have a draft that is not handed in. Signing out deletes it from this device. Sign out anyway?"
    ),
    my_tasks="My tasks",
    my_courses="My courses",
    back="Back",
    footer_local="Runs on the school's own server. Nothing leaves the building.",
    date_format="%d/%m/%Y, %H:%M",
    time_format="%H:%M",
    opening_quote="“",
    closing_quote="”",
    # Sign-in
    sign_in="Sign in",
    sign_in_not_set_up="Sign-in has not been set up for this school yet. Please ask the school's IT team.",
    demo_title="Demo: who would you like to be?",
    demo_intro="All people and texts are invented. Pick somebody and see what they see.",
    demo_pupils="Pupils",
    demo_teachers="Teachers",
    demo_operators="Operations",
    # Pupil: tasks
    no_tasks="Your tasks will appear here once your teacher sets some.",
    not_handed_in="Not handed in yet",
    attempt="Attempt {nr}",
    deadline="Due {when}",
    deadline_over="Handing in was possible until {when}.",
    course_archived="This course has ended. Nothing can be handed in any more; your answers are still here.",
    criteria="What counts",
    your_answer="Your answer",
    your_attempts="Your attempts",
    new_attempt="New attempt",
    attempts_left="{n} of {total} attempts left",
    no_attempts_left="You have used all attempts.",
    practice_note="Practice task: you get feedback straight away.",
    reviewed_note="Your teacher reads the feedback before you see it.",
    type_text="Type a text",
    upload_files="Photos or files",
    text_label="Your text",
    text_hint="Your draft stays on this device until you hand in or sign out.",
    draft_restored="Your earlier draft is back.",
    words="words",
    files_label="Choose photos (JPEG, PNG, WebP, HEIC), a PDF or text files",
    files_hint="At most {files} files of up to {mb} MB each. The order here is the order of the pages.",
    camera_label="Take a photo",
    drop_here="or drop files here",
    page="Page {nr}",
    move_up="Move up",
    move_down="Move down",
    rotate="Rotate",
    remove="Remove",
    too_big_here="This file is too large.",
    hand_in="Hand in",
    handing_in="Handing in …",
    # Pupil: submission
    receipt="Your answer has arrived.",
    receipt_line="Attempt {nr}, handed in {when}",
    submission="Your answer",
    step_handed_in="Handed in",
    step_reading="Reading",
    step_checking="Checking",
    step_done="Done",
    step_teacher="Teacher reads",
    state_waiting="Waiting in line. You can close this page; it goes on without you.",
    state_reading="Your pages are being read.",
    state_checking="Your text is being checked against the criteria.",
    state_confirm="Please check that your text was read correctly.",
    state_teacher_reads="Your teacher reads this. What they release will appear here.",
    state_done="Your feedback is here.",
    state_failed="That did not work.",
    retrying="The last try did not work. It will be tried again by itself; your answer is safe.",
    place_next="You are next.",
    place_in_line="Number {n} in line.",
    turn_in="Your turn comes {span}.",
    no_estimate="How long it takes cannot be said yet.",
    span_soon="within a minute",
    span_minutes="in about {n} minutes",
    span_minutes_to="in about {n} to {late} minutes",
    span_hours="in about {n} hours",
    span_hours_to="in about {n} to {late} hours",
    short_waiting="Waiting",
    short_reading="Being read",
    short_checking="Being checked",
    short_confirm="Confirm your text",
    short_teacher_reads="With your teacher",
    short_done="Feedback ready",
    short_failed="Did not work",
    confirm_title="Is this your text?",
    confirm_help=(
        "This is how your handwriting was read. Only mend what was misread, do not change your answer. "
        "Words with [?] were hard to read: check them and delete the mark."
    ),
    confirm_until="Without your confirmation, checking starts with this text on {when}.",
    confirm_button="Yes, this is my text",
    enlarge="Larger",
    correct_mine="Something misread? Mend the text",
    correct_mine_help=(
        "Only mend what was misread, do not change your answer. Your teacher sees both versions. The "
        "feedback is then made again."
    ),
    corrected_mine="Your text is saved. The feedback is being made again.",
    save_my_text="Save my text",
    text_conflict="The text has changed meanwhile",
    text_conflict_help=(
        "Perhaps in another window. What you typed is below and not saved yet. Compare it with what is "
        "stored now and save again."
    ),
    text_closed_help=(
        "It can no longer be mended here: it was confirmed in another window, or it is with your teacher now. "
        "What you typed is below, so that you can show it to your teacher."
    ),
    text_typed="What you typed (not saved)",
    text_version="Version {nr}",
    version_read="as it was read",
    version_by_pupil="mended by the pupil",
    version_by_teacher="mended by a teacher",
    was_corrected="The text was mended; earlier versions are kept.",
    by_hand="Answer it yourself",
    by_hand_help="Opens the criteria empty; no AI works on this answer any more.",
    take_back="Take back",
    take_back_help=(
        "As long as nobody has opened your answer you can take it back. It is then deleted completely."
    ),
    take_back_confirm="Delete this answer for good",
    taken_back="Your answer was taken back and deleted.",
    your_text="Your text",
    your_files="Your files",
    feedback="Feedback",
    per_criterion="Criterion by criterion",
    explanation="Explanation",
    explanation_left_out=(
        "The model's explanation was left out: it broke a rule for what pupils read, by naming points for example."
    ),
    next_step="Next step",
    quote_number="Passage {nr}",
    quotes_in_text="The numbers in the text belong to the criteria.",
    earlier_wording="This passage is from an earlier version of the text.",
    points="{score} of {top} points",
    overall="Overall {score} of {top}",
    assessed_of="{n} of {total} criteria assessed",
    write_again="Revise and hand in again",
    help_title="Help and questions",
    help_text=(
        "Is something unclear, do you see it differently, or is something on your mind? Talk to your "
        "teacher, the school's counsellor or somebody you trust."
    ),
    # Levels and states of a criterion
    level_0="not yet",
    level_1="partly",
    level_2="largely",
    level_3="fully",
    letter_0="N",
    letter_1="P",
    letter_2="L",
    letter_3="F",
    letter_none="?",
    level_none="open",
    not_assessed="Not assessed yet",
    your_teacher_looks="Your teacher can add this.",
    assessed="assessed",
    # Who made it
    made_by_stub="Demo result, no AI",
    made_by_ai="AI draft",
    made_by_fallback="AI draft (simple method)",
    made_by_teacher="Teacher",
    made_by_none="No automatic assessment",
    checked_by_teacher="Released by your teacher",
    not_checked="Not yet read by a person",
    # Teacher
    no_courses="Your courses will appear here.",
    pupils="{n} pupils",
    handed_in_of="{n} of {total} handed in",
    to_review="To review",
    in_progress="In progress",
    class_waiting="{n} answers of this class wait or are being checked.",
    class_waiting_one="One answer of this class waits or is being checked.",
    class_done_at="Done at about {when}.",
    class_done_between="Done at about {when}, by {late} if it takes longer.",
    no_class_estimate="When they are done cannot be said yet: that needs a running worker and some finished answers.",
    released="Released",
    attention="Needs attention",
    answers="Answers",
    pupil="Name",
    state="State",
    levels="Levels",
    legend="{n0} not yet, {n1} partly, {n2} largely, {n3} fully, ? open",
    person_reads="Please read today",
    needs_review="Assessment open",
    draft_ready="Draft ready",
    failed="Failed",
    missing_pupils="Nothing handed in yet",
    nobody_yet="No answers yet.",
    previous="Previous",
    next="Next",
    list="List",
    position="{n} of {total}",
    answer_text="Answer",
    text_read_by="Read from files; please compare with the original.",
    correct_text="Correct the text",
    correct_text_help="Only mend misreadings. The assessment is then made again; the present one is kept.",
    save_text="Save text and assess again",
    level="Level",
    reason_label="Why open",
    ai_original="Originally",
    original_feedback="Original feedback",
    feedback_for_pupil="Feedback for the pupil",
    markdown_hint="Paragraphs, lists, **bold** and *italics* work.",
    save="Save",
    release="Release",
    release_next="Release and next",
    saved="Saved.",
    released_now="Released. The pupil can see the feedback now.",
    text_saved="Text saved. The assessment is being made again.",
    all_done="All answers have been looked at.",
    released_at="Released {when}",
    not_released="Not released yet",
    changed_not_released="Changed, not released yet",
    no_report_yet="The assessment is still running. You can read the answer already.",
    no_report_failed="There is no assessment: {why}",
    no_ai="No AI may be used for this child. Please assess it yourself.",
    addresses_reader="This passage addresses the reader of the answer rather than the task.",
    addresses_help="Underlined with dots: passages that address the reader of the answer rather than the task. They "
    "changed nothing about the assessment, and only you see this.",
    addresses_quote="A quote here comes from a passage that addresses the reader.",
    made_how="How this assessment came about",
    made_model="Model",
    made_program="Program",
    made_text="Version {version} of the text",
    made_cost="{calls} questions to the model, {tokens_in} tokens read, {tokens_out} written, {seconds} s",
    made_settings="Settings",
    made_before="Taken from version {version}: same text, task, model and program. No model was asked.",
    person_reads_note="Please read this answer today. On purpose, no AI feedback was made.",
    observer_note="You observe this course and cannot change anything.",
    conflict_title="Somebody was faster",
    conflict_help=(
        "This answer has changed meanwhile. What you entered is below and not saved yet. Compare it with "
        "what is stored now and save again."
    ),
    stored_now="Stored now",
    keys_help=(
        "Keys: 1 to 4 level, J and K next criterion, Alt+→ next, Alt+← previous answer, Ctrl+Enter save"
    ),
    download="Download",
    other_attempts="Attempts",
    task_text="Task",
    # Errors, as pages
    error="Error",
    to_start="Go to the start page",
    error_401="Please sign in.",
    error_401_help="Your session has ended, or you were not signed in.",
    error_403="This account cannot do that.",
    error_403_help=(
        "Maybe you are signed in with another account, or the form was open for too long. Go back, reload "
        "the page and try again."
    ),
    error_404="There is no such page.",
    error_404_help="Maybe the address is incomplete, or the answer was taken back.",
    error_409="This has changed meanwhile.",
    error_409_help="Reload the page and try again.",
    error_413="That is too large.",
    error_413_help="Use fewer or smaller files. One photo per page is enough.",
    error_422="We cannot take this as it is.",
    error_422_help="Check what you entered and try again.",
    error_storage="Files cannot be kept right now",
    error_storage_help=(
        "The place for files is full or cannot be reached, so nothing was handed in. Keep your photo, tell your "
        "teacher, and try again in a few minutes. A typed text can be handed in at any time."
    ),
    error_503="Not available right now",
    error_503_help=(
        "The database does not answer. Wait a moment and try again; your draft stays on this device. "
        "Handing in twice does no harm."
    ),
    error_500="Something went wrong.",
    error_500_help="It is not your fault. Please tell the school if it happens again.",
    # Why handing in was refused
    refused_empty="Write something or choose files first.",
    refused_text_too_long="The text is too long: at most {n} characters.",
    refused_characters="The text holds characters we cannot store. Paste it again as plain text.",
    refused_too_many_files="Too many files: at most {n}.",
    refused_not_allowed="You cannot hand in anything for this task.",
    refused_key_reused=(
        "This form was already used to hand in something else. Your text is below; hand in again if you "
        "want a new attempt."
    ),
    refused_no_attempt_left="You have used all attempts for this task. Talk to your teacher.",
    refused_deadline_passed="The deadline has passed. Talk to your teacher.",
    refused_not_possible_now="This is not possible any more.",
    # Final codes
    why_vision_failed=(
        "We could not read your pages. It is not your fault: hand them in again later, or type the text."
    ),
    why_feedback_failed=(
        "Feedback did not work this time. It is not your fault; your teacher can read your text."
    ),
    why_input_corrupt="The file is damaged or empty. Take a new photo or export the PDF again.",
    why_input_unsupported=(
        "We cannot read this kind of file. Use a photo (JPEG, PNG, WebP, HEIC), a PDF without a password or "
        "a text file."
    ),
    why_input_too_large="The file is too large. Use fewer pages or a smaller photo.",
    why_input_unreadable=(
        "We could not read anything reliably in the picture. Take a new photo in good light from straight "
        "above, or type the text."
    ),
    why_photo_blurred=(
        "A photo is too blurred to be read. Hold the phone still with both hands, tap the page to focus, and take it "
        "again; or type the text."
    ),
    why_photo_dark="A photo is too dark to be read. Take it again near a window or under a lamp, or type the text.",
    why_photo_too_small=(
        "A photo has too few pixels to be read. Hand in the photo itself, not a preview of it, or type the text."
    ),
    why_page_blank="The page is blank. Did you photograph the right side? Take it again, or type the text.",
    why_worker_crashed=(
        "Something went wrong while processing. Your answer is stored and your teacher can read it."
    ),
    why_cancelled="The school stopped the processing. Your answer is stored.",
    # Reasons of an open criterion
    because_unknown="No result",
    because_quote_not_found="A quote is not in the text",
    because_answer_invalid="The model's answer was unusable",
    because_level_out_of_range="The model's answer was unusable",
    because_text_unreadable="The text could not be read reliably",
    because_text_too_long="The text is too long for the model",
    because_blank="No text",
    because_nonsense="No coherent text",
    because_off_topic="Not about the task",
    because_refused="A person should read this",
    because_person_reads="A person should read this",
    because_ai_not_allowed="No AI allowed",
    because_truncated="The model's answer broke off",
    because_timeout="The model took too long",
    # Operator
    health="Health",
    healthy="All is well",
    degraded="Degraded",
)
