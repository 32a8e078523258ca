//! The deliberate breakages: each rule, what breaks it, and the test that must fail then.

/// One breakage: a text that stands once in a file, and what takes its place.
pub(super) struct Mutant {
    /// What the app would do then.
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) text: &'static str,
    pub(super) with: &'static str,
    pub(super) test: Test,
}

/// The test that keeps a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// Of the library, by a part of its name.
    Unit(&'static str),
    /// Of a file in `tests/`.
    File(&'static str, &'static str),
    /// Of `tests/browser`.
    Browser(&'static str),
    /// A story, by a part of its name.
    Story(&'static str),
    /// Words for `cargo xtask torture`.
    Torture(&'static [&'static str]),
}

const ERROR: &str = "src/api/error.rs";
const REPLY: &str = "src/api/reply.rs";
const LEDGER: &str = "src/domain/ledger.rs";
const QUEUE: &str = "src/domain/queue.rs";
const DATABASE: &str = "src/browser/database/mod.rs";
const OPENING: &str = "src/browser/database/opening.rs";
const TRANSACTIONS: &str = "src/browser/database/transactions.rs";
const ATTEMPT: &str = "src/state/attempt.rs";
const TRASH: &str = "src/state/trash.rs";
const WORKER: &str = "public/sw.js";

const fn mutant(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    with: &'static str,
    test: Test,
) -> Mutant {
    Mutant {
        name,
        file,
        text,
        with,
        test,
    }
}

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    // What may have been executed is never sent again.
    mutant("a failure of the server is sent again", ERROR, "Self::Overloaded | Self::Server { .. } => Verdict::Unknown,", "Self::Overloaded | Self::Server { .. } => Verdict::RepeatAfter { millis: None },", Test::Unit("api::error")),
    mutant("a failure of the server counts as not executed", ERROR, "Self::Overloaded | Self::Server { .. } => Verdict::Unknown,\n            Self::Refused", "Self::Overloaded | Self::Server { .. } => Verdict::NotExecuted,\n            Self::Refused", Test::Unit("api::error")),
    mutant("a time-out and a conflict are sorted as refusals", ERROR, "(408 | 409, _) =>", "(418, _) =>", Test::Unit("api::error")),
    mutant("a proxy's page counts as a refusal", ERROR, "404 | 413 => Verdict::NotExecuted,\n                _ => Verdict::Unknown,\n            },\n        }", "400..600 => Verdict::NotExecuted,\n                _ => Verdict::Unknown,\n            },\n        }", Test::Unit("api::error")),
    mutant("a used-up quota is asked again", ERROR, "| Self::Region => Verdict::StopQueue,", "| Self::Region => Verdict::RepeatAfter { millis: None },", Test::Unit("api::error")),
    mutant("an error after a preview counts as not executed", REPLY, "Self::Api { error, previews: 0 } => error.verdict(),", "Self::Api { error, .. } => error.verdict(),", Test::Unit("api::reply")),
    mutant("a stream that ends early counts as done", REPLY, "            Err(ReplyError::CutShort {\n                previews: self.previews,\n            })", "            Ok(self.reply)", Test::Unit("api::reply")),
    mutant("it comes back earlier than it was told", "src/api/backoff.rs", "own.max(told_ms.unwrap_or(0).min(LONGEST_TOLD_MS))", "own.min(told_ms.unwrap_or(u64::MAX))", Test::Unit("api::backoff")),
    mutant("a refusal that breaks off is believed", ATTEMPT, "verdict: ApiError::read(incoming.status, None, None, &[]).verdict(),", "verdict: ApiError::read(incoming.status, None, None, &body).verdict(),", Test::Torture(&["--drops"])),
    // The intent is on disk before anything is sent; a result is on disk before it is shown.
    mutant("an intent is not written", "src/state/ledger.rs", "all.push(put(Store::Attempts, &dated.id, &dated).map_err(AppError::NotRecorded)?);", "", Test::Story("a reload while a request runs")),
    mutant("a write is done when its requests are", TRANSACTIONS, "transaction.set_oncomplete(Some(&resolve));", "drop(resolve.call0(&JsValue::UNDEFINED)); transaction.set_oncomplete(Some(&resolve));", Test::Browser("a_write_that_fails_in_the_middle_leaves_nothing")),
    mutant("an aborted write is waited for without end", TRANSACTIONS, "transaction.set_onerror(Some(&reject));\n        transaction.set_onabort(Some(&reject));", "let _ = &reject;", Test::Browser("a_write_that_fails_in_the_middle_leaves_nothing")),
    mutant("a write that fails keeps its first half", TRANSACTIONS, "quietly(complete);\n        drop(transaction.abort());\n        return Err", "quietly(complete);\n        return Err", Test::Browser("a_full_disk_undoes_all_of_it")),
    mutant("what was paid for is written without waiting for the disk", TRANSACTIONS, "Durability::Strict => \"strict\",", "Durability::Strict => \"relaxed\",", Test::Browser("strict_is_what_the_browser_hears")),
    mutant("a lost connection stays lost", DATABASE, "            Err(Fault::Lost) => {\n                let again", "            Err(Fault::Lost) if database.is_none() && self.0.gone.get() => {\n                let again", Test::Browser("a_connection_that_the_browser_ends_is_made_anew")),
    mutant("a newer tab waits for this one", DATABASE, "        self.close_later();\n        call_back(&self.on_newer);", "        call_back(&self.on_newer);", Test::Browser("a_second_connection_gives_way_and_comes_back")),
    mutant("a hung tab is waited for without end", OPENING, "const OPEN_MS: f64 = 3000.0;", "const OPEN_MS: f64 = 30000.0;", Test::Browser("a_tab_that_does_not_give_way")),
    // One tab at a time.
    mutant("a row that is taken is taken again", QUEUE, "self.is_waiting().then(|| Self {\n            stage,", "true.then(|| Self {\n            stage,", Test::Unit("queue")),
    mutant("a deposed leader goes on", QUEUE, "_ if claimed => None,", "_ if claimed && holder.is_empty() => None,", Test::Unit("queue")),
    mutant("what an older leader left is sent again", QUEUE, "(AttemptState::Unknown, End::Over),", "(AttemptState::Unknown, End::Again(Timestamp(0))),", Test::Unit("queue")),
    mutant("a tab that slept sends all the same", QUEUE, "if !self.leads || is_late ||", "if !self.leads ||", Test::Unit("queue")),
    mutant("a deposed tab sends all the same", QUEUE, "if !self.leads || is_late ||", "if is_late ||", Test::Unit("queue")),
    mutant("a budget that was made smaller is not looked at again", QUEUE, "self.budget.map_err(Stays::Budget)", "Ok(())", Test::Unit("queue")),
    mutant("a page that breaks again and again goes on by itself", "src/domain/broken.rs", "<= SHORT_MILLIS)", "> SHORT_MILLIS)", Test::Unit("domain::broken")),
    mutant("what exceeds a smaller budget holds", LEDGER, "if over(self.day, spent.day) {", "if false {", Test::Unit("domain::ledger")),
    mutant("a lock that somebody has is taken", "src/browser/locks.rs", "Mode::IfFree => (\"ifAvailable\", JsValue::TRUE),", "Mode::IfFree => (\"steal\", JsValue::TRUE),", Test::Browser("a_lock_is_seen_while_it_is_held")),
    mutant("a lock that was taken over counts as held", "src/browser/locks.rs", "lost.set(JsFuture::from(request).await.is_err());", "drop(JsFuture::from(request).await);", Test::Browser("a_lock_that_is_taken_over_is_lost")),
    mutant("the work of a closed tab is never found", "src/state/unsettled.rs", "Some(names) => !names.contains(&attempt.tab),", "Some(_) => false,", Test::Story("a tab that is closed while it runs")),
    // The ledger never says less than the bill.
    mutant("a bill without a figure counts as nothing", LEDGER, "(true, false) => group.unreserve(reservation),", "(_, false) => group.unreserve(reservation),", Test::Unit("domain::ledger")),
    mutant("what is in flight does not count", LEDGER, "        group.reserve(&reservation);\n        day_row(keys.day, &day)", "        day_row(keys.day, &day)", Test::Unit("domain::ledger")),
    mutant("what was settled is released", LEDGER, "let [reserved, None, None, day] = stored else {", "let [reserved, _, None, day] = stored else {", Test::Unit("domain::ledger")),
    mutant("a budget for a day is not looked at", LEDGER, "if let Some(left) = too_little(self.day, before.day) {", "if let Some(left) = too_little(self.day, Usd::ZERO) {", Test::Unit("domain::ledger")),
    mutant("a clock that is set back makes a budget fresh", LEDGER, "counted.fold(clock, Date::max)", "counted.fold(clock, Date::min)", Test::Unit("domain::ledger")),
    mutant("damaged sums become nothing", "src/domain/rebuild.rs", "let may_write = accepts_loss || rebuilt.unreadable == 0;", "let may_write = true;", Test::Unit("domain::rebuild")),
    // Nothing that was paid for is deleted.
    mutant("bytes are deleted that another picture names", TRASH, "for blob in candidates.difference(&named) {", "for blob in &candidates {", Test::Unit("state::trash")),
    mutant("bytes are deleted that the composer uses", TRASH, "    named.extend(blobs_named(draft));\n", "    let _ = draft;\n", Test::Unit("state::trash")),
    mutant("a row names its last picture alone", "src/domain/record.rs", "        .skip(1)\n", "        .skip(2)\n", Test::Unit("domain::record")),
    // The key is nobody's business.
    mutant("a key is printed for the curious", "src/domain/secret.rs", "f.write_str(\"***\")", "f.write_str(&self.0)", Test::Unit("domain::secret")),
    mutant("a key in the provider's words is shown", ERROR, "redacted(text.trim()).chars().take(MOST_CHARS).collect()", "text.trim().chars().take(MOST_CHARS).collect()", Test::Unit("api::error")),
    mutant("a request follows a redirection", "src/browser/fetch.rs", ".redirect(RequestRedirect::Error)", ".redirect(RequestRedirect::Follow)", Test::Browser("the_request_says_what_it_must_and_no_more")),
    // A file is measured before it is decoded.
    mutant("a bomb is decoded", "src/domain/intake.rs", "    if !fits(pixels, MOST_EDGE, MOST_PIXELS) {\n        return Err(Unfit::TooLarge(pixels));\n    }\n", "", Test::File("bad_images", "")),
    // The app as it is kept is whole.
    mutant("a file of a build is kept unseen", WORKER, "integrity, cache: 'reload'", "cache: 'reload'", Test::Story("a broken deploy changes nothing")),
    mutant("a build is filled from the HTTP cache", WORKER, "integrity, cache: 'reload'", "integrity, cache: 'default'", Test::Story("a host whose files are kept too long")),
    mutant("a new build deletes what was shared", WORKER, " && name !== SHARED", "", Test::Story("shared images outlast")),
    mutant("what is shared is added without a yes", "src/state/shared.rs", "self.asked.set(oldest);", "self.asked.set(oldest);\n                self.add();", Test::Story("what a strange page sends")),
    mutant("two windows add the same share", "src/state/shared.rs", "!matches!(alone, Ok(None)) && ", "", Test::Story("of two windows that ask")),
    mutant("what another window has added is added again", "src/state/shared.rs", " && !one.is_gone().await", "", Test::Story("of two windows that ask")),
    mutant("a share is forgotten before it is stored", "src/state/tray.rs", "failed.push(file.clone());", "", Test::Story("a shared image that finds no space")),
    mutant("a share of any size is kept", WORKER, "check(bytes.size <= MOST_BYTES);", "", Test::Story("what is too large")),
    mutant("a new build takes over at once", WORKER, "event.waitUntil(fill());", "skipWaiting(); event.waitUntil(fill());", Test::Story("a newer version waits for a yes")),
];
