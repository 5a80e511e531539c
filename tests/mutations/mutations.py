"""What the simulator must notice: each mutation breaks one promise in the product's own code, in a few words.
{file: [(before, after), ...]}; each `before` stands there exactly once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    name: str
    breaks: str
    edits: dict
    late: bool = False  # thought of after the checks were written
    first: int = 0  # the first seed that is tried, if it takes a world of some kind (strict: 5, 8, 11, ...)
    seeds: int = 0  # how many are tried, if it takes luck


MUTATIONS = [
    # --- events and acks ---
    Mutation("the hub moves its cursor back for an event that came before",
             "what the hub has acked, it has for good", {
        "hub/ingest.c": [("\t\treturn take_past(hub, bank, event, json);", "\t\tadvance(hub, bank, event);")]}),
    Mutation("the hub takes events behind a gap",
             "every event, in its order", {
        "hub/ingest.c": [("if (event->seq == bank->row.seq + 1)\n\t\ttake_next",
                          "if (event->seq > bank->row.seq)\n\t\ttake_next"),
                         ("event->seq == bank->row.seq + 1 + (int64_t)number &&",
                          "event->seq > bank->row.seq + (int64_t)number &&")]}),
    Mutation("the hub applies what it has already: its log does not know ids",
             "every event once", {
        "hub/store_log.c": [(" ON CONFLICT(id) DO NOTHING\"",
                             " ON CONFLICT(id) DO UPDATE SET kiosk=excluded.kiosk\"")],
        "hub/ingest.c": [("if (event->seq == bank->row.seq + 1)\n\t\ttake_next",
                          "if (event->seq <= bank->row.seq + 1)\n\t\ttake_next")]}),
    Mutation("the hub acks before it commits",
             "store, then say", {
        "hub/hub.c": [("\thub->in_transaction = false;\n\tint r = database_commit(hub->database);",
                       "\thub->in_transaction = false;\n\toutgoing_send(hub->outgoing, hub->mqtt);\n"
                       "\tint r = database_commit(hub->database);")]}),
    Mutation("a commit is not flushed (synchronous=NORMAL)",
             "what was said survives the power's cut", {
        "lib/store/database.c": [("PRAGMA synchronous=FULL\"", "PRAGMA synchronous=NORMAL\""),
                                 ("\"PRAGMA synchronous\") != 2", "\"PRAGMA synchronous\") != 1")]}, late=True),
    Mutation("nothing is ever flushed (synchronous=OFF)",
             "the file survives the power's cut", {
        "lib/store/database.c": [("PRAGMA synchronous=FULL\"", "PRAGMA synchronous=OFF\""),
                                 ("\"PRAGMA synchronous\") != 2", "\"PRAGMA synchronous\") != 0")]}),
    # An ack of an older generation of the same hub alone does no harm that lasts: that hub's next word puts the
    # kiosk back to where it is, and what was acked is kept for 30 days.
    Mutation("the kiosk takes acks of any hub",
             "only the bank's own hub counts", {
        "kiosk/outbox.c": [("return strcmp(ack->hub, kiosk->node.hub) == 0 && ack->generation == kiosk->node.generation;",
                            "return kiosk && ack;")]}),
    Mutation("the kiosk does not look which event was acked",
             "an old copy learns what it is", {
        "kiosk/outbox.c": [("strcmp(id, ack.event) != 0)", "false)")]}),
    Mutation("the kiosk takes an ack for more than it ever sent",
             "an old copy learns what it is", {
        "kiosk/outbox.c": [("if (ack.seq > kiosk->node.seq)\n", "if (ack.seq > kiosk->node.seq + 1000000)\n")]}),
    Mutation("the kiosk never sends a batch again",
             "every event arrives", {
        "kiosk/outbox.c": [("\toutbox->sent = 0;\n\toutbox_send(kiosk);\n}", "\toutbox->again = USEC_NEVER;\n}")]}),
    Mutation("the kiosk does not go back to where the hub is",
             "every event arrives", {
        "kiosk/outbox.c": [("\tif (seq + 1 < outbox->next) {\n\t\trewind_to(kiosk, seq);\n\t\treturn;\n\t}\n",
                            "\tif (seq + 1 < outbox->next)\n\t\treturn;\n")]}),
    Mutation("an older event of a rental overwrites a later one in the view",
             "the view is what the log says", {
        "hub/store_view.c": [("\"WHERE kiosk=excluded.kiosk AND NOT(epoch=excluded.epoch AND seq>excluded.seq)\"",
                              "\"WHERE kiosk=excluded.kiosk AND excluded.seq%7<>3\"")]}),
    # --- restore and adopt ---
    Mutation("a hub that was put back does not raise its generation",
             "banks hear what the hub wants", {
        "hub/restore.c": [("hub->raise_wanted = true;", "hub->raise_wanted = false;")]}),
    Mutation("an old copy of a bank goes on lending",
             "an item is in one rental", {
        "kiosk/adoption.c": [("adoption_enter(kiosk, MODE_WAITING);\n\tstatus_changed", "status_changed")]}),
    Mutation("an adopted bank forgets the open rentals that are handed over",
             "an item is in one rental", {
        "kiosk/handover.c": [("\tif (!final)\n\t\ttake_open(kiosk, handed, &rental);\n\telse if (known)",
                              "\tif (final && known)")]}),
    Mutation("an adopted bank does not name its claims to the ledger",
             "nobody's money is held for ever", {
        "kiosk/adoption.c": [("kiosk->node.reconcile_at = kiosk->now.elapsed;", "kiosk->node.reconcile_at = 0;")]}, seeds=60),
    # --- rentals and items ---
    Mutation("an item is reserved twice",
             "an item is in one rental", {
        "kiosk/request_reserve.c": [("if (item->state != ITEM_AVAILABLE ||",
                                     "if ((item->state != ITEM_AVAILABLE && item->state != ITEM_RESERVED) ||")],
        # The database would refuse it, and the daemon stop: that is not a check.
        "kiosk/tables.c": [("CREATE UNIQUE INDEX rental_open", "CREATE INDEX rental_open")]}),
    Mutation("a hold never ends",
             "nothing stays without an exit", {
        "kiosk/rentals.c": [("\tcase RENTAL_PAYING:\n\t\treturn rental->hold_until;",
                             "\tcase RENTAL_PAYING:\n\t\treturn USEC_NEVER;")]}),
    Mutation("a paid hold never ends",
             "nothing stays without an exit", {
        "kiosk/rentals.c": [("\tcase RENTAL_PAID:\n\t\treturn rental->pickup_until;",
                             "\tcase RENTAL_PAID:\n\t\treturn USEC_NEVER;")]}),
    Mutation("the event is lost of every rental that expires",
             "every event arrives", {
        "kiosk/rentals.c": [("\toutbox_add(kiosk, EVENT_RENTAL, move->fact, fact->item, fact);\n\tmove_money",
                             "\tif (move->to != RENTAL_EXPIRED)\n"
                             "\t\toutbox_add(kiosk, EVENT_RENTAL, move->fact, fact->item, fact);\n\tmove_money")]}),
    Mutation("whoever asks may have a door opened",
             "a door opens only for whoever may open it", {
        "kiosk/request.c": [("&& strcmp(renter, rental->fact.renter) == 0;", ";")]}, late=True),
    # --- requests ---
    Mutation("a request that is repeated is done again",
             "one request, one answer", {
        "lib/requests/desk.c": [("if (!request->operation->query && repeat(desk, request, &result))\n\t\treturn result;\n\tif (request->operation->manager",
                                 "if (request->operation->manager"),
                                ("\"INSERT INTO request(user,", "\"INSERT OR REPLACE INTO request(user,")]}),
    Mutation("a request is done although its time is over",
             "nothing happens that nobody waits for", {
        "lib/requests/request.c": [("if (left <= 0)", "if (left <= -HOUR)")]}),
    # --- doors ---
    Mutation("after a crash the door is pulsed again",
             "a door opens once for each ask", {
        "kiosk/openings.c": [("\tover(kiosk, opening);\n\tif (is_rentals(opening))\n"
                              "\t\tapply_to_rental(kiosk, opening, RENTAL_INTERRUPTED);",
                              "\tif (is_rentals(opening)) {\n"
                              "\t\tstruct door_effect *effect = list_add(&kiosk->effects, sizeof(*effect));\n"
                              "\t\t*effect = (struct door_effect){.compartment = (int)opening->compartment, "
                              ".opening = opening->opening};\n\t}")]}),
    Mutation("a thing counts as taken before the door was opened",
             "charged only if delivered", {
        "lib/domain/rental.c": [("{RENTAL_OPENING, RENTAL_DOOR_JAMMED,    RENTAL_FAILED,      \"failed\",        BACK,  BLOCK}",
                                 "{RENTAL_OPENING, RENTAL_DOOR_JAMMED,    RENTAL_RENTED,      \"rented\",     CAPTURE,  OUT}")]}),
    Mutation("a jammed door's money is not given back",
             "whoever got nothing gets the money back", {
        "lib/domain/rental.c": [("{RENTAL_OPENING, RENTAL_DOOR_JAMMED,    RENTAL_FAILED,      \"failed\",        BACK,  BLOCK}",
                                 "{RENTAL_OPENING, RENTAL_DOOR_JAMMED,    RENTAL_FAILED,      \"failed\",        STAYS, BLOCK}")]}),
    Mutation("a return counts when the door has opened",
             "the bank knows what lies where", {
        "lib/domain/rental.c": [("{RENTAL_RETURNING, RENTAL_DOOR_OPENED,    RENTAL_RETURNING, \"return-opened\", STAYS, SAME}",
                                 "{RENTAL_RETURNING, RENTAL_DOOR_OPENED,    RENTAL_RETURNED,  \"returned\",      STAYS, HOME}")]}),
    # --- money ---
    Mutation("what was delivered is not charged",
             "delivered is charged", {
        "lib/domain/rental.c": [("{RENTAL_TAKING, RENTAL_DOOR_CLOSED,    RENTAL_RENTED,   \"rented\",   CAPTURE, OUT}",
                                 "{RENTAL_TAKING, RENTAL_DOOR_CLOSED,    RENTAL_RENTED,   \"rented\",   STAYS,   OUT}")]}),
    Mutation("the money is taken when the rental is paid, not when it is delivered",
             "charged only if delivered", {
        "lib/domain/rental.c": [("{RENTAL_PAYING, RENTAL_AUTHORIZED,     RENTAL_PAID,      \"paid\",               STAYS, SAME}",
                                 "{RENTAL_PAYING, RENTAL_AUTHORIZED,     RENTAL_PAID,      \"paid\",             CAPTURE, SAME}")]},
             late=True),
    Mutation("the kiosk does not store the payment before it asks",
             "store, then say", {
        "kiosk/payments.c": [("\task(kiosk, payment);\n\tstore_payment_write(kiosk->database, payment);\n\toutbox_add",
                              "\task(kiosk, payment);\n\tif (state != PAYMENT_SENT)\n"
                              "\t\tstore_payment_write(kiosk->database, payment);\n\toutbox_add")]}),
    Mutation("the kiosk asks for the money once, and never again",
             "delivered is charged", {
        "kiosk/payments.c": [("\tpayment->next_try =\n\t\tkiosk->now.elapsed + TRY_FIRST / 2 +",
                              "\tpayment->next_try = payment->fact.state != PAYMENT_SENT ? USEC_NEVER :\n"
                              "\t\tkiosk->now.elapsed + TRY_FIRST / 2 +")]}),
    Mutation("no answer of the provider counts as a decline",
             "no answer is not an answer", {
        "payment-adapter/ledger.c": [("\telse\n\t\ttake_trouble(row, verdict, wait, now);",
                                      "\telse\n\t\ttake_holding(row, PROVIDER_REFUSED, \"no answer\", now);")]}),
    Mutation("the provider's \"not found\" to a void is believed",
             "no answer is not an answer", {
        "payment-adapter/ledger.c": [("\tif (!row->called) {\n\t\tif (begun >= rules->settled)\n\t\t\tledger_mark(row, \"\", now);\n\t\treturn;\n\t}",
                                      "\tledger_mark(row, \"\", now);\n\treturn;")]}),
    Mutation("a void that comes before its authorize leaves no mark",
             "nobody's money is held for ever", {
        "payment-adapter/request_void.c": [("\tadapter_put(adapter, row);\n}", "\tif (row->fact.state != PAYMENT_VOIDED)\n\t\tadapter_put(adapter, row);\n}"),
                                           ("\t\t ledger_want(&row, PAYMENT_WANT_BACK, \"\", adapter->now))\n\t\tadapter_put(adapter, &row);\n",
                                            "\t\t ledger_want(&row, PAYMENT_WANT_BACK, \"\", adapter->now))\n\t\tadapter_put(adapter, &row);\n"
                                            "\tif (row.fact.state == PAYMENT_VOIDED) {\n\t\treply->code = REPLY_OK;\n"
                                            "\t\trequest_tell(adapter, &row, reply);\n\t\treturn;\n\t}\n")]}),
    Mutation("an authorize that comes after its void is run all the same",
             "nobody's money is held for ever", {
        "payment-adapter/request_authorize.c": [("if (row.fact.state == PAYMENT_NONE) {", "if (row.fact.state == PAYMENT_NONE || (row.fact.state == PAYMENT_VOIDED && !row.called)) {")]},
             late=True),
    Mutation("the ledger calls the provider before it has written that it does",
             "store, then say", {
        "payment-adapter/ledger.c": [("\trow->under_way = true;\n\trow->next_try = USEC_NEVER;\n\trow->tries++;",
                                      "\trow->next_try = USEC_NEVER;\n\trow->tries++;")]}, late=True),
    Mutation("a refund is never asked for",
             "whoever complained gets the money back", {
        "payment-adapter/ledger.c": [("ask = holds == PROVIDER_CAPTURED ? ASK_REFUND : ASK_VOID;", "ask = ASK_NOTHING;"),
                                     ("before == PAYMENT_CAPTURED ? ASK_REFUND : usual_ask(row)", "before == PAYMENT_CAPTURED ? ASK_NOTHING : usual_ask(row)")]},
             late=True),
    Mutation("a second payment begins while nobody knows of the first",
             "nobody is charged twice", {
        "kiosk/request_pay.c": [("rental.fact.state != RENTAL_HELD || is_unresolved(kiosk, &rental)",
                                 "rental.fact.state != RENTAL_HELD && rental.fact.state != RENTAL_PAYING")],
        "lib/domain/rental.c": [("{RENTAL_PAYING, RENTAL_EXTEND, ",
                                 "{RENTAL_PAYING, RENTAL_PAY, RENTAL_PAYING, \"paying\", AUTHORIZE, SAME},\n"
                                 "\t{RENTAL_PAYING, RENTAL_EXTEND, ")]}, late=True),
    # --- thought of last ---
    Mutation("whoever rents may do a manager's work",
             "a door opens only for whoever may open it", {
        "lib/requests/desk.c": [("if (request->operation->manager && !desk->is_manager(desk->node, request->user))\n\t\treturn refuse",
                                 "if (request->operation->manager && !request->user[0])\n\t\treturn refuse")]}),
    Mutation("nobody is ever overdue",
             "nothing stays without an exit", {
        "kiosk/rentals.c": [("return rental->fact.clock_stopped ? USEC_NEVER : rental->due_until;", "return USEC_NEVER;")]}),
    Mutation("an item stays reserved when its hold is over",
             "nothing stays without an exit", {
        "lib/domain/rental.c": [("{RENTAL_HELD, RENTAL_TIMER,          RENTAL_EXPIRED,   \"expired\",   STAYS,     FREE}",
                                 "{RENTAL_HELD, RENTAL_TIMER,          RENTAL_EXPIRED,   \"expired\",   STAYS,     SAME}")]}, late=True),
    Mutation("the kiosk answers before it commits",
             "store, then say", {
        "kiosk/kiosk.c": [("\tint r = database_commit(kiosk->database);\n\tif (r < 0)\n\t\toutgoing_drop",
                           "\toutgoing_send(kiosk->outgoing, kiosk->options.mqtt);\n"
                           "\tint r = database_commit(kiosk->database);\n\tif (r < 0)\n\t\toutgoing_drop")]}, late=True),
    Mutation("a door is pulsed before the commit",
             "store, then say", {
        "kiosk/kiosk.c": [("int kiosk_end(struct kiosk *kiosk)\n{\n", "static void open_doors(struct kiosk *kiosk);\n\n"
                           "int kiosk_end(struct kiosk *kiosk)\n{\n\tif (kiosk->doors && kiosk->effects.n > 0)\n\t\topen_doors(kiosk);\n")]}),
    Mutation("the code of one rental opens the door of another",
             "a door opens only for whoever may open it", {
        "kiosk/codes.c": [("sodium_memcmp(rental.pickup_code, code, CODE_SIZE - 1) == 0;",
                           "sodium_memcmp(rental.pickup_code, code, 1) == 0;"),
                          ("sodium_memcmp(rental.return_code, code, CODE_SIZE - 1) == 0;",
                           "sodium_memcmp(rental.return_code, code, 1) == 0;")]}, late=True),
    Mutation("the kiosk asks for twice the rental's price",
             "nobody is charged more than they were told", {
        "kiosk/payments.c": [("struct arguments args = {.amount = payment->fact.amount};",
                              "struct arguments args = {.amount = 2 * payment->fact.amount};")]}, late=True),
    Mutation("a rental costs twice what stands in the catalogue",
             "nobody is charged more than they were told", {
        "kiosk/rentals.c": [("{.flat = item->entry.amount}", "{.flat = 2 * item->entry.amount}")]}, late=True),
    Mutation("a door that a crash cut short leaves no doubt",
             "a person looks before an item is lent to anybody else", {
        "kiosk/openings.c": [("\tif (input == RENTAL_INTERRUPTED && opening->purpose == OPENING_TAKE)\n\t\trental.doubtful = true;\n", "")]}, late=True),
    Mutation("a forced door says nothing of what lies behind it",
             "a person looks before an item is lent to anybody else", {
        "kiosk/openings.c": [("\tif (!store_item_in(kiosk->database, compartment, &item))\n\t\treturn;\n\tif (item.state == ITEM_AVAILABLE)",
                              "\tif (compartment || !store_item_in(kiosk->database, compartment, &item))\n\t\treturn;\n\tif (item.state == ITEM_AVAILABLE)")]}, late=True),
    Mutation("where a doubtful thing lies its bank forgets",
             "the bank knows what lies where", {
        "kiosk/rentals.c": [("(may_lie_there(move) && !is_occupied", "(!move && may_lie_there(move) && !is_occupied")]}),
    Mutation("what is to be blocked is lent when its rental ends",
             "a person looks before an item is lent to anybody else", {
        "kiosk/items.c": [("\tif (item->block_wanted)\n", "\tif (item->block_wanted && !item->entry.item[0])\n")]}, late=True),
    # --- for checks that no other one had made red ---
    Mutation("the age of a key does not count",
             "nobody is charged twice", {
        "payment-adapter/ledger.c": [("\tif (now.elapsed - elapsed_from >= rules->key_half ||\n"
                                      "\t\tnow.wall - wall_from >= rules->key_half)",
                                      "\tif (now.elapsed < elapsed_from || rules->key_half == 0 || wall_from < 0)")]}, late=True),
    Mutation("one event in fifty is in the log and not in the view",
             "the view is what the log says", {
        "hub/ingest.c": [("unsigned notes = hub_fold(hub->database, event);",
                          "unsigned notes = event->seq % 50 ? hub_fold(hub->database, event) : 0;")]}, late=True),
    Mutation("a view is published for a while, and then no more",
             "the view is what the log says", {
        "hub/views.c": [("\tif (!bank || bank->view_unsent || !hub->connected)",
                         "\tif (!bank || bank->view_unsent || !hub->connected || bank->row.seq > 300)")]}, late=True),
    Mutation("an event that comes again counts as another one under its number",
             "each event once", {
        "hub/ingest.c": [("event->seq <= bank->row.pruned || hub_log_has(hub->database, event->envelope.id))",
                          "event->seq <= bank->row.pruned)")]}, late=True, first=5),
    Mutation("the hub acks one event more than it has",
             "what the hub has acked, it has for good", {
        "hub/hub.c": [(".seq = bank->row.seq", ".seq = bank->row.seq + 1")]}, late=True),
    Mutation("the ledger asks the provider under an id of its own",
             "nobody is charged twice", {
        "payment-adapter/calls.c": [("TEXT_COPY(order.payment, row->fact.payment);",
                                     "TEXT_COPY(order.payment, row->fact.payment);\n"
                                     "\torder.payment[35] = order.payment[35] == '0' ? '1' : '0';")]}, late=True),
    Mutation("what is over is forgotten after an hour",
             "the bank's account of the money is there as long as somebody may ask", {
        "kiosk/kiosk.c": [("#define KEEP_RENTALS (90 * DAY)", "#define KEEP_RENTALS HOUR")]}, late=True, first=5),
    Mutation("two payments have one id",
             "nobody is charged twice", {
        "kiosk/payments.c": [("uuid_make(kiosk->now.wall, kiosk->options.random, payment.fact.payment);",
                              "static char last[UUID_SIZE];\n\tif (!last[0])\n"
                              "\t\tuuid_make(kiosk->now.wall, kiosk->options.random, last);\n"
                              "\tTEXT_COPY(payment.fact.payment, last);")]}, late=True),
    Mutation("more is taken than was reserved",
             "nobody is charged more than they were told", {
        "payment-adapter/calls.c": [(".amount = row->fact.amount};",
                                     ".amount = row->fact.amount + (row->ask == ASK_CAPTURE)};")]}, late=True),
]

# Checks that no mutation has made red, and why.
NEVER_RED = {
    "charged-twice": "nothing: it takes an old copy at which a renter pays once more, and takes the thing once more, and "
                     "a ledger that takes that payment; without the ledger's refusal (`test_a_second_payment_of_a_rental`) "
                     "no seed has come to it",
    "loss-said": "nothing in fifteen seeds, with no alert `forked`: it takes a bank that has something to tell when it is put "
                 "back to a copy since which the hub has heard something",
    "item-unknown": "nothing: no code makes up the name of an item",
}
