#include "cli/show.h"

#include "cli/table.h"
#include "cli/words.h"

#include <string.h>

static void print_table(const struct show *show, struct table *table)
{
	table_print(table, show->width, show->out);
	table_free(table);
}

static void cell_time(struct table *table, usec at, const struct show *show)
{
	char text[WORDS_SIZE];
	words_time(at, show->now, text);
	table_cell(table, text);
}

static void cell_number(struct table *table, int64_t number)
{
	if (number)
		table_cellf(table, "%lld", (long long)number);
	else
		table_cell(table, "");
}

static void cell_amount(struct table *table, int64_t amount, const char *currency)
{
	char text[WORDS_SIZE];
	words_amount(amount, currency, text);
	table_cell(table, text);
}

/* --- one thing: a line for each of its sides -------------------------------------- */

static void line(const struct show *show, const char *name, const char *text)
{
	char copy[512];
	if (!text[0])
		return;
	TEXT_COPY(copy, text);
	text_mend(copy);
	fprintf(show->out, "%-13s %s\n", name, copy);
}

static void show_rental(const struct show *show, const struct rental_record *rental)
{
	char text[WORDS_SIZE];
	line(show, "rental", rental->rental);
	snprintf(text, sizeof(text), rental->compartment ? "%s, door %lld" : "%s", rental->item,
		(long long)rental->compartment);
	line(show, "item", text);
	words_rental(rental, show->now, text);
	line(show, "state", text);
	words_amount(rental->amount, rental->currency, text);
	line(show, "price", text);
}

static void show_payment(const struct show *show, const struct payment_record *payment)
{
	char text[WORDS_SIZE + REASON_SIZE];
	const char *state = words_choice(payment_state_names, payment->state);
	bool why = payment->reason[0] && strcmp(payment->reason, state) != 0;
	snprintf(text, sizeof(text), why ? "%s (%s)" : "%s", state, payment->reason);
	line(show, "payment", text);
}

static void show_item(const struct show *show, const struct item_record *item)
{
	char text[WORDS_SIZE];
	line(show, "item", item->item);
	snprintf(text, sizeof(text), item->compartment ? "%s, door %lld" : "%s",
		words_choice(item_state_names, item->state), (long long)item->compartment);
	line(show, "state", text);
	line(show, "reason", item->reason);
}

static void show_entry(const struct show *show, const struct catalogue_record *entry)
{
	char text[WORDS_SIZE];
	line(show, "item", entry->item);
	line(show, "title", entry->title);
	line(show, "description", entry->description);
	line(show, "category", entry->category);
	words_amount(entry->amount, entry->currency, text);
	line(show, "price", text);
	words_duration(entry->period, text);
	line(show, "period", text);
	line(show, "kiosk", entry->kiosk);
	line(show, "moving to", entry->moving);
	line(show, "inspect", entry->inspect ? "after each return" : "");
	line(show, "withdrawn", entry->withdrawn ? "yes" : "");
}

/* --- lists ------------------------------------------------------------------------ */

/* Puts text behind what there is, after a comma. */
static void add_words(char *words, size_t size, const char *text)
{
	size_t n = strlen(words);
	if (text[0])
		snprintf(words + n, size - n, "%s%s", n > 0 ? ", " : "", text);
}

/* "paid until 17:40, payment authorized", "moving to station", "torn" */
static void cell_details(
	const struct show *show, struct table *table, const struct view_item_record *item)
{
	char details[512] = "", text[WORDS_SIZE] = "";
	if (item->rental)
		words_rental(item->rental, show->now, text);
	add_words(details, sizeof(details), text);
	if (item->payment) {
		snprintf(text, sizeof(text), "payment %s",
			words_choice(payment_state_names, item->payment->state));
		add_words(details, sizeof(details), text);
	}
	snprintf(text, sizeof(text), item->moving[0] ? "moving to %s" : "", item->moving);
	add_words(details, sizeof(details), text);
	add_words(details, sizeof(details), item->reason);
	table_cell(table, details);
}

static void item_row(
	const struct show *show, struct table *table, const struct view_item_record *item)
{
	table_cell(table, item->item);
	table_cell(table, words_choice(item_state_names, item->state));
	cell_number(table, item->compartment);
	if (item->user[0] || !item->rental)
		table_cell(table, item->user);
	else /* whom the hub has no name of */
		table_cellf(table, "%.8s", item->rental->renter);
	cell_details(show, table, item);
	table_cell(table, item->title);
}

#define ITEM_HEADINGS "ITEM|STATE|>DOOR|RENTER|~DETAILS|?~TITLE"

static void show_items(const struct show *show, const struct list *list)
{
	const struct view_item_record *item = list->items;
	struct table *table = table_new("KIOSK|" ITEM_HEADINGS);
	for (size_t i = 0; i < list->n; i++) {
		table_cell(table, item[i].kiosk);
		item_row(show, table, &item[i]);
	}
	print_table(show, table);
}

static void show_rentals(const struct show *show, const struct list *list)
{
	const struct rental_record *rental = list->items;
	struct table *table = table_new("ITEM|~STATE|>PRICE|RESERVED|?RENTAL");
	for (size_t i = 0; i < list->n; i++) {
		char text[WORDS_SIZE];
		words_rental(&rental[i], show->now, text);
		table_cell(table, rental[i].item);
		table_cell(table, text);
		cell_amount(table, rental[i].amount, rental[i].currency);
		cell_time(table, rental[i].reserved_at, show);
		table_cell(table, rental[i].rental);
	}
	print_table(show, table);
}

static void show_payments(const struct show *show, const struct list *list)
{
	const struct payment_record *payment = list->items;
	struct table *table = table_new("STATE|>AMOUNT|~REASON|?RENTAL|?PAYMENT");
	for (size_t i = 0; i < list->n; i++) {
		table_cell(table, words_choice(payment_state_names, payment[i].state));
		cell_amount(table, payment[i].amount, payment[i].currency);
		table_cell(table, payment[i].reason);
		table_cell(table, payment[i].rental);
		table_cell(table, payment[i].payment);
	}
	print_table(show, table);
}

static void show_banks(const struct show *show, const struct list *list)
{
	const struct bank_record *bank = list->items;
	struct table *table =
		table_new("KIOSK|LINK|SINCE|LENDING|PAYMENTS|>ITEMS|>FREE|>OUT|>ATTENTION|?CLAIMS");
	for (size_t i = 0; i < list->n; i++) {
		table_cell(table, bank[i].kiosk);
		table_cell(table, words_choice(link_state_names, bank[i].link));
		cell_time(table, bank[i].link_since, show);
		table_cell(table, bank[i].lending ? "yes" : "no");
		table_cell(table, words_choice(payments_state_names, bank[i].payments));
		table_cellf(table, "%lld", (long long)bank[i].items);
		table_cellf(table, "%lld", (long long)bank[i].available);
		table_cellf(table, "%lld", (long long)bank[i].rented);
		cell_number(table, bank[i].attention);
		table_cell(table, bank[i].claimed_epoch);
	}
	print_table(show, table);
}

static void show_attention(const struct show *show, const struct list *list)
{
	const struct attention_record *attention = list->items;
	struct table *table = table_new("SINCE|WHAT|KIOSK|SUBJECT|?ITEM|~MESSAGE");
	for (size_t i = 0; i < list->n; i++) {
		cell_time(table, attention[i].since, show);
		table_cell(table, attention[i].what);
		table_cell(table, attention[i].kiosk);
		table_cell(table, attention[i].subject);
		table_cell(table, attention[i].item);
		table_cell(table, attention[i].message);
	}
	print_table(show, table);
}

static const char *member(const json_t *data, const char *name)
{
	const char *text = json_string_value(json_object_get(data, name));
	return text ? text : "";
}

/* "kiosk/library" of "/lendlock/town/kiosk/library": the site is the same everywhere. */
static const char *from_of(const char *source)
{
	const char *from = source;
	for (int slashes = 0; slashes < 3; slashes++) {
		from = strchr(from, '/');
		if (!from)
			return source;
		from++;
	}
	return from;
}

static void show_history(const struct show *show, const struct list *list)
{
	static const char prefix[] = "lendlock.";
	const struct history_record *history = list->items;
	struct table *table = table_new("TIME|WHAT|BY|FROM|~REASON");
	for (size_t i = 0; i < list->n; i++) {
		bool ours = strncmp(history[i].type, prefix, sizeof(prefix) - 1) == 0;
		cell_time(table, history[i].time, show);
		table_cell(table, history[i].type + (ours ? sizeof(prefix) - 1 : 0));
		table_cell(table, member(history[i].data, "by"));
		table_cell(table, from_of(history[i].source));
		table_cell(table, member(history[i].data, "reason"));
	}
	print_table(show, table);
}

static void show_dead_letters(const struct show *show, const struct list *list)
{
	const struct dead_letter_record *letter = list->items;
	struct table *table = table_new(">NUMBER|RECEIVED|KIOSK|>SEQ|>BYTES|DONE|~REASON");
	for (size_t i = 0; i < list->n; i++) {
		table_cellf(table, "%lld", (long long)letter[i].position);
		cell_time(table, letter[i].received_at, show);
		table_cell(table, letter[i].kiosk);
		cell_number(table, letter[i].seq);
		cell_number(table, letter[i].size);
		table_cell(table, letter[i].replayed ? "yes" : "");
		table_cell(table, letter[i].reason);
	}
	print_table(show, table);
}

static void show_alerts(const struct show *show, const struct list *list)
{
	const struct alert_record *alert = list->items;
	struct table *table = table_new("ALERT|>DOOR|ITEM|~MESSAGE|?RENTAL");
	for (size_t i = 0; i < list->n; i++) {
		table_cell(table, alert[i].alert);
		cell_number(table, alert[i].compartment);
		table_cell(table, alert[i].item);
		table_cell(table, alert[i].message);
		table_cell(table, alert[i].rental);
	}
	print_table(show, table);
}

void show_reply(const struct show *show, const struct reply_record *reply)
{
	if (reply->entry)
		show_entry(show, reply->entry);
	if (reply->rental)
		show_rental(show, reply->rental);
	if (reply->payment)
		show_payment(show, reply->payment);
	if (reply->item)
		show_item(show, reply->item);
	line(show, "pickup code", reply->pickup_code);
	line(show, "return code", reply->return_code);
	show_items(show, &reply->items);
	show_rentals(show, &reply->rentals);
	show_payments(show, &reply->payments);
	show_banks(show, &reply->banks);
	show_attention(show, &reply->attention);
	show_history(show, &reply->history);
	show_dead_letters(show, &reply->dead_letters);
	line(show, "", reply->message);
}

/* --- the site --------------------------------------------------------------------- */

static void show_bank_line(const struct show *show, const struct bank_record *bank)
{
	char since[WORDS_SIZE];
	words_time(bank->link_since, show->now, since);
	if (bank->link == LINK_UNKNOWN) {
		fprintf(show->out, "%s: never seen yet; %lld items\n", bank->kiosk,
			(long long)bank->items);
		return;
	}
	fprintf(show->out, "%s: %s%s%s, %s, payments %s; %lld items, %lld free, %lld out",
		bank->kiosk, words_choice(link_state_names, bank->link), since[0] ? " since " : "",
		since, bank->lending ? "lending" : "takes returns only",
		words_choice(payments_state_names, bank->payments), (long long)bank->items,
		(long long)bank->available, (long long)bank->rented);
	if (bank->attention)
		fprintf(show->out, "; %lld for a person", (long long)bank->attention);
	fputc('\n', show->out);
	if (bank->claimed_epoch[0])
		fprintf(show->out, "! it waits to be adopted: lendlock adopt %s %s\n", bank->kiosk,
			bank->claimed_epoch);
}

static void show_view(const struct show *show, const struct view_record *view)
{
	const struct view_item_record *item = view->contents.items;
	struct table *table = table_new(ITEM_HEADINGS);
	show_bank_line(show, &view->bank);
	show_alerts(show, &view->alerts);
	for (size_t i = 0; i < view->contents.n; i++)
		item_row(show, table, &item[i]);
	print_table(show, table);
}

void show_site(
	const struct show *show, const struct list *views, const struct hub_status_record *hub)
{
	const struct view_record *view = views->items;
	if (!hub)
		fputs("hub: not heard of\n", show->out);
	else if (hub->state != LINK_ONLINE)
		fputs("hub: lost; what stands here is as it was\n", show->out);
	for (size_t i = 0; i < views->n; i++) {
		if (i > 0 || !hub || hub->state != LINK_ONLINE)
			fputc('\n', show->out);
		show_view(show, &view[i]);
	}
	if (views->n == 0)
		fputs("no bank has been seen yet\n", show->out);
}

void show_offers(const struct show *show, const struct list *offers)
{
	const struct offer_of *bank = offers->items;
	struct table *table = table_new("KIOSK|ITEM|~WHEN|>PRICE|FOR|?CATEGORY|~TITLE");
	for (size_t i = 0; i < offers->n; i++) {
		const struct offer_item_record *item = bank[i].offer.items.items;
		for (size_t j = 0; j < bank[i].offer.items.n; j++) {
			char due[WORDS_SIZE], period[WORDS_SIZE];
			bool free = item[j].free && bank[i].offer.lending;
			words_time(item[j].due_at, show->now, due);
			words_duration(item[j].period, period);
			table_cell(table, bank[i].kiosk);
			table_cell(table, item[j].item);
			table_cellf(table, "%s%s",
				free     ? "now"
				: due[0] ? "due "
					 : "taken",
				free ? "" : due);
			cell_amount(table, item[j].amount, item[j].currency);
			table_cell(table, period);
			table_cell(table, item[j].category);
			table_cell(table, item[j].title);
		}
	}
	print_table(show, table);
}
