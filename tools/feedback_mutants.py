"""Guards over a model's words to pupils that `mutants.py` removes, in the form of `worker_mutants.py`."""

_DOMAIN = "src/learning_worker/domain"
_WORDING = "tests/unit/test_wording.py"
_JUDGING = "tests/unit/test_judging.py"
_ADAPTERS = "src/learning_worker/adapters"
_JOB = "tests/e2e/test_local_feedback_job.py"

FEEDBACK_MUTANTS = (
    (
        "a hidden score is told",
        f"{_DOMAIN}/linter.py",
        "not task.scores_visible and speaks_of_scores(prose, task, answer)",
        "False",
        _WORDING,
    ),
    (
        "a grade without limits of its own",
        f"{_DOMAIN}/linter.py",
        "task.language, task.grade_level, known)",
        "task.language, 13, known)",
        "tests/unit/test_language.py",
    ),
    (
        "nothing is praised",
        f"{_DOMAIN}/wording.py",
        "    if quoted and not wording.works:\n",
        "    if False:\n",
        _WORDING,
    ),
    (
        "reason and step are not linted",
        f"{_DOMAIN}/judging.py",
        '"" if broken_rules((part,), case.task, case.text) else part',
        "part",
        _JUDGING,
    ),
    (
        "markup is taken out once",
        f"{_DOMAIN}/markup.py",
        "    for _ in range(_PASSES):\n",
        "    for _ in range(1):\n",
        _JUDGING,
    ),
    (
        "a number in a note is told",
        f"{_DOMAIN}/hints.py",
        "    return not (_marks(hints) - _marks(known)).isdisjoint(_marks(text))\n",
        "    return False\n",
        "tests/unit/test_hints.py",
    ),
    (
        "a refusal to word is worded by us",
        f"{_ADAPTERS}/local_feedback.py",
        "            if refuses(content):\n                raise BadAnswer(Reason.REFUSED)\n",
        "",
        _JOB,
    ),
    (
        "a refusal in the form is taken for a text",
        f"{_DOMAIN}/refusals.py",
        "    return is_refusal(content) or any(is_refusal(text) for text in _texts(value))\n",
        "    return is_refusal(content)\n",
        "tests/unit/test_refusals.py",
    ),
    (
        "a refusal behind its reason is a zero",
        f"{_DOMAIN}/judging.py",
        "is_refusal(judgement.reason, without_quote=without_quote)",
        "is_refusal(judgement.reason)",
        "tests/unit/test_refusals.py",
    ),
    (
        "a level that could not be given is a zero",
        f"{_DOMAIN}/judging.py",
        "is_unsure(judgement.reason, without_quote=without_quote)",
        "False",
        "tests/unit/test_refusals.py",
    ),
    (
        "a judge's difficulty calls a person",
        f"{_DOMAIN}/refusals.py",
        " and not _is_difficulty(content)",
        "",
        "tests/unit/test_refusals.py",
    ),
    (
        "a refusal to search is an invalid answer",
        f"{_ADAPTERS}/long_answers.py",
        "            if is_refusal(content):\n                raise BadAnswer(Reason.REFUSED)\n",
        "",
        "tests/unit/test_long_answers.py",
    ),
    (
        "a refusal to word calls no person",
        f"{_ADAPTERS}/local_feedback.py",
        "            is_refused=is_refused,\n",
        "            is_refused=False,\n",
        _JOB,
    ),
    (
        "a genitive ends a quotation",
        f"{_DOMAIN}/quotations.py",
        """    rf"|{_OPENS}((?:[^{_SINGLE}]|{_IN_WORD}|{_GENITIVE}){{1,300}}?)(?<![sxzß\\s]){_CLOSES}"\n""",
        "",
        "tests/unit/test_quotations.py",
    ),
    (
        "an ordinary sentence alone is hard to read",
        f"{_DOMAIN}/language.py",
        "    return 80 / math.sqrt(max(1, word_count))\n",
        "    return 40 / math.sqrt(max(1, word_count))\n",
        "tests/unit/test_language.py",
    ),
    (
        "a next step is stored as a model wrote it",
        f"{_DOMAIN}/judging.py",
        "next_step_md=escape_md(step) or None",
        "next_step_md=step or None",
        _JUDGING,
    ),
    (
        "a story's words in the past are the pupil's own",
        f"{_DOMAIN}/person_reads.py",
        '    return announced.group() + _SPEAKER.sub(" x ", sentence[announced.end() :])\n',
        "    return sentence\n",
        "tests/unit/test_person_reads.py",
    ),
    (
        "what was said to a pupil is a story's",
        f"{_DOMAIN}/person_reads.py",
        "    if announced is None or _OWN.search(announced.group()):\n",
        "    if announced is None:\n",
        "tests/unit/test_person_reads.py",
    ),
    (
        "a quotation addresses the pupil",
        f"{_DOMAIN}/address.py",
        "says(without_quotations(part).strip())",
        "says(part.strip())",
        "tests/unit/test_address.py",
    ),
    (
        "a card that did not come is remembered",
        f"{_ADAPTERS}/local_feedback.py",
        "code=error.code)\n            return None\n",
        "code=error.code)\n            return _Model(digest, None, False)\n",
        "tests/unit/test_local_feedback.py",
    ),
    (
        "a call outlives its phase",
        f"{_ADAPTERS}/asking.py",
        "deadline_s = min(terms.call_s, self.left_s())",
        "deadline_s = terms.call_s",
        "tests/unit/test_local_feedback.py",
    ),
    (
        "an error behind DSPy's keeps the answer",
        f"{_ADAPTERS}/dspy_program.py",
        "        failure = _failure(engine.error or error)\n",
        "        raise _failure(engine.error or error) from None\n",
        "tests/unit/test_canary_of_errors.py",
    ),
)
