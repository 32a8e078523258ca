//! Every text of the interface, in English and Japanese: in structs, so that a missing text does not compile.
//!
//! Two of them, because a first visit should wait for no text that it does not see: `Words` comes with the first file of wasm,
//! and the rest of `AllWords` with the second.
//!
//! Not leptos_i18n 0.6: measured on a page with these texts, its provider adds 15 kB of brotli (46 kB with its default
//! features) to a first load of 200, and a text that Japanese lacks is only a warning there.

mod en;
mod ja;

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// The languages of the interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "ja")]
    Japanese,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// The tag for `lang` attributes, `Intl` and storage.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// The language's name in itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Japanese => "日本語",
        }
    }

    /// The first of these tags (`ja-JP`, `en-US` …) that the interface speaks.
    #[must_use]
    pub fn choose(tags: &[String]) -> Self {
        let known = |tag: &String| {
            Self::ALL
                .into_iter()
                .find(|language| tag.starts_with(language.tag()))
        };
        tags.iter().find_map(known).unwrap_or_default()
    }

    /// The texts of the first paint.
    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &en::FIRST,
            Self::Japanese => &ja::FIRST,
        }
    }

    /// All texts. Named by the first file of wasm, they would all be in it.
    #[must_use]
    pub fn all_words(self) -> &'static AllWords {
        match self {
            Self::English => &en::ALL,
            Self::Japanese => &ja::ALL,
        }
    }
}

/// Puts values into a text's `{places}`.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (place, value)| {
        text.replace(&format!("{{{place}}}"), value)
    })
}

macro_rules! words {
    ($(#[$doc:meta])* $kind:ident { $($held:ident: $type:ty,)* } $($name:ident)*) => {
        $(#[$doc])*
        /// `{name}` in a text is a place for a value.
        #[derive(Debug)]
        pub struct $kind { $($held: $type,)* $(pub $name: &'static str,)* }

        impl $kind {
            /// Every text with its name, for tests and translators.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

words! {
    /// What the first paint shows: the texts of the first file of wasm.
    Words {}
    main create library settings badge_practice badge_openai badge_openai_no_key badge_compatible prompt
    prompt_placeholder generate estimated_cost cost_details model other_model model_id model_unknown retired
    shuts_down was_shut_down quality size custom_size width height square landscape portrait count format
    compression background style complexity moderation input_fidelity previews previews_hint more_settings
    value_auto value_low value_medium value_high value_xhigh value_max value_standard value_hd value_less_strict
    value_opaque value_transparent value_vivid value_natural preview_value price_unknown price_practice
    sure_official sure_measured sure_inferred sure_unknown welcome welcome_more move_to costs
}

words! {
    /// All texts: those of the first paint, and those of everything that comes after it.
    AllWords { first: &'static Words, }
    to_mend prompt_empty prompt_too_long prompt_holds_key model_missing count_limit value_not_offered
    transparent_format compression_limit no_edits too_many_images image_too_large image_type mask_size
    mask_too_large previews_limit size_multiple size_edge size_ratio size_few size_many size_list use_size
    free_practice part tokens per_million cost line_text line_given_images line_pictures line_previews
    line_published_extra line_per_picture at_most no_upper_bound sent_as text_is_approximate text_is_exact
    what_tokens_are tokens_text tokens_given tokens_made tokens_sure prices_of compare compare_by compare_models
    compare_qualities compare_sizes same_price costs_less costs_more less_or_more use_this in_use hint_pixels
    hint_tokens hint_step compare_note per_request results running look_large preview_not_saved cancel
    stop_waiting abort abort_may_cost abort_may_cost_unknown seconds done_of phase_background phase_queued
    phase_sent phase_sent_long phase_receiving phase_saving phase_waiting interrupted interrupted_more
    interrupted_row interrupted_paid download_reply understood reuse_settings download details delete undo
    dismiss revised_prompt made library_empty who_draws provider provider_practice provider_compatible
    practice_hint openai_hint compatible_hint mood mood_obliging mood_slow mood_refusing mood_dropping
    api_address api_key save_key forget_key key_goes_to key_held key_advice ask_models ask_models_hint key_saved
    key_forgotten no_key_shared_origin no_key_framed appearance language theme theme_system theme_light
    theme_dark this_computer copy_diagnostics diagnostics_hint erase_everything erase_hint erase_sure erase_now
    keep fewer fewer_advice other_size deleted copied damaged models_listed models_unread billed_practice
    billed_nothing billed_possible billed_possible_up_to billed_paid open_settings unknown_advice moderated
    moderated_output moderated_advice practice_refused_advice practice_dropped_advice practice_format
    practice_format_advice billing_limit billing_limit_advice quota quota_advice invalid_key invalid_key_advice
    not_verified not_verified_advice region region_advice model_not_found model_not_found_advice rate_limited
    slow_down rate_limited_advice overloaded invalid invalid_param invalid_advice refused refused_advice
    server_failed unsettled_status failed_midway not_the_api not_the_api_advice cut_short reply_not_json
    reply_junk reply_empty reply_addresses reply_too_much reply_kept_advice not_sent not_sent_advice offline
    offline_advice aborted aborted_advice timed_out network network_advice too_large no_key no_key_advice
    address_trouble address_malformed address_not_encrypted address_not_listed not_recorded not_saved
    not_saved_advice storage_trouble storage_unavailable storage_blocked month_utc nothing_spent
    requests_and_pictures from_backups unbounded_requests by_day by_model by_quality as_table day pictures confirmed possible
    latest_requests estimate bill not_billed perhaps_up_to download_csv budgets budgets_hint budget_day
    budget_month budget_batch ceiling ceiling_hint spent_of not_an_amount cost_unsaid dearer_than_thought
    budget_nearly_spent over_budget_day over_budget_month over_budget_batch over_budget_advice no_bound
    no_bound_advice sums_damaged sums_damaged_advice open_costs storage_newer storage_full storage_other
    file_trouble file_trouble_advice
    prices prices_built_in prices_loaded prices_hint prices_template load_prices prices_back prices_proposed prices_from_to
    prices_added prices_removed prices_repriced prices_repriced_row prices_altered prices_same and_more use_prices
    keep_prices prices_used prices_not_kept prices_built_in_again price_file_unread price_file_too_large
    price_file_malformed price_file_format price_file_contradiction price_file_not_newer price_file_future
    price_file_no_models price_file_bad_name price_file_named_twice price_file_implausible price_file_advice
    figure_rate figure_picture_price figure_tokens figure_limit figure_date daily_look daily_look_hint asked_on
    // What bills teach, damaged sums and wrong clocks
    bills_so_far learned learned_hint use_learned use_learned_hint requests estimated_sum billed_sum difference
    sure_from sure_same sure_few clock_behind clock_behind_advice trust_clock sums_mended lines_damaged
    lines_damaged_advice accept_loss
    mask_editor mask_canvas mask_tools draw_mask tool_brush tool_eraser tool_rectangle tool_ellipse tool_lasso
    tool_polygon tool_wand tool_fill brush_size brush_unit unit_image unit_screen image_pixels screen_pixels brush_hardness wand_tolerance wand_contiguous mask_opacity mask_more mask_tint tint_pink tint_green tint_blue tint_stripes one_finger finger_guess finger_draws finger_pans pen_pressure keys_resize keys_run keys_fingers
    mask_coverage mask_empty mask_full mask_covers place_top_left place_top place_top_right place_left
    place_centre place_right place_bottom_left place_bottom place_bottom_right mask_how mask_crosshair
    mask_crosshair_draws redo mask_invert mask_clear mask_grow mask_shrink mask_feather mask_pixels mask_import
    mask_export shortcuts done close zoom_in zoom_out zoom_fit zoom_actual mask_hide mask_box mask_left mask_top
    mask_width mask_height mask_box_add mask_box_subtract keys_tools keys_size keys_hardness keys_undo
    keys_whole keys_all keys_feather keys_line keys_subtract keys_pan keys_zoom_at keys_zoom keys_peek keys_hide keys_crosshair keys_draw keys_close
    keys_cancel mask_simplified mask_not_made mask_not_made_advice mask_not_png mask_damaged mask_is_drawn mask_too_many_pixels mask_other_size
    mask_refused_advice
    // Images of the request
    images add_images image_canvas image_reference remove move_left move_right canvas_hint image_input image_input_priced
    cleaned turned converted converted_first_frame looking_at drop_here edit use_as_reference made_from
    edit_note edit_note_mask image_refused unfit_empty unfit_not_a_picture unfit_drawing unfit_drawing_advice unfit_kind
    unfit_animated unfit_for_print unfit_damaged unfit_cut_short unfit_too_large unfit_too_heavy unfit_too_many unfit_too_many_advice
    unfit_no_edits unfit_no_edits_advice unfit_not_opened unfit_save_anew unfit_take_others unfit_copy_again
    unfit_make_smaller convert convert_first_frame convert_still_advice convert_smaller_advice images_gone
    shared shared_advice shared_unreadable shared_more shared_add shared_discard not_shared not_shared_advice
    // Helpers and hints on the prompt
    edit_helpers helper_add helper_replace helper_recolour helper_restyle phrase_add phrase_remove phrase_replace
    phrase_recolour phrase_restyle good_to_know limit_hard_text limit_other_script limit_exact_count
    limit_exact_position limit_medical say_no_more
    // The library and the trash
    search_library all_models kind kind_any kind_created kind_edited age age_any age_day age_week age_month age_year
    cost_any cost_nothing cost_cent cost_more collection collections all_collections favourites_only favourite
    found_all found_of nothing_found clear_filters choose_several choose_this choose_all chosen_n tags new_tag
    new_collection add add_to_collection remove_named remove_favourite previous_picture next_picture trash trash_empty
    trash_hint back_to_library restore delete_for_good empty_trash purge_sure deleted_many purged
    // Without a network, and newer versions
    offline_sign offline_sign_more without_network offline_ready offline_coming offline_refused update_ready
    update_keeps update_key update_waits update_now update_later
    // The queue
    phase_elsewhere phase_offline phase_asks phase_needs_key phase_paused queue_more remove_all_waiting queue_asks
    queue_asks_free queue_asks_most queue_asks_unknown queue_send queue_remove queue_needs_key queue_paused_refused
    queue_paused_budget queue_paused_storage queue_continue queue_silent queue_take_over waiting_requests
    waiting_itself waiting_ask waiting_hint no_longer_valid no_longer_valid_advice taken_over
    taken_over_advice queue_paused_broke
    // How the browser keeps what is made
    in_tab in_tab_advice in_tab_accepted accept_tab hindered_in_tab no_locks no_locks_advice only_tab
    hindered_no_locks blocked blocked_advice newer_schema newer_schema_advice given_up storage_given_up reload_page
    evicted evicted_pictures evicted_advice go_on_without hindered_evicted waits_to_be_saved hindered_unsaved no_room save_again let_go
    bytes_gone storage_kept kept_for_good kept_until_short kept_not_asked ask_to_keep used_space ballast ballast_hint
    ballast_none set_aside download_set_aside
    // Backup and restore
    backup backup_hint backup_never backup_today backup_last backup_due_advice backup_save backup_save_part
    backup_counting backup_saving backup_saving_part backup_restoring backup_restoring_part backup_stop
    backup_progress backup_next backup_nothing backup_called_off backup_saved backup_saved_parts backup_left_out
    backup_cleaned restore_backup restore_hint restore_unfinished restored_added restored_here restored_ledger
    backup_refused backup_refused_before backup_kept fault_not_backup fault_cut_short fault_damaged
    fault_other_program fault_name fault_too_large fault_newer fault_changed fault_advice_again
    fault_advice_update fault_advice_own
    // A folder for pictures
    folder folder_hint folder_choose folder_open folder_closed folder_reopen folder_stop folder_missing
    folder_failed folder_failed_advice
}

/// Whoever may name all texts names those of the first paint the same way.
impl Deref for AllWords {
    type Target = Words;

    fn deref(&self) -> &Words {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn no_text_is_empty_and_both_languages_fill_the_same_places() {
        let (en, ja) = (Language::English, Language::Japanese);
        let both = |words: fn(Language) -> Vec<(&'static str, &'static str)>| {
            words(en).into_iter().zip(words(ja))
        };
        let first = both(|language| language.words().all());
        let rest = both(|language| language.all_words().all());
        for ((name, english), (_, japanese)) in first.chain(rest) {
            assert!(
                !english.trim().is_empty() && !japanese.trim().is_empty(),
                "{name}"
            );
            assert_eq!(places(english), places(japanese), "{name}");
        }
    }

    #[test]
    fn the_language_is_the_first_that_is_spoken() {
        let choose = |tags: &[&str]| {
            Language::choose(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(choose(&["fr-FR", "ja-JP", "en"]), Language::Japanese);
        assert_eq!(choose(&["fr"]), Language::English);
    }

    #[test]
    fn places_are_filled() {
        assert_eq!(fill("{n} of {m}", &[("n", "1"), ("m", "{n}")]), "1 of {n}");
    }
}
