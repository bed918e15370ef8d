"""A hundred notes of ten subjects, as one person may have them, for the pictures of what their vectors tell."""

from __future__ import annotations

from desktop_app.app.container import Container

Subject = tuple[str, tuple[str, ...], tuple[str, ...]]

#: Folder, tags, and notes: a title, a bar, the text.
SUBJECTS: tuple[Subject, ...] = (
    (
        "Kitchen",
        ("baking",),
        (
            "Rye sourdough|Feed the starter with whole rye flour in the evening and leave it beside the radiator.",
            "Focaccia|A wet dough with plenty of olive oil, dimpled by fingers and baked hot for twenty minutes.",
            "Baguettes|Steam in the first ten minutes of baking makes the crust thin and glossy.",
            "Brioche|Butter goes into the dough last, piece by piece, after the gluten has developed well.",
            "Pizza dough|Three days in the fridge give the pizza dough its flavour and large bubbles.",
            "Cinnamon rolls|Roll the sweet dough out thin, spread butter, sugar and cinnamon, and let it prove again.",
            "Crackers|Leftover sourdough starter rolled out thin with seeds bakes into crackers.",
            "Apple cake|Tart apples, little sugar and a yoghurt batter keep this cake moist for days.",
            "Oven temperatures|Our oven runs twenty degrees cooler than it says; bake bread at the highest setting.",
            "Flour types|Strong wheat flour for loaves, soft flour for cakes, rye for the starter.",
        ),
    ),
    (
        "Garden",
        ("garden",),
        (
            "Tomatoes|Sow tomatoes indoors in March and plant them out after the last frost in May.",
            "Compost|Mix green cuttings with dry leaves so that the compost heap stays airy and warm.",
            "Pruning roses|Cut roses back above an outward bud when the forsythia blooms.",
            "Slugs|Copper tape around the raised beds keeps most slugs off the lettuce.",
            "Garlic|Plant garlic cloves in October, harvest when half of the leaves have turned yellow.",
            "Watering|Water the beds early in the morning and seldom, but deeply, at the roots.",
            "Beans|Climbing beans want warm soil and tall poles, and feed the bed with nitrogen.",
            "Fruit trees|Prune the apple trees in late winter, never in frost, and thin the crop in June.",
            "Herbs|Thyme, sage and rosemary like poor stony soil and full sun.",
            "Seed order|Order seeds of chard, kale and carrots in January before they are sold out.",
        ),
    ),
    (
        "Work",
        ("python",),
        (
            "Virtual environments|Create a Python virtual environment for each project and pin its packages.",
            "pytest fixtures|A pytest fixture with a yield cleans up after the test, even when it fails.",
            "Type hints|Run mypy in strict mode over new Python modules and annotate all functions.",
            "Generators|A Python generator reads a large file line by line without filling the memory.",
            "Dataclasses|Frozen dataclasses make good values in Python: hashable, comparable, cheap.",
            "asyncio|Await slow calls together with a task group instead of one after the other in Python.",
            "Packaging|Build a wheel from pyproject.toml and try it in an empty virtual environment.",
            "Profiling|Use cProfile to find the slow function in Python before rewriting anything.",
            "Logging|Configure Python logging once at the start and never print from a library.",
            "Decorators|A decorator wraps a Python function; functools.wraps keeps its name and docstring.",
        ),
    ),
    (
        "Work",
        ("databases",),
        (
            "SQLite WAL|Write-ahead logging lets readers of a SQLite database go on while one writer commits.",
            "Indexes|An index over the columns of the WHERE clause saves the database a full table scan.",
            "Migrations|Take a verified backup before the schema migration changes a table.",
            "Transactions|Keep database transactions short, or other writers wait for the lock.",
            "Postgres vacuum|Autovacuum removes dead rows of Postgres tables; watch tables with many updates.",
            "Full-text search|FTS5 ranks rows by BM25 and can stem English words with porter.",
            "Query plans|EXPLAIN QUERY PLAN shows whether a query uses the index or scans the table.",
            "Backups|Restore a database backup every month, since an untested backup is none.",
            "JSON columns|Values inside a JSON column can be indexed by an expression index.",
            "Foreign keys|SQLite checks foreign keys only when the pragma is on for the connection.",
        ),
    ),
    (
        "Travel",
        ("travel",),
        (
            "Lisbon|Stay in Graça, ride tram 28 early in the morning, and take the ferry to Cacilhas at sunset.",
            "Night trains|The night train from Vienna reaches Venice in time for breakfast; book a couchette.",
            "Packing list|One small backpack: three shirts, rain jacket, charger, earplugs and a book.",
            "Norway by train|The railway from Oslo to Bergen crosses the Hardanger plateau in seven hours.",
            "Hiking in Madeira|Levada walks follow old water channels; bring a torch for the tunnels.",
            "Japan rail pass|The rail pass must be bought before the flight and pays off from Tokyo to Kyoto and back.",
            "Istanbul|Cross the Bosphorus by ferry at dusk and eat grilled fish at the harbour.",
            "Travel insurance|The travel insurance covers trips of up to six weeks, luggage not included.",
            "Scotland|Drive the north coast slowly, camp by the lochs, and mind the midges in summer.",
            "Passport|The passport expires in April; the town hall needs six weeks for a new one.",
        ),
    ),
    (
        "Money",
        ("money",),
        (
            "Index funds|Put the savings plan into one broad index fund with low yearly costs.",
            "Emergency savings|Three months of expenses stay in the savings account and are not invested.",
            "Tax return|Collect receipts for the tax return in one folder and file it in May.",
            "Mortgage|The interest rate of the mortgage is fixed until 2031; extra payments of five per cent are free.",
            "Pension|The pension statement comes each autumn; compare it with last year's figures.",
            "Budget|Rent, food and insurance take two thirds of the monthly income.",
            "Electricity bill|Compare electricity prices each November and change the supplier by letter.",
            "Bank account|The bank account costs nothing as long as the salary goes there.",
            "Car insurance|Cancel the car insurance before the end of November or it renews for a year.",
            "Invoices|Send invoices on the first of the month and remind customers after thirty days.",
        ),
    ),
    (
        "Music",
        ("piano",),
        (
            "Scales|Play all major scales with both hands slowly, with a metronome, before the pieces.",
            "Goldberg aria|Practise the left hand of the aria alone until the bass line sings.",
            "Chord inversions|Moving between inversions keeps the hand in place and the voices smooth.",
            "Sight reading|Ten minutes of sight reading each day, easy pieces, never stopping for mistakes.",
            "Pedal|Change the pedal just after the harmony changes, or the sound turns muddy.",
            "Satie|Gymnopédie no. 1 is slow; the melody stays above the soft waltz chords.",
            "Tuning|The piano is tuned twice a year, after the heating season begins and ends.",
            "Fingering|Write the fingering into the score and keep to it while practising.",
            "Jazz voicings|Third and seventh in the left hand say what the jazz chord is.",
            "Rhythm|Clap the rhythm and count aloud before playing a hard bar on the piano.",
        ),
    ),
    (
        "Health",
        ("running",),
        (
            "Training plan|Three runs a week: one long and slow, one with intervals, one as you like.",
            "Half marathon|The half marathon is in September; the longest training run is eighteen kilometres.",
            "Stretching|Stretch calves and hips after running, never with cold muscles.",
            "Shoes|Running shoes wear out after eight hundred kilometres; alternate two pairs.",
            "Heart rate|Easy runs stay below a heart rate of one hundred and forty beats.",
            "Knee pain|Shorter steps and stronger hips took the knee pain away while running.",
            "Hill repeats|Run uphill hard for a minute, walk down, and repeat eight times.",
            "Hydration|Drink before the long run and carry water when it is warmer than twenty degrees.",
            "Sleep|Eight hours of sleep do more for the running pace than another training day.",
            "Winter running|Gloves, a head torch and shoes with grip for icy paths in winter.",
        ),
    ),
    (
        "Stars",
        ("astronomy",),
        (
            "Telescope|An eight inch Dobsonian telescope shows the moons of Jupiter and the rings of Saturn.",
            "Andromeda|The Andromeda galaxy is visible to the naked eye on a dark autumn night.",
            "Meteor showers|The Perseids peak around the twelfth of August, best after midnight without moon.",
            "Eclipse|A total solar eclipse crosses Spain in August 2026; book a room early.",
            "Star charts|Red light keeps the eyes used to darkness while reading a star chart.",
            "Light pollution|Drive an hour north to escape the light pollution of the city.",
            "Variable stars|Algol dims every three days when its companion star passes in front.",
            "Eyepieces|A wide eyepiece of thirty millimetres finds faint nebulae more easily.",
            "Moon craters|Craters of the moon stand out along the terminator, where shadows are long.",
            "Planets|Venus sets after the sun this spring, Mars rises late in the evening.",
        ),
    ),
    (
        "Family",
        ("family",),
        (
            "Birthday of Ada|Ada wishes for a microscope and a chocolate cake with candles for her birthday.",
            "School holidays|School holidays begin on the third of July; the grandparents take the first week.",
            "Dentist|Children go to the dentist in March and September, with the yellow booklet.",
            "Bicycle for Tom|Tom needs a larger bicycle in spring, twenty-four inch wheels, with lights.",
            "Bedtime stories|The children like the stories of the Moomins, one chapter before sleep.",
            "Swimming lessons|Swimming lessons are on Tuesdays at four; pack goggles and a towel.",
            "Grandmother|Call grandmother on Sunday and ask how the hip feels after the operation.",
            "Pocket money|Pocket money on Saturdays: Ada gets two euros, Tom gets three.",
            "Rainy days|Ideas for rainy days with children: papier-mâché, board games, the science museum.",
            "Cat|The cat gets wet food in the evening and a check at the vet each January.",
        ),
    ),
)

#: Notes that someone copied once and changed a little.
COPIES: tuple[tuple[str, str, str], ...] = (
    (
        "Kitchen",
        "Rye sourdough, from Ada",
        "# Rye sourdough\n\nFeed the starter with whole rye flour in the evening and leave it beside the radiator.\n\n"
        "Mix four hundred grams of flour, three hundred of water and nine of salt with the ripe starter. Let the dough "
        "rise overnight, then bake it in the closed pot for fifty minutes.\n",
    ),
    (
        "Recipes",
        "Rye sourdough, from Ada",
        "# Rye sourdough\n\nFeed the starter with whole rye flour in the evening and leave it beside the radiator.\n\n"
        "Mix four hundred grams of flour, three hundred of water and ten of salt with the ripe starter. Let the dough "
        "rise overnight, then bake it in the closed pot for an hour.\n",
    ),
    (
        "Travel",
        "Packing",
        "# Packing\n\nOne small backpack: three shirts, rain jacket, charger, earplugs and a book.\n",
    ),
)


def fill_with_hundred(container: Container) -> None:
    """Write the notes; two in three bear the tags of their subject."""
    notes = container.store.notes
    for folder, tags, texts in SUBJECTS:
        for number, line in enumerate(texts):
            title, _, text = line.partition("|")
            notes.create(title, f"# {title}\n\n{text}\n", folder=folder, tags=tags if number % 3 else ())
    for folder, title, text in COPIES:
        notes.create(title, text, folder=folder)
